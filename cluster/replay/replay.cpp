#include "cluster/replay/replay.hpp"

#include "adapters/logs/catalogue.hpp"
#include "adapters/memory/transient_demand_log.hpp"
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "adapters/truth/truth_file.hpp"
#include "cluster/engine/engine.hpp"
#include "cluster/replay/candidate_dump.hpp"
#include "cluster/replay/intent_options.hpp"
#include "cluster/replay/intents.hpp"
#include "cluster/replay/kept_log.hpp"
#include "cluster/replay/outages.hpp"
#include "cluster/replay/rate_oracle.hpp"
#include "cluster/replay/replay_report.hpp"
#include "cluster/replay/round_feeder.hpp"
#include "cluster/replay/sequence_feed.hpp"
#include "cluster/replay/survey.hpp"
#include "cluster/replay/time_zones.hpp"
#include "models/allocation/budget.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>

namespace forestage::cluster {

using models::errc;
using models::result;

namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint64_t snapshot_every = 8; // rounds
constexpr auto fingerprint_key = "replay.fingerprint";

double seconds_since(clock::time_point begin) {
  return std::chrono::duration<double>(clock::now() - begin).count();
}

actors::run_settings_ptr settings_of(const replay_options& options, const log_survey& survey,
                                     const region_zones& zones, models::catalogue catalogue) {
  models::demand_options demand;
  demand.interval_seconds = options.interval_seconds;
  demand.lead = options.lead;
  demand.cost_under = options.cost_under;
  demand.cost_over = options.cost_over;
  demand.first = survey.first;
  demand.offsets = zones.offsets.front();
  demand.without = options.without;
  models::model_context context{models::demand_settings::make(demand).value()};
  models::yardstick_settings yardsticks;
  yardsticks.lead = options.lead;
  yardsticks.per_day = context.settings.per_day();
  yardsticks.per_week = context.settings.per_week();
  yardsticks.first = survey.first;
  yardsticks.evaluation = survey.evaluation;
  yardsticks.cost_under = options.cost_under;
  yardsticks.cost_over = options.cost_over;
  auto settings =
      std::make_shared<actors::run_settings>(actors::run_settings{std::move(context), yardsticks});
  for (std::size_t i = 1; i < zones.offsets.size(); ++i) {
    demand.offsets = zones.offsets[i];
    settings->other_clocks.emplace_back(models::demand_settings::make(demand).value());
  }
  settings->clocks = zones.clocks;
  settings->budgeted = options.budget.limited();
  settings->intents = options.has_intents();
  settings->forward = models::intent_context{settings->models.settings};
  // What peers asked for says less than what they declare. Chosen on first halves.
  if (options.sequence && !options.intents) settings->forward.least_shrunk_gain = 0.01;
  settings->shards = options.shards;
  settings->catalogue = std::move(catalogue);
  settings->segments = survey.segments;
  settings->hindsight = options.wants_hindsight_mix();
  if (options.threshold) settings->threshold = actors::threshold_policy{*options.threshold};
  if (options.report) {
    const auto from = std::max(survey.evaluation, survey.end - models::traced_intervals);
    settings->trace = models::trace_settings{survey.busiest, from, survey.end};
  }
  return settings;
}

// The interval of the run, when it was not given; else whether the log can be counted by it.
models::status choose_interval(replay_options& options, const request_log& log) {
  const auto known = log.interval_seconds();
  if (options.interval_seconds == 0) options.interval_seconds = known.value_or(300);
  if (known && options.interval_seconds % *known != 0)
    return {errc::invalid_argument, "--interval: " + options.paths.front() + " keeps counts of every " +
                                        std::to_string(*known) +
                                        " s, which cannot be split; choose a multiple of it"};
  return models::success();
}

// Whether the log says who asks for what, when that is to be learned.
models::status check_peers(const replay_options& options, const request_log& log) {
  const auto& path = options.paths.front();
  if (options.min_peers > 1 && log.interval_seconds())
    return {errc::invalid_argument,
            "--min-peers: " + path +
                " is a data directory: it keeps counts, not who asked, and the segments "
                "that were hidden when it was written stay so; leave --min-peers out"};
  if (options.min_peers > 1 && !log.has_segments())
    return {errc::invalid_argument, "--min-peers: " + path +
                                        " has no segment column, so there is nothing to hide; name it with "
                                        "--columns …,segment=COLUMN, or leave --min-peers out"};
  if (options.min_peers > 1 && !log.has_peers())
    return {errc::invalid_argument,
            "--min-peers: " + path +
                " does not say who asks, so nobody can count the peers of a segment; name "
                "the column with --columns …,peer=COLUMN, or leave --min-peers out"};
  if (!options.sequence || log.has_peers()) return models::success();
  if (log.interval_seconds())
    return {errc::invalid_argument, "--sequence: " + path +
                                        " is a data directory: it keeps counts, not who asked; replay the "
                                        "log itself, or leave --sequence out"};
  return {errc::invalid_argument, "--sequence: " + path +
                                      " has no peer column, so nobody can tell who asks for what; name it "
                                      "with --columns …,peer=COLUMN, or leave --sequence out"};
}

catalogue_line known_of(const models::catalogue& catalogue, const log_survey& survey) {
  catalogue_line line;
  if (catalogue.empty()) return line;
  for (const auto& kind : catalogue.kinds())
    line.kinds += kind.empty() ? 0U : 1U;
  for (std::uint32_t i = 0; i < survey.resources.size(); ++i)
    line.named += catalogue.kinds()[catalogue.kind_of(survey.resources[i].text())].empty() ? 0U : 1U;
  return line;
}

// What must be the same for a run to be resumed.
std::string fingerprint(const replay_options& o, const log_survey& s, const region_zones& zones,
                        const std::vector<adapters::logs::calendar_row>& calendar,
                        const std::vector<models::catalogue_entry>& catalogue) {
  std::string announced;
  for (const auto& row : calendar)
    announced += fmt::format("{}\n{}\n{} {} {}\n", row.resource, row.region, row.from_second, row.to_second,
                             row.expected);
  nlohmann::ordered_json out{{"format", 2},
                             {"columns", o.columns},
                             {"where", o.where},
                             {"interval", o.interval_seconds},
                             {"lead", o.lead},
                             {"cost", {o.cost_under, o.cost_over}},
                             {"warmup", o.warmup},
                             {"budget", {o.budget.multiple.value_or(-1), o.budget.units.value_or(-1)}},
                             {"threshold", o.threshold.value_or(-1)},
                             {"shards", o.shards},
                             {"intents", o.intents ? to_string(*o.intents) : ""},
                             {"calendar", calendar.empty() ? 0 : models::stable_hash(announced)},
                             {"rows", s.report.rows},
                             {"requests", s.requests},
                             {"first", s.first_second},
                             {"last", s.last_second}};
  if (const auto text = to_text(zones); !text.empty()) out["time_zones"] = models::stable_hash(text);
  if (!catalogue.empty()) {
    std::string entries;
    for (const auto& entry : catalogue)
      entries += entry.resource + '\n' + entry.kind + '\n';
    out["catalogue"] = models::stable_hash(entries);
  }
  if (!s.segments.empty()) {
    std::string names;
    for (std::size_t i = 0; i < s.segments.size(); ++i)
      names += s.segments[i] + '\n';
    out["segments"] = models::stable_hash(names);
    out["min_peers"] = o.min_peers;
  }
  if (!o.freeze) out["freeze"] = false;
  if (o.without.any()) out["without"] = to_string(o.without);
  if (o.sequence) out["sequence"] = true;
  if (o.report) out["report"] = true; // what a report shows is kept with the shards' state
  return out.dump();
}

// The log of the run: in memory, or in the data directory.
struct opened_log {
  std::shared_ptr<actors::demand_log> log;
  bool durable = false;
};

result<opened_log> open_demand_log(const replay_options& options, const log_survey& survey,
                                   const region_zones& zones,
                                   const std::vector<adapters::logs::calendar_row>& calendar,
                                   const std::vector<models::catalogue_entry>& catalogue) {
  if (options.data_dir.empty()) return opened_log{std::make_shared<adapters::transient_demand_log>(), false};
  adapters::sqlite_options sqlite;
  sqlite.durable = adapters::durability::process_crash; // power loss: the log is still there, replay it again
  auto opened = adapters::sqlite_demand_log::open(options.data_dir, sqlite);
  if (!opened) return opened.failure();
  auto& log = **opened;
  auto found = log.get(fingerprint_key);
  if (!found) return found.failure();
  const auto own = fingerprint(options, survey, zones, calendar, catalogue);
  const auto where = options.data_dir.string();
  if (found->has_value() && !options.resume)
    return models::error{errc::incompatible,
                         where +
                             " holds a run already: --resume goes on with it, or name an empty directory"};
  if (found->has_value() && **found != own)
    return models::error{errc::incompatible,
                         where +
                             " holds a run of another log or with other settings; --resume needs the same "
                             "log, options and --shards\n  there: " +
                             **found + "\n  here:  " + own};
  if (!found->has_value()) {
    const log_shape shape{options.interval_seconds, options.shards};
    if (auto put = log.put(log_shape_key, to_json(shape)); !put) return put.failure();
    if (auto put = log.put(fingerprint_key, own); !put) return put.failure();
  }
  return opened_log{std::shared_ptr<actors::demand_log>{std::move(*opened)}, true};
}

// Drives the rounds of a run, one on its way while the next is read.
class driver {
public:
  driver(engine& system, std::uint64_t resumed, bool durable, rate_oracle* oracle, replay_speed& speed)
      : system_(system)
      , resumed_(resumed)
      , durable_(durable)
      , oracle_(oracle)
      , speed_(speed) {}

