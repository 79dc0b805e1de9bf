// The requests that a replay reads, twice: request log files, or what the data directory of another run
// keeps.
#pragma once

#include "adapters/logs/log_source.hpp"
#include "cluster/replay/options.hpp"
#include "models/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace forestage::cluster {

class request_log {
public:
  request_log() = default;
  request_log(const request_log&) = delete;
  request_log& operator=(const request_log&) = delete;
  virtual ~request_log() = default;

  // One pass; two passes see the same. Errors: those of the reader; interrupted when the sink stopped it.
  [[nodiscard]] virtual models::result<adapters::logs::read_report>
  read(adapters::logs::log_sink& sink) const = 0;

  // The place of an event of the pass, for messages: "requests.csv:17".
  [[nodiscard]] virtual std::string place_of(const adapters::logs::log_event& event) const = 0;
  // What the columns mean, "time=start,resource=room"; empty when there are none.
  [[nodiscard]] virtual std::string columns() const = 0;
  // Whether it says which peer asked.
  [[nodiscard]] virtual bool has_peers() const noexcept = 0;
  // Whether it may say of which class a peer is.
  [[nodiscard]] virtual bool has_segments() const noexcept = 0;
  // Sentences for a person: what was found, and what is assumed.
  [[nodiscard]] virtual const std::vector<std::string>& notes() const noexcept = 0;
  // The interval that requests are known by; none when each has a time of its own.
  [[nodiscard]] virtual std::optional<std::int64_t> interval_seconds() const noexcept = 0;
};

// The log that the options name. Errors: those of the readers; invalid_argument for options that do not fit
// the kind of log.
[[nodiscard]] models::result<std::unique_ptr<request_log>> open_log(const replay_options& options);

} // namespace forestage::cluster
