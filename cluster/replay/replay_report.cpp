#include "cluster/replay/replay_report.hpp"

#include <fmt/format.h>

#include <array>

namespace forestage::cluster {

namespace {

using models::unit_sums;

report_days days_of(const log_survey& survey, const models::interval_grid& grid, const scorecard& card,
                    const actors::scoreboard& board) {
  report_days out;
  out.first = grid.day(survey.evaluation);
  const auto last = grid.day(survey.end - 1);
  for (const auto& line : card.policies)
    for (std::size_t i = 0; i < actors::policy_count; ++i) {
      if (actors::policy_name(i) != line.name) continue;
      report_policy policy{line.name, {}};
      for (auto day = out.first; day <= last; ++day)
        policy.days.push_back(board.policies[i].on(day));
      out.policies.push_back(std::move(policy));
    }
  return out;
}

report_week week_of(const log_survey& survey, const models::interval_grid& grid, const models::trace& trace) {
  report_week out;
  out.policy = "cost";
  std::array<std::int64_t, models::hours_per_week> intervals{};
  for (auto t = survey.evaluation; t < survey.end; ++t)
    ++intervals[models::hour_of_week(t.value() * grid.seconds())];
  for (std::size_t h = 0; h < models::hours_per_week; ++h) {
    const auto& sums = trace.week()[h];
    out.hours.push_back(static_cast<double>(intervals[h] * grid.seconds()) / 3'600);
    out.requests.push_back(sums.requests);
    out.cold.push_back(sums.requests - sums.warm);
  }
  return out;
}

// planned: the plans of the policy `cost` are shown.
std::vector<report_curve> curves_of(const models::trace_settings& traced, const models::interval_grid& grid,
                                    const models::trace& trace, bool planned) {
  std::vector<report_curve> out;
  for (std::size_t k = 0; k < traced.keys.size(); ++k) {
    const auto& from = trace.curves()[k];
    if (from.empty()) continue; // not asked for in the evaluated part
    const auto& key = traced.keys[k];
    report_curve curve;
    curve.name = key.resource.text();
    curve.region = key.region.text();
    curve.requests = key.requests;
    curve.start_seconds = traced.from.value() * grid.seconds();
    curve.step_seconds = grid.seconds();
    curve.levels.assign(models::curve_levels.begin(), models::curve_levels.end());
    if (planned) curve.allocation = from.units;
    report_forecast said;
    said.bands.resize(models::curve_levels.size());
    for (std::size_t i = 0; i < from.actual.size(); ++i) {
      curve.actual.emplace_back(static_cast<double>(from.actual[i]));
      const bool known = from.mean[i] != models::traced_curve::nothing_said;
      const auto value = [known](double v) { return known ? std::optional{v} : std::nullopt; };
      said.mean.push_back(value(static_cast<double>(from.mean[i]) / models::curve_point::mean_unit));
      for (std::size_t q = 0; q < said.bands.size(); ++q)
        said.bands[q].push_back(value(static_cast<double>(from.quantiles[q][i])));
    }
    curve.forecasts.push_back(std::move(said));
    out.push_back(std::move(curve));
  }
  return out;
}

std::vector<report_calibration> calibration_of(const models::calibration_sums& sums) {
  using models::calibration_sums;
  constexpr std::array<const char*, calibration_sums::class_count> names{
      "below 1 request expected", "1 to 10 requests expected", "10 and more requests expected"};
  std::vector<report_calibration> out;
  for (std::size_t c = 0; c < calibration_sums::class_count; ++c)
    if (sums.observations(c) > 0)
      out.push_back({names[c],
                     sums.observations(c),
                     {calibration_sums::levels.begin(), calibration_sums::levels.end()},
                     sums.coverage(c)});
  return out;
}

std::vector<std::string> summary_of(const scorecard& card) {
  std::vector<std::string> out;
  if (card.policies.empty()) return out;
  const auto& ours = card.policies.front();
  if (ours.sums.requests() > 0)
    out.push_back(
        fmt::format("Of {} requests, {:.1f} % found everything ready; {:.2f} units stood idle for an "
                    "interval per request.",
                    with_thousands(ours.sums.requests()), 100 * ours.warm_ratio.value_or(0),
                    ours.waste_per_request.value_or(0)));
  auto said = verdict(card);
  for (auto& c : said)
    if (c == '\n') c = ' ';
  while (!said.empty() && said.back() == ' ')
    said.pop_back();
  out.push_back(std::move(said));
  return out;
}

std::vector<std::pair<std::string, std::string>> settings_of(const replay_options& options,
                                                             const scorecard& card) {
  const auto count = [](std::size_t n) { return with_thousands(static_cast<std::int64_t>(n)); };
  std::vector<std::pair<std::string, std::string>> out{
      {"Log", file_names(options.paths)},
      {"Span (UTC)", card.from + " to " + card.to},
      {"Rows", fmt::format("{} ({} bad)", count(card.rows), count(card.bad_rows))},
      {"Requests", with_thousands(card.requests)},
      {"Resources", count(card.resources)},
      {"Regions", count(card.regions)},
      {"Intervals",
       fmt::format("{} of {}; the last {} are evaluated", with_thousands(card.intervals),
                   length_text(card.interval_seconds), with_thousands(card.evaluated_intervals))},
      {"Columns", card.columns},
  };
  for (const auto& where : card.where)
    out.emplace_back("Rows where", where);
  out.emplace_back("Lead", fmt::format("{} interval{}", card.lead, card.lead == 1 ? "" : "s"));
  out.emplace_back("Cost of a cold request", fmt::format("{:g}", card.cost_under));
  out.emplace_back("Cost of an idle unit", fmt::format("{:g} per interval", card.cost_over));
  out.emplace_back("Budget", card.budget);
  if (card.threshold)
    out.emplace_back("Threshold", fmt::format("{:g} requests an interval", *card.threshold));
  if (card.find("reactive-tuned") != nullptr || card.find("last-week-tuned") != nullptr)
    out.emplace_back("Tuned on the warm-up", card.tuned);
  if (card.catalogue)
    out.emplace_back("Catalogue",
                     fmt::format("{} kind{}; names {} of the resources", card.catalogue->kinds,
                                 card.catalogue->kinds == 1 ? "" : "s", count(card.catalogue->named)));
  if (card.intents && !card.intents->settings.empty())
    out.emplace_back("Declarations", card.intents->settings);
  if (card.intents && card.intents->sequence)
    out.emplace_back("Foretold by the sequence model", with_thousands(card.intents->sequence->declared));
  if (card.intents && card.intents->announced)
    out.emplace_back("Announced by the calendar", with_thousands(*card.intents->announced));
  out.emplace_back("Seed", std::to_string(card.seed));
  return out;
}

} // namespace

report_document make_report(const replay_options& options, const log_survey& survey,
                            const models::trace_settings& traced, const scorecard& card,
                            const actors::scoreboard& board) {
  const auto grid = models::interval_grid::make(options.interval_seconds).value();
  report_document out;
  out.command = "forestage replay";
  out.title = "Replay of " + file_names(options.paths);
  out.summary = summary_of(card);
  out.settings = settings_of(options, card);
  out.versions = {{"Forestage", FORESTAGE_VERSION}};
  out.card = to_json(card);
  out.days = days_of(survey, grid, card, board);
  if (options.cost_policy) out.week = week_of(survey, grid, board.trace);
  out.curves = curves_of(traced, grid, board.trace, options.cost_policy);
  out.calibration = calibration_of(board.trace.calibration());
  return out;
}

} // namespace forestage::cluster
