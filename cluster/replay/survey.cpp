#include "cluster/replay/survey.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

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
    if (by_segment_ && event.count > 0) {
      add_segment(event, region, t);
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
  struct seen_peer {
    std::uint64_t hash = 0;
    std::int64_t last = 0; // interval in which it asked
  };
  struct seen_peers {
    std::vector<seen_peer> latest{}; // as many as must be known
    std::int64_t last = 0;           // interval of the last request, also of peers that are not known
  };
  struct seen_segment {
    std::int64_t requests = 0;
    std::map<std::uint32_t, seen_peers> peers{}; // by region; filled when some may be too few
  };
  std::unordered_map<std::string, seen_segment> segments; // the empty name: unknown
  std::string too_many_at;                                // the row that made it so
  std::unordered_map<std::uint64_t, std::int64_t> keys;   // requests of a resource (high half) in a region

private:
  void add_segment(const adapters::logs::log_event& event, std::uint32_t region, std::int64_t t) {
    name_.assign(event.segment);
    auto& segment = segments[name_];
    segment.requests += event.count;
    if (min_peers_ < 2) return;
    auto& seen = segment.peers.try_emplace(region, seen_peers{{}, t}).first->second;
    seen.last = std::max(seen.last, t);
    if (event.peer.empty()) return;
    auto& peers = seen.latest;
    const auto hash = models::stable_hash(event.peer);
    auto at = std::find_if(peers.begin(), peers.end(), [&](const seen_peer& p) { return p.hash == hash; });
    if (at == peers.end() && peers.size() < min_peers_) {
      peers.push_back({hash, t});
      return;
    }
    if (at == peers.end())
      at = std::min_element(peers.begin(), peers.end(),
                            [](const seen_peer& a, const seen_peer& b) { return a.last < b.last; });
    if (at->last < t) *at = {hash, t};
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

// Who is behind the requests of a segment: in all, and in the evaluation part, whose figures a scorecard
// shows.
struct crowd {
  std::set<std::uint64_t> all{}, evaluated{}; // hashes
  bool any = false, any_evaluated = false;    // requests, of a known peer or not

  void add(const surveyor::seen_peers& seen, std::int64_t evaluation) {
    any = true;
    any_evaluated = any_evaluated || seen.last >= evaluation;
    for (const auto& p : seen.latest) {
      all.insert(p.hash);
      if (p.last >= evaluation) evaluated.insert(p.hash);
    }
  }
  void add(const crowd& other) {
    any = any || other.any;
    any_evaluated = any_evaluated || other.any_evaluated;
    all.insert(other.all.begin(), other.all.end());
    evaluated.insert(other.evaluated.begin(), other.evaluated.end());
  }
  [[nodiscard]] bool too_small(std::size_t least) const {
    return (any && all.size() < least) || (any_evaluated && evaluated.size() < least);
  }
};

// In a region, segments with too few peers are hidden in `other`. When that has too few peers itself it would
// show them, so the least busy of those that are told go with them; and the same for what is `other` in all
// regions together, because a scorecard adds regions up. Of those that are left somewhere, the busiest that
// fit are told; ties by name.
class segment_teller {
public:
  segment_teller(const surveyor& seen, std::size_t min_peers)
      : min_peers_(min_peers) {
    for (const auto& [name, segment] : seen.segments)
      if (!name.empty() && name != models::segment_table::other) all_.push_back({name, &segment, {}});
    std::sort(all_.begin(), all_.end(), [](const one& a, const one& b) {
      return std::pair{-a.seen->requests, a.name} < std::pair{-b.seen->requests, b.name};
    });
    for (const auto* name : {"", models::segment_table::other})
      if (const auto at = seen.segments.find(name); at != seen.segments.end()) rest_.push_back(&at->second);
  }

  void tell(log_survey& survey) {
    survey.segment_names.names = all_.size();
    if (min_peers_ > 1) {
      for (auto& segment : all_)
        segment.hidden.resize(survey.regions.size());
      hide_small(survey);
    }
    std::size_t told = 0;
    for (auto& segment : all_) {
      if (is_hidden(segment)) continue;
      if (++told < models::most_segments) continue;
      ++survey.segment_names.too_many;
      segment.left_out = true;
    }
    // What does not fit joins `other`, which only makes that larger.
    std::vector<std::string> names;
    for (const auto& segment : all_)
      if (!is_hidden(segment) && !segment.left_out) names.push_back(segment.name);
    survey.segments = models::segment_table::make(std::move(names)).value();
    survey.segments_hidden.resize(survey.regions.size());
    for (const auto& segment : all_)
      if (const auto number = survey.segments.number_of(segment.name); number != 0)
        for (std::size_t region = 0; region < segment.hidden.size(); ++region) // none without a limit
          if (segment.hidden[region]) survey.segments_hidden[region] |= 1U << number;
  }

private:
  struct one {
    std::string name;
    const surveyor::seen_segment* seen;
    std::vector<bool> hidden; // by region
    bool left_out = false;
  };

  // Told in no region where it was seen.
  [[nodiscard]] bool is_hidden(const one& segment) const {
    return min_peers_ > 1 && std::all_of(segment.seen->peers.begin(), segment.seen->peers.end(),
                                         [&](const auto& of) { return segment.hidden[of.first]; });
  }
  void hide_small(log_survey& survey) {
    const auto evaluation = survey.evaluation.value();
    std::vector<crowd> others(survey.regions.size());
    std::vector<std::vector<one*>> told(survey.regions.size()); // the least busy last
    const auto hide = [&](one& segment, std::uint32_t region) {
      segment.hidden[region] = true;
      others[region].add(segment.seen->peers.at(region), evaluation);
      ++survey.segment_names.too_small;
    };
    for (const auto* segment : rest_)
      for (const auto& [region, peers] : segment->peers)
        others[region].add(peers, evaluation);
    for (auto& segment : all_)
      for (const auto& [region, peers] : segment.seen->peers) {
        crowd own;
        own.add(peers, evaluation);
        if (own.too_small(min_peers_))
          hide(segment, region);
        else
          told[region].push_back(&segment);
      }
    // Hides the least busy whose peers are enough together with those that are hidden.
    const auto join = [&](const crowd& hidden, std::uint32_t region) {
      const auto enough = [&](const one* segment) {
        auto both = hidden;
        both.add(segment->seen->peers.at(region), evaluation);
        return !both.too_small(min_peers_);
      };
      const auto at = std::find_if(told[region].rbegin(), told[region].rend(), enough);
      if (at != told[region].rend()) hide(**at, region);
    };
    crowd together;
    for (std::uint32_t region = 0; region < others.size(); ++region) {
      if (others[region].too_small(min_peers_)) join(others[region], region);
      together.add(others[region]);
    }
    if (!together.too_small(min_peers_)) return;
    // Regions are numbered as they come, so the order of their names decides.
    std::vector<std::uint32_t> by_name(others.size());
    std::iota(by_name.begin(), by_name.end(), 0U);
    std::sort(by_name.begin(), by_name.end(),
              [&](std::uint32_t a, std::uint32_t b) { return survey.regions[a] < survey.regions[b]; });
    for (const auto region : by_name) {
      std::erase_if(told[region], [&](const one* segment) { return segment->hidden[region]; });
      join(together, region);
      together.add(others[region]);
      if (!together.too_small(min_peers_)) return;
    }
  }

  std::size_t min_peers_;
  std::vector<one> all_;                            // the busiest first
  std::vector<const surveyor::seen_segment*> rest_; // of no name, or of the name of the rest
};

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
  s.first_second = sink.first;
  s.last_second = sink.last;
  s.first = grid.at(sink.first);
  s.end = grid.at(sink.last) + 1;
  s.evaluation = s.first + static_cast<std::int64_t>(
                               std::floor(options.warmup * static_cast<double>(s.intervals()) + 1e-9));
  if (log.has_segments()) segment_teller{sink, static_cast<std::size_t>(options.min_peers)}.tell(s);
  sink.series.resize(s.regions.size());
  for (const auto& series : sink.series)
    s.evaluation_demand.push_back(series.sum_from(s.evaluation.value()));
  s.busiest = busiest_of(sink.keys, s);
  return std::move(s);
}

} // namespace forestage::cluster
