// Scores every yardstick for one key, a (resource, region), from its non-zero counts alone.
//
// A replay has hundreds of thousands of keys and nearly all of their intervals are zero, so nothing here
// loops over intervals: an allocation is constant between changes, a run of it is scored in closed form, and
// only non-zero counts are looked at. The sums are exactly those of the interval-by-interval definition
// (docs/yardsticks.md says why). Pure; no clock, no I/O. A workspace serves one thread at a time; trackers
// are values.
#pragma once

#include "models/yardsticks/fractile.hpp"
#include "models/yardsticks/runs.hpp"
#include "models/yardsticks/yardstick.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::models {

// The requests of a key in an interval; only non-zero ones need be told.
struct cell {
  interval_number interval;
  std::uint32_t count = 0;
  friend bool operator==(const cell&, const cell&) = default;
  template <class Archive> void fields(Archive& archive) { archive(interval, count); }
};

// Units that a yardstick holds ready in each interval of [from, to).
struct allocation_run {
  yardstick policy = yardstick::none;
  interval_number from;
  interval_number to;
  std::int64_t allocation = 0; // > 0
  friend bool operator==(const allocation_run&, const allocation_run&) = default;
};

// What all keys of a run share: the settings, what follows from them, and scratch memory (per_day * 61 bytes
// and the largest key's counts). Never part of a snapshot.
class yardstick_workspace {
public:
  // Errors: invalid_argument (see validate).
  [[nodiscard]] static result<yardstick_workspace> make(const yardstick_settings& settings);

  [[nodiscard]] const yardstick_settings& settings() const noexcept { return settings_; }

  // The tuned yardsticks of the evaluation part: choose_tuned of the warm-up sums of every key of every
  // shard. To be called before the first interval of that part, and again after a restart; without a call
  // they are window 1 and headroom 1. Precondition: the indices lie in the grids.
  void choose(tuned_choice choice) noexcept;
  [[nodiscard]] tuned_choice chosen() const noexcept { return choice_; }

private:
  friend class yardstick_tracker;
  explicit yardstick_workspace(const yardstick_settings& settings);

  yardstick_settings settings_;
  tuned_choice choice_;
  std::int64_t memory_intervals_ = 0; // how long a count matters
  std::int64_t static_place_ = 0; // static_q's place from the top of the warm-up counts; 0: there are none
  yardsticks::fractile_slots slots_;
  std::vector<yardsticks::stored_cell> queue_;
};

// The state of one key: 72 bytes, 8 per non-zero count of the last max(14 days, a week, L + 288) intervals
// (up to 22 with the slack of growing and forgetting), and in the warm-up part a tally of its distinct
// counts. It may come into being at the key's first event: all before is zero, and so is every allocation.
class yardstick_tracker {
public:
  // Processes the closed intervals [from, to) and adds their totals to `out`.
  //
  // cells: the non-zero counts in [from, to), ascending; zeros are ignored.
  // from: where the last call ended; but calls may be left out while idle(), for an idle key allocates
  // nothing. runs: when given, what each policy holds in the evaluation part's intervals is appended, policy
  // by policy and ascending within a policy, for each piece of the call. `none` and `oracle` have no runs.
  //
  // missing: intervals of [from, to) whose count is not known, ascending, none of them in `cells`. What a
  // policy holds in them is not scored (its runs tell of it all the same); to the policies that look back
  // they are intervals without requests.
  //
  // A call may be of any length: it is cut into pieces of a day, and where the evaluation part starts. A
  // whole day in a call is the fastest. Preconditions: settings.first <= from <= to; `to` is fewer than 2^31
  // intervals after settings.first; the settings are the same in every call.
  void advance(yardstick_workspace& work, std::span<const cell> cells, interval_number from,
               interval_number to, yardstick_sums& out, std::vector<allocation_run>* runs = nullptr,
               std::span<const interval_number> missing = {});

  // True when every allocation in [from, to) is 0 as long as no event comes: a call for it without cells adds
  // nothing. Preconditions: as advance.
  [[nodiscard]] bool idle(const yardstick_workspace& work, interval_number from, interval_number to) const;

  // Appends the tracker as bytes: a version byte, then varints (tracker_snapshot.cpp). Canonical: the same
  // counts up to the same interval give the same bytes, however they were split into calls.
  void write_to(std::string& bytes) const;
  // Consumes what write_to wrote from the front of `bytes`. A restored tracker continues bit for bit.
  // Errors: incompatible (another version), invalid_data (truncated or senseless).
  [[nodiscard]] static result<yardstick_tracker> read_from(std::string_view& bytes);

private:
  void advance_round(yardstick_workspace& work, std::int64_t from, std::int64_t to, std::size_t own,
                     std::span<const interval_number> missing, yardstick_sums& out,
                     std::vector<allocation_run>* runs);
  void forget(std::int64_t before);
  [[nodiscard]] std::int64_t static_allocation(const yardstick_workspace& work) const;

  std::vector<yardsticks::stored_cell> history_; // ascending; the first dead_ no longer matter
  yardsticks::count_tally warmup_;               // dropped when the evaluation part starts
  std::int32_t next_ = 0;                        // offset of the next interval
  std::uint32_t dead_ = 0;
  bool evaluating_ = false;  // static_ is fixed
  std::uint32_t static_ = 0; // static_q
};

} // namespace forestage::models
