#include "cluster/replay/round_feeder.hpp"

#include <algorithm>
#include <limits>

namespace forestage::cluster {

using models::errc;
using models::interval_number;

namespace {

struct row {
  std::uint32_t resource = 0, region = 0;
  std::int64_t interval = 0;
  std::uint64_t count = 0;
  bool missing = false;      // nobody knows the count
  std::uint32_t segment = 0; // of a missing count: 0
  [[nodiscard]] auto cell() const { return std::tuple{resource, region, interval}; }
  [[nodiscard]] auto key() const { return std::tuple{resource, region, interval, segment}; }
};

// The rows of an open round. Folded whenever they have doubled.
class open_round {
public:
  void add(const row& r) {
    rows_.push_back(r);
    if (rows_.size() >= fold_at_) {
      fold();
      fold_at_ = std::max<std::size_t>(std::size_t{1} << 16, 2 * rows_.size());
    }
  }
  [[nodiscard]] std::vector<row> take() {
    fold();
    return std::move(rows_);
  }
  peer_requests requests;

private:
  void fold() {
    std::sort(rows_.begin(), rows_.end(), [](const row& a, const row& b) { return a.key() < b.key(); });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      // What another row counts is known.
      if (kept > 0 && rows_[kept - 1].key() == rows_[i].key()) {
        rows_[kept - 1].count += rows_[i].count;
        rows_[kept - 1].missing = rows_[kept - 1].missing && rows_[i].missing;
      } else {
        rows_[kept++] = rows_[i];
      }
    }
    rows_.resize(kept);
  }
  std::vector<row> rows_;
  std::size_t fold_at_ = std::size_t{1} << 16;
};

class feeder final : public adapters::logs::log_sink {
public:
  feeder(const request_log& log, const models::interval_grid& grid, log_survey& survey,
         const round_function& on_round, const progress_function& progress,
         const requests_function& on_requests)
      : log_(log)
      , grid_(grid)
      , survey_(survey)
      , on_round_(on_round)
      , progress_(progress)
      , on_requests_(on_requests)
      , spans_(rounds_of(grid, survey.first, survey.evaluation, survey.end))
      , newest_(survey.first.value()) {}

  bool on_event(const adapters::logs::log_event& event) override {
    const auto t = grid_.at(event.time_us / 1'000'000);
    if (t < survey_.first || t >= survey_.end) return true; // the log has grown since the first pass
    if (t < spans_[last_].from || t >= spans_[last_].to) last_ = index_of(t);
    if (event.missing && last_ < done_) return true; // it comes too late to be left out
    if (last_ < done_)
      return fail({errc::invalid_data,
                   log_.place_of(event) +
                       ": the log has changed between the two passes; replay it when it is complete"});
    while (open_.size() <= last_ - done_)
      open_.emplace_back();
    const auto region = survey_.regions.number_of(event.region);
    const row counted{survey_.resources.number_of(event.resource),
                      region,
                      t.value(),
                      event.missing ? 0 : static_cast<std::uint64_t>(event.count),
                      event.missing,
                      event.missing ? 0U : survey_.segment_of(region, event.segment)};
    open_[last_ - done_].add(counted);
    if (event.missing) return true;
    if (on_requests_ && event.count > 0) keep(event, counted, open_[last_ - done_].requests);
    if (t.value() > newest_) {
      newest_ = t.value();
      while (done_ < spans_.size() && spans_[done_].to.value() + survey_.lateness <= newest_)
        if (!close()) return false;
    }
    return true;
  }
  bool on_progress(std::uint64_t bytes, std::uint64_t total) override {
    bytes_ = bytes;
    total_bytes_ = total;
    return progress_("replaying", bytes, total);
  }

