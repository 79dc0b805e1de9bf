// What a log that was cut off has to hold: a memory log that follows the acknowledged steps of a stream.
#pragma once

#include "adapters/memory/memory_demand_log.hpp"
#include "tests/support/demand_log_stream.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace forestage::tests {

class expected_content {
public:
  explicit expected_content(const demand_log_stream& stream)
      : stream_(stream) {
    open();
  }

  // Brings the memory log to the state after `steps` steps. Backwards starts again.
  void advance(std::uint64_t steps) {
    if (steps < done_) open();
    for (; done_ < steps; ++done_)
      if (!stream_.apply(*log_, done_)) std::abort();
  }

  // How many steps a log holds: `from` or up to `more` beyond; nothing when it equals none of these states.
  [[nodiscard]] std::optional<std::uint64_t> steps_in(actors::demand_log& log, std::uint64_t from,
                                                      std::uint64_t more) {
    for (auto steps = from; steps <= from + more; ++steps) {
      advance(steps);
      if (same_content(*log_, log)) return steps;
    }
    return std::nullopt;
  }

private:
  void open() {
    log_.reset();
    log_ = adapters::memory_demand_log::open(std::make_shared<adapters::memory_disk>()).value();
    done_ = 0;
  }

  demand_log_stream stream_;
  std::unique_ptr<adapters::memory_demand_log> log_;
  std::uint64_t done_ = 0;
};

} // namespace forestage::tests
