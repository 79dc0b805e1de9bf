// When a source of requests has failed: silence where silence is next to impossible.
//
// What a log does not say is not zero demand. A whole log, or a busy region of it, that falls silent although
// the hour before and the same time of the last two weeks never came close to silence, has lost its source:
// from there on its intervals are unknown, until a request comes, the time comes at which silence is usual,
// or a day has gone by, after which the silence is believed.
// Silent intervals are held once surely_heard requests would have come since the silence began, within two
// hours, and twice as many as in any silence before that was no outage (people who talk fall silent): for a
// Poisson count a chance of e^-30; for totals that vary by a third of their mean about 1e-6.
// What would have come is the least of: the hour before the silence; the hours from three before to three
// after the same time one and two weeks ago. So a log that closes at night or at weekends, one that closes an
// hour or two early, and the days after a change of daylight saving are no outages, nor is a holiday: its
// silence begins while the log is closed. The price: nothing is noticed in a log's first week, near closing
// hours, or below thirty requests an hour. The intervals before the one that makes it sure have been learned
// as zeros already.
// Whether t is held depends on counts up to and with t alone. Integers throughout. O(1) per interval with
// requests; O(intervals of an hour) per silent one; memory: 4 bytes per interval of two weeks.
#pragma once

#include "models/ids.hpp"
#include "models/interval.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::models {

inline constexpr std::int64_t surely_heard = 30; // requests

// Intervals [from, to) whose counts are unknown.
struct outage {
  interval_number from{}, to{};
  bool everywhere = true; // else in one region:
  std::string region{};
  friend bool operator==(const outage&, const outage&) = default;
  template <class Archive> void fields(Archive& archive) { archive(from, to, everywhere, region); }
};

// So many are remembered, for keys that sleep; older ones pass for zeros there.
inline constexpr std::size_t most_outages = 1'024;

// One source.
class silence_watch {
public:
  // A source that was silent for so many intervals.
  explicit silence_watch(interval_grid grid, std::int64_t silent = 0);

  // Folds the total of the next interval; true when the interval is to be held. known: false when it is held
  // for another reason already (the answer is false then).
  bool observe(std::int64_t total, bool known = true);

private:
  static constexpr std::uint32_t unknown = ~std::uint32_t{0};
  [[nodiscard]] std::uint32_t& place(std::int64_t at) {
    return totals_[static_cast<std::size_t>(at) % totals_.size()];
  }
  // Sum over an hour that begins at `at`, or -1 when it is not known.
  [[nodiscard]] std::int64_t hour_from(std::int64_t at);
  // The least hour around the same time of earlier weeks; 0 when nothing is known.
  [[nodiscard]] std::int64_t least_hour(std::int64_t at);

  std::int64_t hour_, per_day_, per_week_;
  bool works_; // intervals of at most an hour
  std::vector<std::uint32_t> totals_;
  std::int64_t next_;
  std::int64_t silent_;       // intervals, the newest included
  std::int64_t before_ = 0;   // requests in the hour before
  std::int64_t expected_ = 0; // since then, in requests times intervals of an hour
  std::int64_t longest_ = 0;  // the same, of a silence that was none: what this source is used to
  bool out_ = false;
};

// A log and its regions.
class outage_watch {
public:
  explicit outage_watch(interval_grid grid)
      : grid_(grid)
      , all_(grid) {}

  // The requests of a round by interval: of the log, and of those regions that have any and are watched.
  struct totals {
    std::vector<std::int64_t> all;
    std::map<std::string, std::vector<std::int64_t>, std::less<>> regions;
  };
  [[nodiscard]] bool watches(std::string_view region) const;
  // Folds a round that begins at `from`, the next one; the outages in it, by their beginning.
  [[nodiscard]] std::vector<outage> fold(interval_number from, const totals& round);

private:
  interval_grid grid_;
  silence_watch all_;
  std::map<std::string, silence_watch, std::less<>> regions_; // the first ones that come
  std::int64_t folded_ = 0;
};

} // namespace forestage::models
