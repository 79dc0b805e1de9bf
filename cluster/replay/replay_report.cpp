#include "cluster/replay/replay_report.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace forestage::cluster {

namespace {

using models::unit_sums;

// The file names of the log: where it lies says nothing about it.
std::string names_of(const std::vector<std::string>& paths) {
  std::string out;
  for (const auto& path : paths) {
    auto name = std::filesystem::path{path}.lexically_normal().filename().string();
    if (!out.empty()) out += ", ";
    out += name.empty() ? path : name;
  }
  return out;
}

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
      {"Log", names_of(options.paths)},
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
  out.emplace_back("Seed", std::to_string(card.seed));
  return out;
}

} // namespace

report_document make_report(const replay_options& options, const log_survey& survey, const scorecard& card,
                            const actors::scoreboard& board) {
  const auto grid = models::interval_grid::make(options.interval_seconds).value();
  report_document out;
  out.command = "forestage replay";
  out.title = "Replay of " + names_of(options.paths);
  out.summary = summary_of(card);
  out.settings = settings_of(options, card);
  out.versions = {{"Forestage", FORESTAGE_VERSION}};
  out.card = to_json(card);
  out.days = days_of(survey, grid, card, board);
  return out;
}

} // namespace forestage::cluster
