// The scorecard as people read it.
#include "cluster/replay/scorecard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace forestage::cluster {

std::string with_thousands(std::int64_t value) {
  auto text = std::to_string(value < 0 ? -value : value);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  if (value < 0) text.insert(text.begin(), '-');
  return text;
}

std::string length_text(std::int64_t seconds) {
  if (seconds % 3'600 == 0) return fmt::format("{} h", seconds / 3'600);
  if (seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

namespace {

std::string number(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.1f} %", *value * 100) : "-";
}

std::string day_text(const std::string& moment) {
  return moment.substr(0, 10) + " " + moment.substr(11, 5);
}

// What the declarations were worth.
std::string intents_text(const intent_section& i, bool budgeted) {
  std::string text;
  if (!i.settings.empty())
    text += fmt::format("simulated declarations ({}):\n  {} requests declared, {} of them came; {} of the "
                        "requests were declared in time; mean credibility {}\n",
                        i.settings, with_thousands(i.declared), percent(i.kept_share),
                        percent(i.in_time_share), number(i.mean_credibility, 2));
  if (i.announced)
    text += fmt::format("calendar: {} requests announced; its credibility at the end {}\n",
                        with_thousands(*i.announced), number(i.calendar_credibility, 2));
  if (i.sequence)
    text += fmt::format("sequence model: {} requests foretold for {} keys, {} of them came ({} were to); its "
                        "credibility at the end {}\n",
                        with_thousands(i.sequence->declared),
                        with_thousands(static_cast<std::int64_t>(i.sequence->keys)),
                        percent(i.sequence->kept_share), percent(i.sequence->promised_share),
                        number(i.sequence->credibility, 2));
  text += fmt::format("  on the keys that were declared for ({} of all requests), cost is {} times that "
                      "without declarations{}\n",
                      percent(i.keys_requests_share), number(i.cost_ratio, 3),
                      budgeted ? ", before any budget" : "");
  if (budgeted)
    text += fmt::format("  within the budget, on all keys, cost is {} times that without declarations\n",
                        number(i.cost_ratio_all, 3));
  return text;
}

// Times are shown in UTC all the same.
std::string zones_text(const scorecard& card) {
  if (card.time_zones.empty()) return {};
  std::string text = "days and weeks follow ";
  for (const auto& zone : card.time_zones)
    text += (&zone == &card.time_zones.front() ? "" : ", ") + zone;
  return text + "\n";
}

std::string outages_text(const outage_totals& outages) {
  std::string text;
  const auto line = [&text](std::int64_t n, const char* what) {
    if (n == 0) return;
    text += fmt::format("{} interval{} in which {} fell silent {} not learned from\n", with_thousands(n),
                        n == 1 ? "" : "s", what, n == 1 ? "was" : "were");
  };
  line(outages.intervals, "the whole log");
  line(outages.region_intervals, "a region");
  return text;
}

std::string recommendation(const scorecard& card, const policy_line& ours) {
  const auto& r = ours.regret;
  const bool predict = !r.regret_strict || *r.regret_strict <= 1;
  std::string text = "To begin with, in the configuration:\n\n  [demand]\n";
  text += fmt::format("  interval = {}            # seconds\n\n  [allocation]\n", card.interval_seconds);
  if (predict)
    text += fmt::format("  policy = \"{}\"\n", ours.name);
  else
    text += fmt::format("  policy = \"{}\"        # simpler, and no worse on this log\n", r.best_strict);
  text += fmt::format("  lead = {}                  # intervals from deciding to ready\n", card.lead);
  text +=
      fmt::format("  cost_under = {:g}          # of a request that found nothing ready\n", card.cost_under);
  text += fmt::format("  cost_over = {:g}           # of a unit that stood idle for 300 s\n",
                      card.cost_over * 300.0 / static_cast<double>(card.interval_seconds));
  if (card.budget != "none") text += fmt::format("  budget = \"{}\"\n", card.budget);
  text += "  mode = \"shadow\"          # watch it plan before it acts\n";
  return text;
}

} // namespace

std::string verdict(const scorecard& card) {
  if (card.policies.empty()) return {};
  const auto& ours = card.policies.front();
  const auto& r = ours.regret;
  if (ours.sums.requests() == 0)
    return "The evaluated part holds no request: replay a longer log, or lower --warmup.\n";
  std::string text;
  if (r.regret_strict) {
    const double gain = (1 - *r.regret_strict) * 100;
    text += gain >= 0.05
                ? fmt::format("Prediction ({}) costs {:.1f} % less than the best simple policy that was "
                              "tuned on this log ({})",
                              ours.name, gain, r.best_strict)
                : fmt::format(
                      "Prediction ({}) does not beat the best simple policy on this log ({}, by {:.1f} %)",
                      ours.name, r.best_strict, -gain);
    if (card.budget != "none") text += ", beyond what the oracle cannot avoid";
    if (r.regret_field && r.best_field != r.best_strict)
      text += fmt::format(",\nand {:.1f} % less than the best one in common use ({})",
                          (1 - *r.regret_field) * 100, r.best_field);
    text += ".\n";
  } else {
    text += "Under this budget even the oracle saves less than 5 %: no policy can show much here.\n";
  }
  if (r.cost_none_over_best && *r.cost_none_over_best < 1.3)
    text += fmt::format("Having nothing ready costs only {:.2f} times as much as the best simple policy: "
                        "this log leaves little to gain.\n",
                        *r.cost_none_over_best);
  return text;
}

std::string to_text(const scorecard& card) {
  std::string text = fmt::format(
      "{} requests in {} rows{}, {} to {} UTC\n{} resources, {} region{}, {} intervals of {}; the last {} "
      "are evaluated\n"
      "lead {} interval{}, a cold request costs {:g} and an idle unit {:g} per interval, budget {}\n{}\n",
      with_thousands(card.requests), with_thousands(static_cast<std::int64_t>(card.rows)),
      card.bad_rows > 0 ? fmt::format(" ({} bad)", with_thousands(static_cast<std::int64_t>(card.bad_rows)))
                        : "",
      day_text(card.from), day_text(card.to), with_thousands(static_cast<std::int64_t>(card.resources)),
      card.regions, card.regions == 1 ? "" : "s", with_thousands(card.intervals),
      length_text(card.interval_seconds), with_thousands(card.evaluated_intervals), card.lead,
      card.lead == 1 ? "" : "s", card.cost_under, card.cost_over, card.budget, zones_text(card));
  if (card.catalogue)
    text += fmt::format("catalogue: {} kind{}; it names {} of the {} resources\n\n", card.catalogue->kinds,
                        card.catalogue->kinds == 1 ? "" : "s",
                        with_thousands(static_cast<std::int64_t>(card.catalogue->named)),
                        with_thousands(static_cast<std::int64_t>(card.resources)));
  if (!card.without.empty()) text += fmt::format("A MEASUREMENT: the models do without {}\n\n", card.without);
  text += fmt::format("{:<16} {:>9} {:>14} {:>12} {:>13} {:>9} {:>9}\n", "policy", "warm", "cold requests",
                      "idle/request", "cost/request", "regret", "strict");
  const auto ours = card.policies.empty() ? nullptr : &card.policies.front();
  for (const auto& p : card.policies)
    text += fmt::format("{:<16} {:>9} {:>14} {:>12} {:>13} {:>9} {:>9}\n", p.name, percent(p.warm_ratio),
                        with_thousands(p.sums.cold), number(p.waste_per_request, 2),
                        number(p.cost_per_request, 4), number(p.regret.regret_field, 3),
                        number(p.regret.regret_strict, 3));
  text += "\nwarm: found everything ready · regret: 0 is the oracle, 1 the best policy in common use · "
          "strict: 1 is the best one "
          "tuned on this log\n";
  if (ours == nullptr) return text;
  if (ours->regret.regret_se)
    text += fmt::format("standard error of the strict regret over days: {:.3f}\n", *ours->regret.regret_se);
  if (card.find("reactive-tuned") != nullptr) text += card.tuned + "\n";
  if (card.hindsight)
    text += fmt::format("cost is {} times that of the best fixed mix of the experts, known in hindsight\n",
                        number(card.hindsight->regret, 3));
  if (card.left_out > 0)
    text += fmt::format("{} interval{} of keys whose count is empty {} not scored, for any policy\n",
                        with_thousands(card.left_out), card.left_out == 1 ? "" : "s",
                        card.left_out == 1 ? "is" : "are");
  text += outages_text(card.outages);
  if (card.intents) text += intents_text(*card.intents, card.budget != "none");
  if (card.segments) text += to_text(*card.segments);
  text += fmt::format("forecast {} intervals ahead: error {} of the demand, {} of the last-day forecast's; "
                      "{} of the intervals covered\n\n",
                      card.horizon, percent(card.wape), number(card.mase, 2), percent(card.coverage));
  text += verdict(card) + "\n" + recommendation(card, *ours);
  return text;
}

} // namespace forestage::cluster
