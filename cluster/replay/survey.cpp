#include "cluster/replay/survey.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace forestage::cluster {

using models::errc;

namespace {

// Demand of a region by interval, over a span that grows as rows come.
class growing_series {
public:
  void add(std::int64_t at, std::int64_t count) {
    if (values_.empty()) base_ = at;
    if (at < base_) {
      // Doubling to the left, so that a log read backwards does not cost its square.
      const auto more = std::max<std::int64_t>(base_ - at, static_cast<std::int64_t>(values_.size()));
      values_.insert(values_.begin(), static_cast<std::size_t>(more), 0);
      base_ -= more;
    }
    const auto index = static_cast<std::size_t>(at - base_);
    if (index >= values_.size()) values_.resize(index + 1, 0);
    values_[index] += count;
  }
  [[nodiscard]] std::int64_t sum_from(std::int64_t at) const {
    std::int64_t sum = 0;
    for (std::size_t i = static_cast<std::size_t>(std::max<std::int64_t>(0, at - base_)); i < values_.size();
         ++i)
      sum += values_[i];
    return sum;
  }

private:
  std::int64_t base_ = 0;
  std::vector<std::int64_t> values_;
};

class surveyor final : public adapters::logs::log_sink {
public:
  surveyor(const request_log& log, const models::interval_grid& grid, bool by_region, bool by_key,
           std::int64_t min_peers, const progress_function& progress)
      : log_(log)
      , grid_(grid)
      , by_region_(by_region)
      , by_key_(by_key)
      , by_segment_(log.has_segments())
      , min_peers_(static_cast<std::size_t>(min_peers))
      , progress_(progress) {}

  bool on_event(const adapters::logs::log_event& event) override {
    const auto seconds = event.time_us / 1'000'000;
    const auto t = grid_.at(seconds).value();
    const auto resource = result.resources.number_of(event.resource);
    const auto region = result.regions.number_of(event.region);
    if (event.missing) {
      ++result.missing;
      return true;
    }
    first = std::min(first, seconds);
    last = std::max(last, seconds);
    if (t < newest_) result.lateness = std::max(result.lateness, newest_ - t);
    newest_ = std::max(newest_, t);
    if (grid_.at(last) - grid_.at(first) >= max_intervals) {
      too_long_at = log_.place_of(event);
      return false;
    }
    result.requests += event.count;
    if (by_segment_) {
      add_segment(event, region);
      if (segments.size() > most_segment_names) {
        too_many_at = log_.place_of(event);
        return false;
      }
    }
    if (by_key_) keys[(std::uint64_t{resource} << 32U) | region] += event.count;
    if (by_region_) {
      if (series.size() <= region) series.resize(region + 1);
      series[region].add(t, event.count);
    }
    return true;
  }
  bool on_progress(std::uint64_t bytes, std::uint64_t total) override {
    return progress_("reading", bytes, total);
  }

  log_survey result;
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  std::string too_long_at; // the row that made it so
  std::vector<growing_series> series;
  struct seen_segment {
    std::int64_t requests = 0;
    std::map<std::uint32_t, std::vector<std::uint64_t>> peers{}; // hashes by region; as many as must be known
  };
  std::unordered_map<std::string, seen_segment> segments; // the empty name: unknown
  std::string too_many_at;                                // the row that made it so
  std::unordered_map<std::uint64_t, std::int64_t> keys;   // requests of a resource (high half) in a region

private:
  void add_segment(const adapters::logs::log_event& event, std::uint32_t region) {
    name_.assign(event.segment);
    auto& segment = segments[name_];
    segment.requests += event.count;
    if (min_peers_ < 2) return;
    auto& peers = segment.peers[region];
    if (peers.size() >= min_peers_ || event.peer.empty()) return;
    const auto peer = models::stable_hash(event.peer);
    if (std::find(peers.begin(), peers.end(), peer) == peers.end()) peers.push_back(peer);
  }

  std::string name_; // so that a lookup makes no string
  const request_log& log_;
  models::interval_grid grid_;
  bool by_region_, by_key_;
  bool by_segment_;
  std::size_t min_peers_;
  const progress_function& progress_;
  std::int64_t newest_ = std::numeric_limits<std::int64_t>::min();
};

// Ties by name: the order of rows decides nothing.
std::vector<models::traced_key> busiest_of(const std::unordered_map<std::uint64_t, std::int64_t>& keys,
                                           const log_survey& survey) {
  std::vector<models::traced_key> all;
  all.reserve(keys.size());
  for (const auto& [key, requests] : keys)
    all.push_back({survey.resources[static_cast<std::uint32_t>(key >> 32U)],
                   survey.regions[static_cast<std::uint32_t>(key)], requests});
  const auto count = std::min(all.size(), models::traced_keys);
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
                    [](const models::traced_key& a, const models::traced_key& b) {
                      if (a.requests != b.requests) return a.requests > b.requests;
                      if (a.resource != b.resource) return a.resource.text() < b.resource.text();
                      return a.region.text() < b.region.text();
                    });
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(count), all.end());
  return all;
}

