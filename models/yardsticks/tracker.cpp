#include "models/yardsticks/tracker.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

namespace forestage::models {

using namespace yardsticks;

namespace {

// The part of a span in which counts are known. Spans come in ascending order.
class known_length {
public:
  explicit known_length(const key_round& round)
      : missing_(round.missing)
      , first_(round.first) {}
  [[nodiscard]] std::int64_t operator()(std::int64_t from, std::int64_t to) {
    auto known = to - from;
    while (next_ < missing_.size() && missing_[next_] - first_ < from)
      ++next_;
    for (; next_ < missing_.size() && missing_[next_] - first_ < to; ++next_)
      --known;
    return known;
  }

private:
  std::span<const interval_number> missing_;
  interval_number first_;
  std::size_t next_ = 0;
};

// Scores the runs of one policy against the round's counts: used = sum of min(a, d) over the counts that a
// run covers, and allocated = a times the run's length. Cold and waste follow from these two.
class run_score {
public:
  run_score(const key_round& round, std::int64_t quarters = 4)
      : cells_(round.own_cells())
      , known_(round)
      , quarters_(quarters) {}

  void operator()(std::int64_t count, std::int64_t from, std::int64_t to) {
    const auto allocation = with_headroom(count, quarters_);
    allocated_ += allocation * known_(from, to);
    while (next_ < cells_.size() && cells_[next_].offset < from)
      ++next_;
    for (; next_ < cells_.size() && cells_[next_].offset < to; ++next_)
      used_ += std::min<std::int64_t>(allocation, cells_[next_].count);
  }
  [[nodiscard]] std::int64_t allocated() const noexcept { return allocated_; }
  [[nodiscard]] std::int64_t used() const noexcept { return used_; }

private:
  std::span<const stored_cell> cells_;
  known_length known_;
  std::int64_t quarters_;
  std::size_t next_ = 0;
  std::int64_t allocated_ = 0;
  std::int64_t used_ = 0;
};

// The same for every headroom of the grid at once. Every headroom is at least 1, so a count that the plain
// allocation covers is used whole by all of them; and whole headrooms are multiples of the plain one.
class grid_score {
public:
  static constexpr auto size = tuned_headroom_quarters.size();

  explicit grid_score(const key_round& round)
      : cells_(round.own_cells())
      , known_(round) {}

  void operator()(std::int64_t count, std::int64_t from, std::int64_t to) {
    const auto known = known_(from, to);
    for (std::size_t h = 0; h < size; ++h)
      if (h == 0 || !is_whole(h)) allocated_[h] += with_headroom(count, tuned_headroom_quarters[h]) * known;
    while (next_ < cells_.size() && cells_[next_].offset < from)
      ++next_;
    for (; next_ < cells_.size() && cells_[next_].offset < to; ++next_) {
      const std::int64_t came = cells_[next_].count;
      covered_ += came;
      if (came <= count) continue;
      for (std::size_t h = 0; h < size; ++h)
        missed_[h] += std::max<std::int64_t>(came - with_headroom(count, tuned_headroom_quarters[h]), 0);
    }
  }
  [[nodiscard]] std::int64_t allocated(std::size_t h) const noexcept {
    return is_whole(h) ? allocated_[0] * (tuned_headroom_quarters[h] / 4) : allocated_[h];
  }
  [[nodiscard]] std::int64_t used(std::size_t h) const noexcept { return covered_ - missed_[h]; }

private:
  static constexpr bool is_whole(std::size_t h) noexcept { return tuned_headroom_quarters[h] % 4 == 0; }
  static_assert(tuned_headroom_quarters[0] == 4, "the first headroom is 1, the least");

  std::span<const stored_cell> cells_;
  known_length known_;
  std::size_t next_ = 0;
  std::int64_t covered_ = 0; // requests in intervals with an allocation
  std::array<std::int64_t, size> allocated_{};
  std::array<std::int64_t, size> missed_{};
};

// Collects the runs of one policy, joining neighbours of the same allocation, and scores them.
class run_collector {
public:
  run_collector(const key_round& round, const yardstick_settings& settings, yardstick policy,
                std::int64_t quarters, std::vector<allocation_run>& runs)
      : score_(round, quarters)
      , first_(settings.first)
      , policy_(policy)
      , quarters_(quarters)
      , runs_(runs)
      , begin_(runs.size()) {}