  bool close_all() {
    while (done_ < spans_.size())
      if (!close()) return false;
    return true;
  }
  std::optional<models::error> failure;

private:
  bool fail(models::error e) {
    failure = std::move(e);
    return false;
  }
  void keep(const adapters::logs::log_event& event, const row& counted, peer_requests& into) {
    if (event.peer.empty() || rows_kept_ >= most_rows) {
      ++into.left_out;
      return;
    }
    ++rows_kept_;
    into.all.push_back({event.time_us, models::stable_hash(event.peer), counted.resource, counted.region,
                        interval_number{counted.interval}});
  }
  [[nodiscard]] std::size_t index_of(interval_number t) const {
    const auto at = std::upper_bound(spans_.begin(), spans_.end(), t,
                                     [](interval_number n, const round_span& s) { return n < s.to; });
    return static_cast<std::size_t>(at - spans_.begin());
  }
  bool close() {
    actors::routed_round round;
    round.number = done_ + 1;
    round.from = spans_[done_].from;
    round.to = spans_[done_].to;
    auto& events = round.events;
    events.session = "replay";
    events.sequence = round.number;
    if (!open_.empty()) {
      if (on_requests_) hand_over(std::move(open_.front().requests));
      if (!name(open_.front().take(), events)) return false;
      open_.pop_front();
    }
    ++done_;
    // A few bytes of a log may be hours of work: whoever wants to stop is heard between any two rounds.
    if (!progress_("replaying", bytes_, total_bytes_))
      return fail({errc::interrupted, "the replay was stopped"});
    if (auto accepted = on_round_(std::move(round)); !accepted) return fail(accepted.failure());
    return true;
  }
  void hand_over(peer_requests requests) {
    rows_kept_ -= requests.all.size();
    std::stable_sort(requests.all.begin(), requests.all.end(),
                     [](const peer_request& a, const peer_request& b) { return a.time_us < b.time_us; });
    on_requests_(std::move(requests));
  }
  // Rows are sorted by resource, so each name comes once.
  bool name(const std::vector<row>& rows, messages::event_counts& events) {
    std::vector<std::uint32_t> regions(survey_.regions.size(), std::numeric_limits<std::uint32_t>::max());
    std::uint32_t last = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t s = 1; s < survey_.segments.size(); ++s)
      events.segments.push_back(models::segment_id::make(survey_.segments[s]).value());
    events.entries.reserve(rows.size());
    std::uint64_t cell_count = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& r = rows[i];
      // What one segment counts is known. A cell has one missing row at most, the first.
      cell_count = i > 0 && rows[i - 1].cell() == r.cell() ? cell_count + r.count : r.count;
      if (r.missing && i + 1 < rows.size() && rows[i + 1].cell() == r.cell()) continue;
      if (cell_count > std::numeric_limits<std::uint32_t>::max())
        return fail({errc::limit_exceeded, "more than 4294967295 requests for '" +
                                               survey_.resources[r.resource].text() +
                                               "' in one interval: check the count column"});
      if (r.resource != last || events.resources.empty()) {
        events.resources.push_back(survey_.resources[r.resource]);
        last = r.resource;
      }
      auto& region = regions[r.region];
      if (region == std::numeric_limits<std::uint32_t>::max()) {
        region = static_cast<std::uint32_t>(events.regions.size());
        events.regions.push_back(survey_.regions[r.region]);
      }
      const auto resource = static_cast<std::uint32_t>(events.resources.size() - 1);
      if (r.missing) {
        events.missing.push_back({resource, region, interval_number{r.interval}});
        continue;
      }
      events.entries.push_back(
          {resource, region, {interval_number{r.interval}, static_cast<std::uint32_t>(r.count)}, r.segment});
    }
    return true;
  }

  const request_log& log_;
  models::interval_grid grid_;
  log_survey& survey_;
  const round_function& on_round_;
  const progress_function& progress_;
  const requests_function& on_requests_;
  std::size_t rows_kept_ = 0;
  std::vector<round_span> spans_;
  std::deque<open_round> open_; // from round number done_ on
  std::size_t done_ = 0, last_ = 0;
  std::uint64_t bytes_ = 0, total_bytes_ = 1;
  std::int64_t newest_;
};

} // namespace

std::vector<round_span> rounds_of(const models::interval_grid& grid, interval_number first,
                                  interval_number evaluation, interval_number end) {
  std::vector<round_span> out;
  for (auto from = first; from < end;) {
    auto to = std::min(end, from + (grid.per_day() - grid.slot_of_day(from)));
    if (from < evaluation && evaluation < to) to = evaluation;
    out.push_back({from, to});
    from = to;
  }
  return out;
}

models::status feed_rounds(const request_log& log, const models::interval_grid& grid, log_survey& survey,
                           const round_function& on_round, const progress_function& progress,
                           const requests_function& on_requests) {
  feeder sink{log, grid, survey, on_round, progress, on_requests};
  auto report = log.read(sink);
  if (sink.failure) return *sink.failure;
  if (!report) return report.failure();
  if (!sink.close_all()) return *sink.failure;
  return models::success();
}

} // namespace forestage::cluster
