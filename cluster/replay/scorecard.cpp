#include "cluster/replay/scorecard.hpp"

#include "cluster/replay/intent_options.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace forestage::cluster {

namespace {

using json = nlohmann::ordered_json;

json optional_json(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

std::string budget_text(const budget_rule& rule) {
  if (rule.multiple) {
    auto text = json(*rule.multiple).dump();
    return text + "x";
  }
  return rule.units ? std::to_string(*rule.units) : "none";
}

std::optional<double> ratio(double a, double b) {
  return b > 0 ? std::optional{a / b} : std::nullopt;
}

hindsight_line hindsight_of(const actors::scoreboard& board, const models::unit_costs& costs) {
  const auto& sums = board.policies[actors::cost_policy].total();
  const double ours = models::cost(sums, costs);
  const auto mix = models::best_fixed_mix(board.hindsight, costs).value_or(models::hindsight_mix{});
  hindsight_line line;
  line.cost = ours - mix.gain;
  line.cost_per_request = ratio(line.cost, static_cast<double>(sums.requests()));
  line.standard_error = mix.standard_error;
  line.regret = ratio(ours, line.cost);
  line.rows = static_cast<std::int64_t>(board.hindsight.rows().size());
  for (std::size_t i = 0; i < models::expert_count; ++i)
    if (const auto w = static_cast<double>(mix.weights[i]); w >= 0.001)
      line.weights.emplace_back(models::to_string(static_cast<models::expert>(i)), w);
  std::stable_sort(line.weights.begin(), line.weights.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return line;
}

} // namespace

std::string utc_text(std::int64_t unix_seconds) {
  const std::time_t t = unix_seconds;
  std::tm parts{};
  ::gmtime_r(&t, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

const policy_line* scorecard::find(std::string_view name) const {
  const auto at =
      std::find_if(policies.begin(), policies.end(), [&](const policy_line& p) { return p.name == name; });
  return at == policies.end() ? nullptr : &*at;
}

scorecard make_scorecard(const replay_options& options, const log_survey& survey, const std::string& columns,
                         const actors::scoreboard& board, const models::tuned_choice& tuned) {
  scorecard card;
  card.rows = survey.report.rows;
  card.bad_rows = survey.report.bad_rows;
  card.requests = survey.requests;
  card.missing = survey.missing;
  card.left_out = board.left_out;
  card.from = utc_text(survey.first_second);
  card.to = utc_text(survey.last_second);
  card.interval_seconds = options.interval_seconds;
  card.resources = survey.resources.size();
  card.regions = survey.regions.size();
  card.intervals = survey.intervals();
  card.evaluated_intervals = survey.end - survey.evaluation;
  card.lead = options.lead;
  card.cost_under = options.cost_under;
  card.cost_over = options.cost_over;
  card.warmup = options.warmup;
  card.budget = budget_text(options.budget);
  card.threshold = options.threshold;
  card.collection_size = options.collection_size;
  card.seed = options.seed;
  card.without = to_string(options.without);
  card.where = options.where;
  card.time_zones = options.time_zones;
  card.columns = columns;

  const models::unit_costs costs{options.cost_under, options.cost_over};
  std::vector<models::named_score> yardsticks;
  for (std::size_t i = actors::first_yardstick; i < actors::policy_count; ++i)
    yardsticks.push_back({actors::policy_name(i), board.policies[i]});
  const auto& oracle =
      board.policies[actors::first_yardstick + static_cast<std::size_t>(models::yardstick::oracle)];
  const auto& none =
      board.policies[actors::first_yardstick + static_cast<std::size_t>(models::yardstick::none)];

  std::vector<std::string> shown;
  if (options.cost_policy) shown.emplace_back("cost");
  if (options.has_intents() && options.cost_policy) shown.emplace_back("cost-no-intents");
  if (options.threshold) shown.emplace_back("threshold");
  shown.insert(shown.end(), options.yardsticks.begin(), options.yardsticks.end());
  for (const auto& name : shown)
    for (std::size_t i = 0; i < actors::policy_count; ++i) {
      if (actors::policy_name(i) != name) continue;
      const auto& score = board.policies[i];
      const auto& sums = score.total();
      policy_line line;
      line.name = name;
      line.sums = sums;
      line.cost = models::cost(sums, costs);
      line.cost_per_request = models::cost_per_request(sums, costs);
      line.warm_ratio = models::warm_ratio(sums);
      line.waste_per_request = models::waste_per_request(sums);
      line.precision = models::precision(sums);
      line.coverage = models::coverage(sums, none.total());
      line.timeliness = models::replay_timeliness(sums);
      line.regret = models::summarize_regret(score, oracle, yardsticks, costs);
      card.policies.push_back(std::move(line));
    }
  const auto quarters = [](std::uint8_t index) {
    return json(models::tuned_headroom_quarters[index] / 4.0).dump();
  };
  card.tuned = "reactive-tuned: the largest of the last " +
               std::to_string(models::tuned_windows[tuned.window]) + " times " + quarters(tuned.headroom) +
               "; last-week-tuned: last week times " + quarters(tuned.week_headroom);

  // A run that was resumed may not have been asked for it from the beginning.
  if (options.wants_hindsight_mix() && board.hindsight.seen() == board.forecast.key_intervals)
    card.hindsight = hindsight_of(board, costs);

  const auto& f = board.forecast;
  const double error = static_cast<double>(f.absolute_error) / actors::forecast_sums::unit;
  const double tau = options.cost_under / (options.cost_under + options.cost_over);
  card.horizon = options.lead + 1;
  card.wape = ratio(error, static_cast<double>(f.requests));
  card.mase = ratio(error, static_cast<double>(f.naive_error));
  if (card.mase) card.skill = 1 - *card.mase;
  card.pinball = ratio(tau * static_cast<double>(f.shortage) + (1 - tau) * static_cast<double>(f.excess),
                       static_cast<double>(f.requests));
  card.coverage = ratio(static_cast<double>(f.covered), static_cast<double>(f.key_intervals));
  return card;
}

void add_intents(scorecard& card, const replay_options& options, const actors::scoreboard& board,
                 const intent_totals& totals) {
  const auto& sums = board.intents;
  intent_section out;
  if (options.intents) out.settings = to_string(*options.intents);
  if (!options.calendar.empty()) {
    out.announced = totals.announced;
    out.calendar_credibility = totals.calendar_credibility;
  }
  out.declared = totals.declared;
  out.kept = totals.kept;
  const auto share = [](auto a, auto b) { return ratio(static_cast<double>(a), static_cast<double>(b)); };
  out.kept_share = share(totals.kept, totals.declared);
  out.in_time_share = share(sums.in_time, sums.requests);
  out.mean_credibility = ratio(totals.weight, static_cast<double>(totals.declared));
  out.keys = totals.keys;
  out.keys_requests_share = share(sums.requests, board.forecast.requests);
  const auto cost = [&](std::int64_t cold, std::int64_t idle) {
    return options.cost_under * static_cast<double>(cold) + options.cost_over * static_cast<double>(idle);
  };
  out.cost_ratio = ratio(cost(sums.cold, sums.idle), cost(sums.cold_without, sums.idle_without));
  const models::unit_costs costs{options.cost_under, options.cost_over};
  out.cost_ratio_all = ratio(models::cost(board.policies[actors::cost_policy].total(), costs),
                             models::cost(board.policies[actors::no_intents_index].total(), costs));
  out.used_share = share(sums.used, sums.keys_intervals);
  out.dropped = sums.dropped;
  out.forgotten_peers = totals.forgotten_peers;
  card.intents = std::move(out);
}

void add_sequence(scorecard& card, const sequence_totals& totals) {
  sequence_section out;
  out.declared = totals.declared;
  out.kept = totals.kept;
  const auto declared = static_cast<double>(totals.declared);
  out.kept_share = ratio(static_cast<double>(totals.kept), declared);
  out.promised_share = ratio(totals.promised, declared);
  out.credibility = totals.credibility;
  out.keys = totals.keys;
  out.left_out = totals.left_out;
  card.intents->sequence = out;
}

namespace {

json sequence_json(const std::optional<sequence_section>& section) {
  if (!section) return nullptr;
  const auto& s = *section;
  return {{"declared", s.declared},
          {"kept", s.kept},
          {"kept_share", optional_json(s.kept_share)},
          {"promised_share", optional_json(s.promised_share)},
          {"credibility", s.credibility},
          {"keys", s.keys},
          {"left_out", s.left_out}};
}

} // namespace

std::string to_json(const scorecard& card) {
  json out;
  out["log"] = {{"rows", card.rows},
                {"requests", card.requests},
                {"bad_rows", card.bad_rows},
                {"missing", card.missing},
                {"left_out_key_intervals", card.left_out},
                {"from", card.from},
                {"to", card.to},
                {"interval_seconds", card.interval_seconds},
                {"intervals", card.intervals},
                {"evaluated_intervals", card.evaluated_intervals},
                {"resources", card.resources},
                {"regions", card.regions}};
  out["settings"] = {{"kind", "capacity"},
                     {"columns", card.columns},
                     {"where", card.where},
                     {"lead", card.lead},
                     {"cost_under", card.cost_under},
                     {"cost_over", card.cost_over},
                     {"warmup", card.warmup},
                     {"budget", card.budget},
                     {"threshold", optional_json(card.threshold)},
                     {"collection_size", card.collection_size},
                     {"seed", card.seed}};
  if (!card.time_zones.empty()) out["settings"]["time_zones"] = card.time_zones;
  if (card.catalogue)
    out["settings"]["catalogue"] = {{"kinds", card.catalogue->kinds}, {"named", card.catalogue->named}};
  if (!card.without.empty()) out["settings"]["without"] = card.without;
  auto& policies = out["policies"] = json::object();
  for (const auto& p : card.policies)
    policies[p.name] = {{"requests", p.sums.requests()},
                        {"warm", p.sums.used},
                        {"cold", p.sums.cold},
                        {"warm_ratio", optional_json(p.warm_ratio)},
                        {"allocated_unit_intervals", p.sums.allocated()},
                        {"allocated_slots", p.sums.allocated() * card.collection_size},
                        {"waste_unit_intervals", p.sums.waste},
                        {"waste_per_request", optional_json(p.waste_per_request)},
                        {"cost", p.cost},
                        {"cost_per_request", optional_json(p.cost_per_request)},
                        {"regret_field", optional_json(p.regret.regret_field)},
                        {"regret_strict", optional_json(p.regret.regret_strict)},
                        {"regret_se", optional_json(p.regret.regret_se)},
                        {"cost_none_over_best", optional_json(p.regret.cost_none_over_best)},
                        {"precision", optional_json(p.precision)},
                        {"coverage", optional_json(p.coverage)},
                        {"timeliness", optional_json(p.timeliness)}};
  auto& mix = out["hindsight_mix"] = nullptr;
  if (card.hindsight) {
    const auto& h = *card.hindsight;
    mix = {{"cost", h.cost},
           {"cost_per_request", optional_json(h.cost_per_request)},
           {"standard_error", h.standard_error},
           {"regret_of_cost", optional_json(h.regret)},
           {"sampled_rows", h.rows},
           {"weights", json::object()}};
    for (const auto& [name, weight] : h.weights)
      mix["weights"][name] = weight;
  }
  out["forecast"] = {{"horizon_intervals", card.horizon},      {"wape", optional_json(card.wape)},
                     {"mase", optional_json(card.mase)},       {"skill", optional_json(card.skill)},
                     {"pinball", optional_json(card.pinball)}, {"coverage", optional_json(card.coverage)}};
  if (card.outages.intervals > 0 || card.outages.region_intervals > 0)
    out["outages"] = {{"intervals", card.outages.intervals},
                      {"region_intervals", card.outages.region_intervals}};
  if (card.intents) {
    const auto& i = *card.intents;
    out["intents"] = {{"settings", i.settings.empty() ? json(nullptr) : json(i.settings)},
                      {"declared", i.declared},
                      {"kept", i.kept},
                      {"kept_share", optional_json(i.kept_share)},
                      {"in_time_share", optional_json(i.in_time_share)},
                      {"mean_credibility", optional_json(i.mean_credibility)},
                      {"keys", i.keys},
                      {"keys_requests_share", optional_json(i.keys_requests_share)},
                      {"cost_ratio", optional_json(i.cost_ratio)},
                      {"cost_ratio_all", optional_json(i.cost_ratio_all)},
                      {"used_share", optional_json(i.used_share)},
                      {"dropped_declarations", i.dropped},
                      {"forgotten_peers", i.forgotten_peers},
                      {"announced", i.announced ? json(*i.announced) : json(nullptr)},
                      {"calendar_credibility", optional_json(i.calendar_credibility)},
                      {"sequence", sequence_json(i.sequence)}};
  }
  if (card.segments) out["segments"] = to_json(*card.segments);
  return out.dump(1) + "\n";
}

} // namespace forestage::cluster