  models::status on_round(actors::routed_round round) {
    if (oracle_ != nullptr)
      if (auto scored = oracle_->score(round); !scored) return scored;
    if (round.number <= resumed_) return models::success();
    if (auto done = finish(); !done) return done;
    system_.send(std::move(round));
    return models::success();
  }
  // Waits for the round on its way.
  models::status finish() {
    auto summary = system_.collect();
    if (!summary) return summary.failure();
    speed_.key_intervals += summary->key_intervals;
    speed_.most_active_resources = std::max(speed_.most_active_resources, summary->active_resources);
    if (durable_ && summary->number > 0 && summary->number % snapshot_every == 0) return system_.snapshot();
    return models::success();
  }

private:
  engine& system_;
  std::uint64_t resumed_;
  bool durable_;
  rate_oracle* oracle_;
  replay_speed& speed_;
};

} // namespace

result<replay_outcome> replay(const replay_options& asked, const progress_function& progress) {
  if (auto valid = validate(asked); !valid) return valid.failure();
  if (auto able = try_threads(asked.threads); !able) return able.failure();
  const auto zone_rules = parse_zone_rules(asked.time_zones);
  if (!zone_rules) return zone_rules.failure();
  auto found = open_log(asked);
  if (!found) return found.failure();
  const auto& log = **found;
  auto options = asked;
  if (auto chosen = choose_interval(options, log); !chosen) return chosen.failure();
  if (auto known = check_peers(options, log); !known) return known.failure();
  models::sequence_settings sequence_settings;
  if (options.sequence) {
    auto fits = sequence_settings_of(options);
    if (!fits) return fits.failure();
    sequence_settings = *fits;
  }
  const auto grid = models::interval_grid::make(options.interval_seconds).value();

  replay_outcome out;
  out.notes = log.notes();
  std::vector<adapters::logs::calendar_row> calendar;
  if (!options.calendar.empty()) {
    auto rows = adapters::logs::read_calendar(options.calendar);
    if (!rows) return rows.failure();
    calendar = std::move(*rows);
  }
  adapters::logs::catalogue_file catalogue;
  if (!options.catalogue.empty()) {
    auto file = adapters::logs::read_catalogue(options.catalogue);
    if (!file) return file.failure();
    catalogue = std::move(*file);
  }
  auto begin = clock::now();
  auto survey = survey_log(log, grid, options, progress);
  if (!survey) return survey.failure();
  out.speed.survey_seconds = seconds_since(begin);
  out.speed.rows = survey->report.rows;
  for (const auto& row : survey->report.first_bad_rows)
    out.bad_rows.push_back(to_string(row));
  if (survey->lateness > grid.per_day())
    out.notes.push_back("rows are up to " + std::to_string(survey->lateness) +
                        " intervals out of order: that much of the log is kept in memory");

  // A data directory may have segments, but nobody asked for them.
  if (log.has_segments() && !log.interval_seconds() && survey->segments.empty())
    out.notes.push_back(
        survey->segment_names.names == 0
            ? std::string{"segment: no row names one, so none are told apart"}
            : fmt::format("segment: no segments are told apart; with --min-peers {} none of the {} could be "
                          "without showing who is in a small one",
                          options.min_peers, survey->segment_names.names));

  auto zones = assign_zones(*zone_rules, *survey);
  if (!zones) return zones.failure();
  std::move(zones->warnings.begin(), zones->warnings.end(), std::back_inserter(out.notes));

  const auto settings = settings_of(options, *survey, *zones, catalogue.catalogue);
  std::map<models::region_id, std::int64_t> budgets;
  for (std::uint32_t i = 0; i < survey->regions.size(); ++i)
    budgets[survey->regions[i]] = options.budget.units.value_or(models::budget_of_region(
        options.budget.multiple.value_or(1), survey->evaluation_demand[i], survey->end - survey->evaluation));
  const auto budget_of = [&budgets, &options](const models::region_id& region) {
    const auto at = budgets.find(region);
    return at != budgets.end() ? at->second : options.budget.units.value_or(1);
  };
  std::optional<rate_oracle> oracle;
  if (!options.truth.empty()) {
    auto truth = truth::read_truth(options.truth);
    if (!truth) return truth.failure();
    if (options.interval_seconds % 60 != 0)
      return models::error{errc::invalid_argument,
                           "--truth knows rates of whole minutes: choose an --interval of whole minutes"};
    oracle.emplace(std::move(*truth), settings, budget_of);
  }

  auto demand_log = open_demand_log(options, *survey, *zones, calendar, catalogue.entries);
  if (!demand_log) return demand_log.failure();
  std::optional<candidate_dump> dump;
  std::function<void(const actors::priced_interval&)> on_priced;
  if (!options.dump_candidates.empty()) {
    auto opened = candidate_dump::open(options.dump_candidates, settings->costs());
    if (!opened) return opened.failure();
    dump.emplace(std::move(*opened));
    on_priced = [&dump](const actors::priced_interval& decision) { dump->add(decision); };
  }
  begin = clock::now();
  engine system{{.settings = settings,
                 .log = demand_log->log,
                 .durable = demand_log->durable,
                 .threads = options.threads,
                 .clock = {},
                 .budget_of = budget_of,
                 .on_priced = std::move(on_priced)}};
  std::uint64_t resumed = 0;
  if (options.resume) {
    auto restored = system.restore();
    if (!restored) return restored.failure();
    resumed = *restored;
    if (resumed > 0) out.notes.push_back("resumed after round " + std::to_string(resumed));
  }
  driver drive{system, resumed, demand_log->durable, oracle ? &*oracle : nullptr, out.speed};
  const round_function to_driver = [&](actors::routed_round round) {
    return drive.on_round(std::move(round));
  };
  std::optional<intent_feed> intents;
  if (options.intents || !options.calendar.empty()) {
    auto totals = count_keys(log, grid, *survey, !calendar.empty(), progress);
    if (!totals) return totals.failure();
    const auto simulated = options.intents.value_or(models::synthetic::intent_simulation{});
    auto keys = options.intents ? busiest_keys(*totals, *survey, simulated.top) : std::vector<busy_key>{};
    auto announced = announce(calendar, *totals, grid, *survey);
    std::move(announced.notes.begin(), announced.notes.end(), std::back_inserter(out.notes));
    const models::synthetic::simulated_span span{survey->first, survey->evaluation, survey->end,
                                                 options.lead + 1, options.interval_seconds};
    intents.emplace(simulated, span, std::move(keys), std::move(announced.all), *survey, to_driver);
  }
  const round_function declared = [&](actors::routed_round round) {
    return intents ? intents->on_round(std::move(round)) : to_driver(std::move(round));
  };
  std::optional<sequence_feed> sequence;
  requests_function on_requests;
  if (options.sequence) {
    sequence.emplace(sequence_settings, *survey, declared);
    on_requests = [&sequence](peer_requests requests) { sequence->on_requests(std::move(requests)); };
  }
  outage_finder outages{grid};
  auto fed = feed_rounds(
      log, grid, *survey,
      [&](actors::routed_round round) {
        if (options.freeze) outages.look_at(round);
        return sequence ? sequence->on_round(std::move(round)) : declared(std::move(round));
      },
      progress, on_requests);
  if (intents && fed.ok()) fed = intents->finish();
  if (auto last = drive.finish(); fed.ok() && !last) fed = last;
  if (!fed) return fed.failure();
  auto scores = system.scores();
  if (!scores) return scores.failure();
  if (scores->counted != survey->requests)
    return models::error{errc::internal, "counted " + std::to_string(scores->counted) + " of " +
                                             std::to_string(survey->requests) +
                                             " requests: please report this"};
  if (dump)
    if (auto written = dump->commit(); !written) return written.failure();
  if (oracle) scores->board.policies[actors::rate_oracle_index] = oracle->total();

  out.speed.replay_seconds = seconds_since(begin);
  out.speed.threads = options.threads;
  out.speed.shards = options.shards;
  out.speed.resumed_after_round = resumed;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  out.speed.peak_rss_bytes = std::int64_t{usage.ru_maxrss} * 1'024;
  out.card = make_scorecard(options, *survey, log.columns(), scores->board, scores->tuned);
  out.card.outages = outages.totals();
  if (!survey->segments.empty()) out.card.segments = make_segments(options, *survey, scores->board.segments);
  if (!options.catalogue.empty()) out.card.catalogue = known_of(settings->catalogue, *survey);
  if (settings->intents) {
    add_intents(out.card, options, scores->board, intents ? intents->totals() : intent_totals{});
    if (sequence) add_sequence(out.card, sequence->totals());
  }
  if (options.report) out.report = make_report(options, *survey, *settings->trace, out.card, scores->board);
  return out;
}

std::string to_json(const replay_speed& speed) {
  const double passes = speed.survey_seconds + speed.replay_seconds;
  nlohmann::ordered_json out{
      {"survey_seconds", speed.survey_seconds},
      {"replay_seconds", speed.replay_seconds},
      {"rows", speed.rows},
      {"rows_per_second", passes > 0 ? static_cast<double>(speed.rows) / passes : 0},
      {"key_intervals", speed.key_intervals},
      {"key_intervals_per_second",
       speed.replay_seconds > 0 ? static_cast<double>(speed.key_intervals) / speed.replay_seconds : 0},
      {"most_active_resources", speed.most_active_resources},
      {"threads", speed.threads},
      {"shards", speed.shards},
      {"resumed_after_round", speed.resumed_after_round},
      {"peak_rss_bytes", speed.peak_rss_bytes}};
  return out.dump(1) + "\n";
}

} // namespace forestage::cluster
