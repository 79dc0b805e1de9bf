#include "cluster/replay/intents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <tuple>

namespace forestage::cluster {

using models::errc;
using models::result;
using models::synthetic::intent_simulation;

namespace {

std::uint64_t packed(std::uint32_t resource, std::uint32_t region) {
  return std::uint64_t{resource} << 32U | region;
}

// Calls f(key, interval, count) for every entry of a round, key as numbers of the survey's tables.
template <class Function>
void for_each_entry(const messages::event_counts& events, log_survey& survey, const Function& f) {
  std::vector<std::uint32_t> resources;
  std::vector<std::uint32_t> regions;
  for (const auto& id : events.resources)
    resources.push_back(survey.resources.number_of(id.text()));
  for (const auto& id : events.regions)
    regions.push_back(survey.regions.number_of(id.text()));
  for (const auto& e : events.entries)
    f(packed(resources[e.resource], regions[e.region]), e.cell.interval, e.cell.count);
}

} // namespace

// -- options
// ---------------------------------------------------------------------------------------------------------------------

namespace {

models::error bad(std::string_view key, std::string_view value, std::string_view remedy) {
  return {errc::invalid_argument, fmt::format("--intents: {}={}: {}", key, value, remedy)};
}

std::optional<double> number(std::string_view text) {
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text.remove_suffix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return percent ? value / 100 : value;
}

std::optional<std::uint64_t> whole(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

models::status read_lead(std::string_view value, intent_simulation& out) {
  const auto dash = value.find('-');
  const auto from = whole(value.substr(0, dash));
  const auto to = dash == std::string_view::npos ? from : whole(value.substr(dash + 1));
  if (!from || !to || *from < 1 || *to < *from || *to > 100)
    return bad("lead", value, "give the intervals ahead of a request, from 1 to 100, such as 1-3 or 2");
  out.lead_from = static_cast<std::int64_t>(*from);
  out.lead_to = static_cast<std::int64_t>(*to);
  return models::success();
}

models::status read_one(std::string_view key, std::string_view value, intent_simulation& out) {
  const auto read_share = [&](double& into, double most, std::string_view remedy) -> models::status {
    const auto x = number(value);
    if (!x || *x < 0 || *x > most) return bad(key, value, remedy);
    into = *x;
    return models::success();
  };
  const auto read_whole = [&](auto& into, std::uint64_t least, std::uint64_t most,
                              std::string_view remedy) -> models::status {
    const auto x = whole(value);
    if (!x || *x < least || *x > most) return bad(key, value, remedy);
    into = static_cast<std::remove_reference_t<decltype(into)>>(*x);
    return models::success();
  };
  if (key == "p") return read_share(out.p, 1, "give the share of requests that is declared, 0 to 1");
  if (key == "noshow")
    return read_share(out.noshow, .95, "give the share of declarations that is not kept, 0 to .95");
  if (key == "jitter")
    return read_share(out.jitter, 1, "give the share of declarations that is one interval off, 0 to 1");
  if (key == "liars") return read_share(out.liars, .95, "give the share of peers that lies, 0 to .95");
  if (key == "liar-rate")
    return read_share(out.liar_rate, 1,
                      "give the share of requests that liars declare as if they were honest, 0 to 1");
  if (key == "sleepers")
    return read_share(out.sleepers, .95,
                      "give the share of peers that lies from the evaluation part on, 0 to .95");
  if (key == "share-noise")
    return read_share(out.share_noise, 2, "give the standard deviation of the declared share's log, 0 to 2");
  if (key == "flood") {
    const auto x = number(value);
    if (!x || *x < 1 || *x > 1'000)
      return bad(key, value, "give how many times as much liars declare during a flood, 1 to 1000");
    out.flood = *x;
    return models::success();
  }
  if (key == "lead") return read_lead(value, out);
  if (key == "peers")
    return read_whole(out.peers, 1, 10'000'000, "give the number of honest peers, 1 to 10000000");
  if (key == "top")
    return read_whole(out.top, 1, 100'000, "give how many of the busiest keys are declared for, 1 to 100000");
  if (key == "seed")
    return read_whole(out.seed, 0, std::numeric_limits<std::uint64_t>::max(), "give a whole number");
  return {
      errc::invalid_argument,
      fmt::format("--intents: '{}' is none of p, noshow, jitter, liars, liar-rate, flood, sybil, sleepers, "
                  "share-noise, lead, peers, top, seed; write for instance p=.5,noshow=.3",
                  key)};
}

} // namespace

result<intent_simulation> parse_intents(std::string_view text) {
  intent_simulation out;
  std::vector<std::string_view> seen;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    const auto item = text.substr(at, comma - at);
    at = comma + 1;
    const auto equals = item.find('=');
    const auto key = item.substr(0, equals);
    if (std::find(seen.begin(), seen.end(), key) != seen.end())
      return models::error{errc::invalid_argument,
                           fmt::format("--intents: '{}' is given twice; keep one of them", key)};
    seen.push_back(key);
    if (key == "sybil" && equals == std::string_view::npos) {
      out.sybil = true;
      continue;
    }
    if (key == "sybil")
      return bad(key, item.substr(equals + 1), "it has no value; write sybil, or leave it out");
    const auto value = equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
    if (auto read = read_one(key, value, out); !read) return read.failure();
  }
  if (std::find(seen.begin(), seen.end(), "p") == seen.end())
    return models::error{
        errc::invalid_argument,
        "--intents: p is missing: give the share of requests that is declared, such as p=.5"};
  if (out.liar_rate >= 0 && !(out.liars > 0) && !(out.sleepers > 0))
    return models::error{errc::invalid_argument,
                         "--intents: liar-rate has no liars to belong to; add liars=.5"};
  for (const auto& [given, name] : {std::pair{out.flood > 1, "flood"}, std::pair{out.sybil, "sybil"}})
    if (given && !(out.liars > 0) && !(out.sleepers > 0))
      return models::error{errc::invalid_argument,
                           fmt::format("--intents: {} has no liars to belong to; add liars=.5", name)};
  return out;
}

std::string to_string(const intent_simulation& i) {
  return fmt::format(
      "p={:g},noshow={:g},jitter={:g},liars={:g}{},flood={:g}{},sleepers={:g},share-noise={:g},"
      "lead={}-{},peers={},top={},seed={}",
      i.p, i.noshow, i.jitter, i.liars,
      i.liar_rate >= 0 && (i.liars > 0 || i.sleepers > 0) ? fmt::format(",liar-rate={:g}", i.liar_rate) : "",
      i.flood, i.sybil ? ",sybil" : "", i.sleepers, i.share_noise, i.lead_from, i.lead_to, i.peers, i.top,
      i.seed);
}

// -- keys
// ------------------------------------------------------------------------------------------------------------------------

result<key_totals> count_keys(const request_log& log, const models::interval_grid& grid, log_survey& survey,
                              bool whole, const progress_function& progress) {
  key_totals totals;
  bool ended = false;
  const auto count = [&](actors::routed_round round) -> models::status {
    const bool warm = round.from < survey.evaluation;
    ended = !warm && !whole;
    if (ended) return {errc::interrupted, "the warm-up part has ended"};
    for_each_entry(round.events, survey, [&](std::uint64_t key, models::interval_number, std::uint32_t n) {
      totals[key] += warm ? n : 0;
    });
    return models::success();
  };
  const progress_function counting = [&progress](std::string_view, std::uint64_t done, std::uint64_t total) {
    return progress("counting", done, total);
  };
  if (auto fed = feed_rounds(log, grid, survey, count, counting); !fed && !ended) return fed.failure();
  return totals;
}

std::vector<busy_key> busiest_keys(const key_totals& totals, const log_survey& survey, std::uint32_t top) {
  std::vector<std::pair<std::int64_t, busy_key>> all;
  const double intervals = static_cast<double>(std::max<std::int64_t>(1, survey.evaluation - survey.first));
  for (const auto& [key, total] : totals)
    if (total > 0)
      all.push_back({total,
                     {static_cast<std::uint32_t>(key >> 32U), static_cast<std::uint32_t>(key),
                      static_cast<double>(total) / intervals}});
  const auto before = [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first > b.first;
    const auto name = [&](const busy_key& k) {
      return std::tie(survey.resources[k.resource], survey.regions[k.region]);
    };
    return name(a.second) < name(b.second);
  };
  std::sort(all.begin(), all.end(), before);
  if (all.size() > top) all.resize(top);
  std::vector<busy_key> out;
  for (const auto& [total, key] : all)
    out.push_back(key);
  return out;
}

announcements announce(const std::vector<adapters::logs::calendar_row>& rows, const key_totals& keys,
                       const models::interval_grid& grid, log_survey& survey) {
  announcements out;
  using adapters::logs::is_glob;
  using adapters::logs::matches_glob;
  for (const auto& row : rows) {
    std::vector<std::uint64_t> named;
    if (!is_glob(row.resource) && !is_glob(row.region)) {
      named.push_back(packed(survey.resources.number_of(row.resource), survey.regions.number_of(row.region)));
    } else {
      for (const auto& [key, total] : keys)
        if (matches_glob(row.resource, survey.resources[static_cast<std::uint32_t>(key >> 32U)].text()) &&
            matches_glob(row.region, survey.regions[static_cast<std::uint32_t>(key)].text()))
          named.push_back(key);
      // A new resource of a log with a single region can only be asked for there.
      if (named.empty() && !is_glob(row.resource) && survey.regions.size() == 1 &&
          matches_glob(row.region, survey.regions[0].text()))
        named.push_back(packed(survey.resources.number_of(row.resource), 0));
    }
    const auto from = grid.at(row.from_second);
    const auto to = grid.at(row.to_second - 1) + 1;
    if (named.empty() || to <= survey.first || from >= survey.end) {
      out.notes.push_back(fmt::format("calendar, line {}: {}", row.line,
                                      named.empty() ? "nothing in the log is named like this"
                                                    : "its window lies outside the log"));
      continue;
    }
    const auto length = to - from;
    for (const auto key : named)
      for (std::int64_t i = 0; i < length; ++i) {
        const auto upto = [&](std::int64_t n) { return std::int64_t{row.expected} * n / length; };
        const auto target = from + i;
        const auto expected = static_cast<std::uint32_t>(upto(i + 1) - upto(i));
        if (expected == 0 || target < survey.first || target >= survey.end) continue;
        out.all.push_back({static_cast<std::uint32_t>(key >> 32U), static_cast<std::uint32_t>(key), target,
                           expected, models::stable_hash(row.resource) >> 1U});
      }
  }
  std::sort(out.all.begin(), out.all.end(), [&](const announcement& a, const announcement& b) {
    const auto place = [&](const announcement& x) {
      return std::tie(survey.resources[x.resource], survey.regions[x.region], x.row, x.expected);
    };
    return a.target != b.target ? a.target < b.target : place(a) < place(b);
  });
  return out;
}

// -- the feed
// --------------------------------------------------------------------------------------------------------------------

namespace {

std::vector<double> means_of(const std::vector<busy_key>& keys) {
  std::vector<double> means;
  for (const auto& k : keys)
    means.push_back(k.mean);
  return means;
}

} // namespace

intent_feed::intent_feed(const intent_simulation& simulation, const models::synthetic::simulated_span& span,
                         std::vector<busy_key> keys, std::vector<announcement> calendar, log_survey& survey,
                         round_function on_round)
    : span_(span)
    , keys_(std::move(keys))
    , simulated_(keys_.size())
    , calendar_(std::move(calendar))
    , survey_(survey)
    , on_round_(std::move(on_round))
    , simulator_(simulation, span, means_of(keys_)) {
  for (std::uint32_t i = 0; i < keys_.size(); ++i)
    key_of_.emplace(packed(keys_[i].resource, keys_[i].region), i);
  for (const auto& a : calendar_)
    if (key_of_.emplace(packed(a.resource, a.region), static_cast<std::uint32_t>(keys_.size())).second)
      keys_.push_back({a.resource, a.region, 0});
}

models::status intent_feed::on_round(actors::routed_round round) {
  const auto intervals = static_cast<std::size_t>(round.to - round.from);
  std::vector<std::uint32_t> counts(intervals * keys_.size(), 0);
  for_each_entry(round.events, survey_, [&](std::uint64_t key, models::interval_number t, std::uint32_t n) {
    const auto at = key_of_.find(key);
    if (at != key_of_.end())
      counts[static_cast<std::size_t>(t - round.from) * keys_.size() + at->second] += n;
  });
  for (std::size_t i = 0; i < intervals; ++i)
    simulator_.add(round.from + static_cast<std::int64_t>(i),
                   std::span{counts}.subspan(i * keys_.size(), simulated_));
  const auto added = round.to;
  waiting_.push_back(std::move(round));
  counts_.push_back(std::move(counts));
  while (!waiting_.empty() && waiting_.front().to + simulator_.reach() <= added)
    if (auto released = release(); !released) return released;
  return models::success();
}

models::status intent_feed::finish() {
  while (!waiting_.empty())
    if (auto released = release(); !released) return released;
  return models::success();
}

models::status intent_feed::release() {
  auto round = std::move(waiting_.front());
  waiting_.pop_front();
  add_intents(round);
  counts_.pop_front();
  return on_round_(std::move(round));
}

// What the calendar says is told when it can just be acted on; its outcome is known when the interval has
// closed.
void intent_feed::add_announcements(models::interval_number t, const auto& resource_of, const auto& region_of,
                                    messages::intent_events& intents) {
  constexpr auto source = models::intent_source::operators;
  for (; announced_ < calendar_.size() && calendar_[announced_].target - span_.horizon <= t; ++announced_) {
    const auto& a = calendar_[announced_];
    if (a.target - span_.horizon < t) continue; // the log begins too late for it
    const auto key = key_of_.at(packed(a.resource, a.region));
    const float weight = book_.of(source, a.row);
    if (a.target >= span_.evaluation) totals_.announced += a.expected;
    intents.declarations.push_back(
        {resource_of(key), region_of(key), {t, a.target, a.row, a.expected, weight, source}});
  }
}

void intent_feed::add_intents(actors::routed_round& round) {
  auto& intents = round.intents;
  intents.session = "replay-intents";
  intents.sequence = round.number;
  std::unordered_map<std::uint32_t, std::uint32_t> resources;
  std::unordered_map<std::uint32_t, std::uint32_t> regions;
  const auto name = [](auto& known, std::uint32_t number, auto& names, const auto& table) {
    const auto [at, fresh] = known.try_emplace(number, static_cast<std::uint32_t>(names.size()));
    if (fresh) names.push_back(table[number]);
    return at->second;
  };
  const auto resource_of = [&](std::uint32_t key) {
    return name(resources, keys_[key].resource, intents.resources, survey_.resources);
  };
  const auto region_of = [&](std::uint32_t key) {
    return name(regions, keys_[key].region, intents.regions, survey_.regions);
  };
  for (auto t = round.from; t < round.to; ++t) {
    auto events = simulator_.take(t);
    const bool evaluated = t >= span_.evaluation;
    // What came to an end in the interval before is known to whoever hears a declaration now.
    for (const auto& o : known_)
      book_.observe(models::intent_source::agent, o.peer, o.declared, o.kept);
    known_ = std::move(events.outcomes);
    add_announcements(t, resource_of, region_of, intents);
    for (; ended_ < calendar_.size() && calendar_[ended_].target <= t; ++ended_) {
      const auto& a = calendar_[ended_];
      const auto row = static_cast<std::size_t>(t - round.from) * keys_.size();
      const auto came = counts_.front()[row + key_of_.at(packed(a.resource, a.region))];
      book_.observe(models::intent_source::operators, a.row, a.expected, std::min(came, a.expected));
    }
    for (auto& [key, d] : events.declarations) {
      d.weight = book_.of(d.source, d.peer);
      if (evaluated) {
        totals_.declared += d.expected;
        totals_.weight += static_cast<double>(d.weight) * d.expected;
      }
      intents.declarations.push_back({resource_of(key), region_of(key), d});
    }
    for (const auto& [key, k] : events.kept) {
      if (evaluated) totals_.kept += k.count;
      intents.kept.push_back({resource_of(key), region_of(key), k});
    }
  }
}

intent_totals intent_feed::totals() const {
  auto out = totals_;
  out.keys = keys_.size();
  out.forgotten_peers = book_.forgotten();
  out.calendar_credibility = static_cast<double>(book_.of_source(models::intent_source::operators));
  return out;
}

} // namespace forestage::cluster
