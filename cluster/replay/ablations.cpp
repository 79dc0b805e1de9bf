#include "cluster/replay/ablations.hpp"

#include "cluster/replay/replay.hpp"

#include <fmt/format.h>

#include <utility>

namespace forestage::cluster {

using models::result;

std::vector<ablation_run> ablation_runs(const replay_options& asked) {
  auto rest = asked;
  rest.yardsticks.clear();
  rest.threshold.reset();
  rest.truth.clear();
  rest.dump_candidates.clear();
  rest.report = false;
  rest.data_dir.clear();
  rest.resume = false;
  std::vector<ablation_run> out;
  const auto add = [&](const char* name, auto&& change) {
    auto options = rest;
    change(options);
    out.push_back({name, std::move(options)});
  };
  const auto do_without = [&](const char* name, bool models::ablation::*source) {
    if (!(asked.without.*source)) add(name, [&](replay_options& o) { o.without.*source = true; });
  };
  do_without("history", &models::ablation::history);
  do_without("live rates", &models::ablation::live);
  do_without("pooling", &models::ablation::pooling);
  // Without a budget no curve is priced.
  if (asked.budget.limited()) do_without("recalibration", &models::ablation::recalibration);
  if (asked.intents) add("intents", [](replay_options& o) { o.intents.reset(); });
  if (asked.sequence) add("sequence", [](replay_options& o) { o.sequence = false; });
  if (!asked.calendar.empty()) add("calendar", [](replay_options& o) { o.calendar.clear(); });
  if (!asked.catalogue.empty()) add("catalogue", [](replay_options& o) { o.catalogue.clear(); });
  return out;
}

namespace {

std::optional<double> cost_of(const scorecard& card) {
  const auto* ours = card.find("cost");
  return ours == nullptr ? std::nullopt : ours->cost_per_request;
}

} // namespace

result<std::vector<report_ablation>> measure_ablations(const replay_options& asked, const scorecard& card,
                                                       const progress_function& progress) {
  std::vector<report_ablation> out;
  const auto with = cost_of(card);
  for (const auto& run : ablation_runs(asked)) {
    const progress_function step = [&](std::string_view phase, std::uint64_t done, std::uint64_t total) {
      return progress(fmt::format("{} without {}", phase, run.name), done, total);
    };
    auto outcome = replay(run.options, step);
    if (!outcome) return outcome.failure();
    const auto without = cost_of(outcome->card);
    if (with && without) out.push_back({run.name, "cost per request", *with, *without, true});
  }
  return out;
}

std::string to_text(const std::vector<report_ablation>& ablations) {
  std::string text =
      fmt::format("\n{:<16} {:>12} {:>12} {:>9}\n", "source", "cost with it", "without it", "ratio");
  for (const auto& a : ablations)
    text += fmt::format("{:<16} {:>12.4f} {:>12.4f} {:>9}\n", a.name, a.with, a.without,
                        a.with > 0 ? fmt::format("{:.3f}", a.without / a.with) : "-");
  return text + "\nper request, in the evaluated part; a ratio above 1: the source is worth that much here\n";
}

} // namespace forestage::cluster
