#include "cluster/replay/intent_keys.hpp"

#include "models/glob.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace forestage::cluster {

using models::errc;
using models::result;

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
  using models::is_glob;
  using models::matches_glob;
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

} // namespace forestage::cluster
