// What the fuzz targets of the log readers share: one input read as a whole log, and the promises that hold
// for any bytes.
#pragma once

#include "adapters/logs/log_source.hpp"
#include "adapters/logs/time_text.hpp"
#include "models/ids.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace forestage::tests {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// What a pass saw, so that two passes can be compared.
struct pass_digest {
  adapters::logs::read_report report;
  std::uint64_t digest = 0;
  std::string error;
};

inline pass_digest read_pass(const adapters::logs::log_source& source) {
  pass_digest seen;
  auto report = source.read_each([&](const adapters::logs::log_event& event) {
    require(event.time_us >= adapters::logs::first_time_us && event.time_us < adapters::logs::end_time_us);
    require(event.count >= 0 && event.count <= 1'000'000'000'000);
    require(!event.missing || event.count == 0);
    require(!event.size_bytes || *event.size_bytes >= 0);
    require(event.line >= 1);
    for (const auto id : {event.resource, event.region, event.peer})
      require(id.size() <= models::max_name_bytes && models::is_utf8(id));
    seen.digest = seen.digest * 31 + models::stable_hash(event.resource) +
                  static_cast<std::uint64_t>(event.time_us) + event.line;
  });
  if (!report) {
    require(!report.failure().text.empty());
    seen.error = report.failure().text;
    return seen;
  }
  seen.report = *report;
  require(seen.report.selected_rows + seen.report.bad_rows <= seen.report.rows);
  require(seen.report.first_bad_rows.size() ==
          std::min<std::uint64_t>(seen.report.bad_rows, adapters::logs::max_bad_rows_kept));
  for (const auto& row : seen.report.first_bad_rows)
    require(!row.reason.empty() && row.line >= 1);
  return seen;
}

// Opens the bytes as a log and makes two passes, which have to agree.
inline void read_as_log(std::string_view bytes, adapters::logs::read_options options = {}) {
  const auto source = adapters::logs::log_source::open_bytes("input", bytes, std::move(options));
  if (!source) {
    require(!source.failure().text.empty());
    return;
  }
  require(!(*source).notes().empty());
  const auto first = read_pass(*source);
  const auto second = read_pass(*source);
  require(first.digest == second.digest && first.error == second.error);
  require(first.report.rows == second.report.rows && first.report.bad_rows == second.report.bad_rows);
}

} // namespace forestage::tests
