// The first pass over a log: its span, its names, its totals. The second pass (round_feeder.hpp) counts.
#pragma once

#include "cluster/replay/options.hpp"
#include "cluster/replay/request_log.hpp"
#include "models/demand/segments/segment_shares.hpp"
#include "models/ids.hpp"
#include "models/interval.hpp"
#include "models/metrics/trace.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace forestage::cluster {

// Names as dense numbers, in the order of appearance.
template <class Id> class name_table {
public:
  // The number of a name; `text` is a valid id (the readers check).
  std::uint32_t number_of(std::string_view text) {
    if (const auto at = numbers_.find(text); at != numbers_.end()) return at->second;
    const auto number = static_cast<std::uint32_t>(names_.size());
    names_.push_back(Id::make(text).value());
    numbers_.emplace(std::string{text}, number);
    return number;
  }
  [[nodiscard]] const Id& operator[](std::uint32_t number) const { return names_[number]; }
  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }

private:
  struct hasher {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::vector<Id> names_;
  std::unordered_map<std::string, std::uint32_t, hasher, std::equal_to<>> numbers_;
};

// What was seen of classes of peers.
struct segment_survey {
  std::size_t names = 0; // that the log has
  std::size_t too_small =
      0; // (region, segment) hidden in `other`: fewer than min_peers peers, or hiding those
  std::size_t too_many = 0; // names beyond the busiest that fit: in `other`, too
};
// More names than this are no classes of peers.
inline constexpr std::size_t most_segment_names = 10'000;

struct log_survey {
  models::interval_number first{}, end{}; // the span [first, end)
  models::interval_number evaluation{};   // where the evaluation part begins
  std::int64_t first_second = 0, last_second = 0;
  std::int64_t requests = 0, missing = 0;
  std::int64_t lateness = 0; // intervals that a row lay behind the newest row before it, at most
  adapters::logs::read_report report;
  name_table<models::resource_id> resources;
  name_table<models::region_id> regions;
  models::segment_table segments; // empty unless the log tells some apart
  segment_survey segment_names;
  std::vector<std::uint32_t> segments_hidden;  // by region: bit s, for too few peers in segment s
  std::vector<std::int64_t> evaluation_demand; // by region; filled when the budget is a multiple
  std::vector<models::traced_key> busiest;     // keys with the most requests; filled for a report

  [[nodiscard]] std::int64_t intervals() const noexcept { return end - first; }
  // 0 where it is not told apart.
  [[nodiscard]] models::segment_number segment_of(std::uint32_t region, std::string_view name) const {
    const auto number = segments.number_of(name);
    return region < segments_hidden.size() && (segments_hidden[region] >> number & 1U) != 0
               ? models::segment_number{0}
               : number;
  }
};

// More intervals than this are a stray timestamp, not a log.
inline constexpr std::int64_t max_intervals = std::int64_t{1} << 22;

// Errors: those of the reader; invalid_data when nothing was selected or the span is out of proportion.
[[nodiscard]] models::result<log_survey> survey_log(const request_log& log, const models::interval_grid& grid,
                                                    const replay_options& options,
                                                    const progress_function& progress);

} // namespace forestage::cluster
