#include "models/interval.hpp"

namespace forestage::models {

result<interval_grid> interval_grid::make(std::int64_t seconds) {
  if (seconds < 1 || seconds > seconds_per_day || seconds_per_day % seconds != 0)
    return {errc::invalid_argument,
            "an interval must divide a day (1 s to 24 h), for instance 1m, 5m, 15m or 1h; " +
                std::to_string(seconds) + " s does not"};
  return interval_grid{seconds};
}

} // namespace forestage::models
