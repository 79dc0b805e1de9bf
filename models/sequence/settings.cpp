#include "models/sequence/settings.hpp"

#include <string>

namespace forestage::models {

namespace {

status within(std::string_view name, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return success();
  return error{errc::invalid_argument, "sequence." + std::string{name} + " = " + std::to_string(value) +
                                           ": give a whole number from " + std::to_string(least) + " to " +
                                           std::to_string(most)};
}

} // namespace

status validate(const sequence_settings& s) {
  struct bound {
    std::string_view name;
    std::int64_t value, least, most;
  };
  for (const auto& b :
       {bound{"half_life", s.half_life, 1, 1'000'000}, bound{"orders", s.orders, 0, 3},
        bound{"most_contexts", s.most_contexts, 64, 1 << 24},
        bound{"most_resources", s.most_resources, 64, 1 << 24},
        bound{"most_successors", s.most_successors, 1, 255},
        bound{"most_segments", s.most_segments, 1, 65'536},
        bound{"most_peers", s.most_peers, 64, 100'000'000}, bound{"most_open", s.most_open, 64, 100'000'000},
        bound{"window_from", s.window_from, 1, 16}, bound{"window_to", s.window_to, s.window_from, 16},
        bound{"most_per_peer", s.most_per_peer, 1, 64}})
    if (auto fine = within(b.name, b.value, b.least, b.most); !fine) return fine;
  if (!(s.least_probability > 0 && s.least_probability < 1))
    return error{errc::invalid_argument,
                 "sequence.least_probability: give a probability between 0 and 1, for instance 0.05"};
  if (!(s.lift >= 1 && s.lift <= 1e6))
    return error{errc::invalid_argument, "sequence.lift: give a factor from 1 to 1000000, for instance 1.25"};
  return success();
}

} // namespace forestage::models