// The busiest that fit; ties by name. In a region, those with too few peers are hidden in `other`, and when
// that has too few peers itself, the smallest of the rest with them.
void tell_segments(const surveyor& seen, std::size_t min_peers, log_survey& survey) {
  std::vector<std::pair<std::int64_t, std::string>> named;
  for (const auto& [name, segment] : seen.segments)
    if (!name.empty()) named.emplace_back(-segment.requests, name);
  survey.segment_names.names = named.size();
  std::sort(named.begin(), named.end());
  if (named.size() >= models::most_segments) {
    survey.segment_names.too_many = named.size() - (models::most_segments - 1);
    named.resize(models::most_segments - 1);
  }
  std::vector<std::string> names;
  for (auto& [requests, name] : named)
    names.push_back(name);
  survey.segments = models::segment_table::make(std::move(names)).value();
  if (min_peers < 2) return;
  survey.segments_hidden.resize(survey.regions.size());
  for (std::uint32_t region = 0; region < survey.regions.size(); ++region) {
    std::vector<std::pair<std::int64_t, std::size_t>> told; // requests, segment
    std::size_t others = 0;
    bool any_other = false;
    for (const auto& [name, segment] : seen.segments) {
      const auto at = segment.peers.find(region);
      if (at == segment.peers.end()) continue;
      const auto number = std::size_t{survey.segments.number_of(name)};
      if (number != 0 && at->second.size() >= min_peers) {
        told.emplace_back(segment.requests, number);
        continue;
      }
      any_other = true;
      others += at->second.size();
      if (number == 0) continue;
      survey.segments_hidden[region] |= 1U << number;
      ++survey.segment_names.too_small;
    }
    if (!any_other || others >= min_peers || told.empty()) continue;
    // What is left would show who was hidden.
    survey.segments_hidden[region] |= 1U << std::min_element(told.begin(), told.end())->second;
    ++survey.segment_names.too_small;
  }
}

} // namespace

models::result<log_survey> survey_log(const request_log& log, const models::interval_grid& grid,
                                      const replay_options& options, const progress_function& progress) {
  surveyor sink{log, grid, options.budget.multiple.has_value(), options.report, options.min_peers, progress};
  auto report = log.read(sink);
  if (!sink.too_long_at.empty())
    return {errc::invalid_data,
            sink.too_long_at + ": the log spans more than " + std::to_string(max_intervals) +
                " intervals from here; a stray timestamp, or an interval too short for so long a log: "
                "select rows with --where or raise --interval"};
  if (!sink.too_many_at.empty())
    return {errc::limit_exceeded,
            sink.too_many_at + ": more than " + std::to_string(most_segment_names) +
                " segments; a segment is a class of peers such as a kind of device: name another column"};
  if (!report) return report.failure();
  auto& s = sink.result;
  s.report = std::move(*report);
  if (sink.last < sink.first) {
    const auto bad =
        s.report.bad_rows > 0 ? "; the first bad one is " + to_string(s.report.first_bad_rows.front()) : "";
    return {errc::invalid_data,
            options.paths.front() + ": none of its " + std::to_string(s.report.rows) +
                " rows can be replayed (" + std::to_string(s.report.bad_rows) +
                " bad, the others not selected by --where or without a count); check --where and --columns" +
                bad};
  }
  if (log.has_segments()) tell_segments(sink, static_cast<std::size_t>(options.min_peers), s);
  s.first_second = sink.first;
  s.last_second = sink.last;
  s.first = grid.at(sink.first);
  s.end = grid.at(sink.last) + 1;
  s.evaluation = s.first + static_cast<std::int64_t>(
                               std::floor(options.warmup * static_cast<double>(s.intervals()) + 1e-9));
  sink.series.resize(s.regions.size());
  for (const auto& series : sink.series)
    s.evaluation_demand.push_back(series.sum_from(s.evaluation.value()));
  s.busiest = busiest_of(sink.keys, s);
  return std::move(s);
}

} // namespace forestage::cluster