  void operator()(std::int64_t count, std::int64_t from, std::int64_t to) {
    score_(count, from, to);
    const auto allocation = with_headroom(count, quarters_);
    if (runs_.size() > begin_ && runs_.back().to == first_ + from && runs_.back().allocation == allocation)
      runs_.back().to = first_ + to;
    else
      runs_.push_back({policy_, first_ + from, first_ + to, allocation});
  }
  [[nodiscard]] const run_score& score() const noexcept { return score_; }

private:
  run_score score_;
  interval_number first_;
  yardstick policy_;
  std::int64_t quarters_;
  std::vector<allocation_run>& runs_;
  std::size_t begin_;
};

void add(policy_sums& sums, std::int64_t requests, std::int64_t allocated, std::int64_t used) noexcept {
  sums.cold += requests - used;
  sums.waste += allocated - used;
  sums.allocated += allocated;
  sums.used += used;
}

// The candidates of a tuned policy, and the policy that is its headroom 1 (when there is one).
void add(yardstick_sums::candidates& sums, policy_sums* plain, std::int64_t requests,
         const grid_score& score) noexcept {
  for (std::size_t h = 0; h < grid_score::size; ++h) {
    sums[h].cold += requests - score.used(h);
    sums[h].waste += score.allocated(h) - score.used(h);
  }
  if (plain != nullptr) add(*plain, requests, score.allocated(0), score.used(0));
}

// Runs one policy: `each(emit)` emits its runs before headroom.
template <class Each>
void score_policy(const key_round& round, const yardstick_settings& settings, yardstick policy,
                  std::int64_t quarters, std::int64_t requests, yardstick_sums& out,
                  std::vector<allocation_run>* runs, Each each) {
  if (runs == nullptr) {
    run_score score{round, quarters};
    each(score);
    add(out.of(policy), requests, score.allocated(), score.used());
  } else {
    run_collector collector{round, settings, policy, quarters, *runs};
    each(collector);
    add(out.of(policy), requests, collector.score().allocated(), collector.score().used());
  }
}

constexpr std::array window_policies{
    yardstick::reactive, yardstick::keepalive_3, yardstick::keepalive_6,
    yardstick::keepalive_12}; // the first windows of tuned_windows, in its order

} // namespace

yardstick_workspace::yardstick_workspace(const yardstick_settings& settings)
    : settings_(settings)
    , memory_intervals_(std::max({fractile_days * settings.per_day, settings.per_week,
                                  settings.lead + std::int64_t{tuned_windows.back()}}))
    , slots_(settings.per_day, settings.lead, settings.cost_under, settings.cost_over) {
  const auto n = settings.evaluation - settings.first;
  if (n > 0) static_place_ = n - fractile_rank(settings.cost_under, settings.cost_over, n) + 1;
}

result<yardstick_workspace> yardstick_workspace::make(const yardstick_settings& settings) {
  if (auto checked = validate(settings); !checked) return checked.failure();
  return yardstick_workspace{settings};
}

void yardstick_workspace::choose(tuned_choice choice) noexcept {
  assert(choice.window < tuned_windows.size() && choice.headroom < tuned_headroom_quarters.size() &&
         choice.week_headroom < tuned_headroom_quarters.size());
  choice_ = choice;
}

std::int64_t yardstick_tracker::static_allocation(const yardstick_workspace& work) const {
  if (evaluating_) return static_;
  return work.static_place_ == 0 ? 0 : warmup_.kth_largest(work.static_place_);
}

bool yardstick_tracker::idle(const yardstick_workspace& work, interval_number from,
                             interval_number to) const {
  const auto offset = from - work.settings_.first;
  if (!history_.empty() && history_.back().offset + work.memory_intervals_ >= offset) return false;
  return to <= work.settings_.evaluation || static_allocation(work) == 0;
}

void yardstick_tracker::advance(yardstick_workspace& work, std::span<const cell> cells, interval_number from,
                                interval_number to, yardstick_sums& out, std::vector<allocation_run>* runs,
                                std::span<const interval_number> missing) {
  const auto& settings = work.settings_;
  const auto evaluation = settings.evaluation - settings.first;
  const auto end = to - settings.first;
  auto at = from - settings.first;
  assert(at >= 0 && at <= end && end <= std::numeric_limits<std::int32_t>::max());
  assert(at == next_ || (at > next_ && idle(work, settings.first + next_, from)));
  std::size_t next_cell = 0;
  while (at < end) {
    auto stop = std::min(at + settings.per_day, end);
    if (at < evaluation) stop = std::min(stop, evaluation);
    if (at >= evaluation && !evaluating_) {
      static_ = static_cast<std::uint32_t>(static_allocation(work));
      warmup_ = {};
      evaluating_ = true;
    }
    const auto own = history_.size();
    for (; next_cell < cells.size() && cells[next_cell].interval - settings.first < stop; ++next_cell) {
      const auto& cell = cells[next_cell];
      assert(cell.interval - settings.first >= at);
      if (cell.count == 0) continue;
      history_.push_back({static_cast<std::int32_t>(cell.interval - settings.first), cell.count});
      if (!evaluating_) warmup_.add(cell.count);
    }
    if (history_.size() > dead_ || static_ != 0)
      advance_round(work, at, stop, own, missing, out, evaluating_ ? runs : nullptr);
    forget(stop - work.memory_intervals_);
    at = stop;
  }
  next_ = static_cast<std::int32_t>(end);
}

// Scores the round [from, to), whose counts begin at history_[own].
void yardstick_tracker::advance_round(yardstick_workspace& work, std::int64_t from, std::int64_t to,
                                      std::size_t own, std::span<const interval_number> missing,
                                      yardstick_sums& out, std::vector<allocation_run>* runs) {
  const auto& settings = work.settings_;
  const key_round round{
      std::span{history_}.subspan(dead_), own - dead_, from, to, settings.lead, missing, settings.first};
  if (work.queue_.size() < round.known.size()) work.queue_.resize(round.known.size() * 2);
  std::int64_t requests = 0;
  for (const auto& cell : round.own_cells())
    requests += cell.count;
  out.requests += requests;
  add(out.of(yardstick::none), requests, 0, 0);
  add(out.of(yardstick::oracle), requests, requests, requests);

  const auto score = [&](yardstick policy, std::int64_t quarters, auto each) {
    score_policy(round, settings, policy, quarters, requests, out, runs, each);
  };
  const auto window = [&](std::size_t index) {
    return [&, index](auto& emit) { window_runs(round, tuned_windows[index], work.queue_, emit); };
  };
  const auto shifted = [&](std::int64_t shift) {
    return [&, shift](auto& emit) { shifted_runs(round, shift, emit); };
  };

  if (!evaluating_) {
    for (std::size_t w = 0; w < tuned_windows.size(); ++w) {
      grid_score grid{round};
      window(w)(grid);
      add(out.windows[w], w < window_policies.size() ? &out.of(window_policies[w]) : nullptr, requests, grid);
    }
    grid_score grid{round};
    shifted(settings.per_week)(grid);
    add(out.weeks, &out.of(yardstick::last_week), requests, grid);
  } else {
    for (std::size_t w = 0; w < window_policies.size(); ++w)
      score(window_policies[w], 4, window(w));
    score(yardstick::last_week, 4, shifted(settings.per_week));
    score(yardstick::static_q, 4, [&](auto& emit) {
      if (static_ != 0) emit(std::int64_t{static_}, from, to);
    });
    score(yardstick::reactive_tuned, tuned_headroom_quarters[work.choice_.headroom],
          window(work.choice_.window));
    score(yardstick::last_week_tuned, tuned_headroom_quarters[work.choice_.week_headroom],
          shifted(settings.per_week));
  }
  score(yardstick::last_day, 4, shifted(settings.per_day));
  score(yardstick::tod14, 4, [&](auto& emit) { work.slots_.runs(round, emit); });
}

// Drops the counts before an offset, now and then for real: a quarter of dead ones is bearable.
void yardstick_tracker::forget(std::int64_t before) {
  const auto live = first_at(history_, dead_, before);
  dead_ = static_cast<std::uint32_t>(live);
  if (live == history_.size()) {
    std::vector<stored_cell>{}.swap(history_);
    dead_ = 0;
  } else if (live * 4 >= history_.size()) {
    history_.erase(history_.begin(), history_.begin() + static_cast<std::ptrdiff_t>(live));
    dead_ = 0;
  }
}

} // namespace forestage::models
