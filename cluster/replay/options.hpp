// What a replay is asked to do. Plain values, checked once.
#pragma once

#include "models/demand/ablation.hpp"
#include "models/result.hpp"
#include "models/synthetic/declarations.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::cluster {

inline constexpr auto hindsight_mix_name = "hindsight-mix";

// Units that a region may hold in an interval.
struct budget_rule {
  std::optional<double> multiple;    // of the region's mean demand per interval over the evaluation part
  std::optional<std::int64_t> units; // the same number everywhere
  [[nodiscard]] bool limited() const noexcept { return multiple || units; }
};

struct replay_options {
  std::vector<std::string> paths;
  std::string columns; // empty: detected
  std::vector<std::string> where;
  std::string time_format;
  bool strict = false;
  std::vector<std::string> time_zones; // rules as typed (time_zones.hpp); none: UTC
  std::int64_t interval_seconds = 300; // 0: that of a data directory, else five minutes
  std::int64_t lead = 1;
  double cost_under = 9, cost_over = 1;
  double warmup = 0.5; // share of the intervals that is only learned from
  budget_rule budget;
  bool cost_policy = true;
  std::optional<double> threshold; // of the threshold policy, when it takes part
  std::int64_t collection_size = 1;
  std::vector<std::string> yardsticks; // to be shown
  // The best fixed mix of the experts says nothing of what a budget leaves of it.
  [[nodiscard]] bool wants_hindsight_mix() const;
  std::uint64_t seed = 1;
  std::optional<models::synthetic::intent_simulation> intents; // declarations to be simulated
  std::string calendar;       // file of what the operator announces; empty: none
  std::int64_t min_peers = 1; // that a segment must have to be told apart
  bool sequence = false;      // what peers ask for next is learned from what they asked for
  std::string catalogue;      // file of what is known of resources; empty: none
  // Whether anything is declared in the run.
  [[nodiscard]] bool has_intents() const { return intents || sequence || !calendar.empty(); }
  std::string truth;           // file of rates, empty: none
  bool freeze = true;          // nothing is learned from the silence of a source that has failed
  std::string dump_candidates; // file of every decision under a budget, for checks; empty: none
  models::ablation without{};  // what the demand models do without, for measurements
  bool report = false;         // collect what --report shows
  std::uint32_t shards = 64;
  std::size_t threads = 0;        // 0: one per core
  std::filesystem::path data_dir; // empty: in memory
  bool resume = false;
};

// Errors: invalid_argument, naming the option and the remedy.
[[nodiscard]] models::status validate(const replay_options& options);

// "none", "1.0x", "12". Errors: invalid_argument.
[[nodiscard]] models::result<budget_rule> parse_budget(std::string_view text);
// "9:1" -> {9, 1}. Errors: invalid_argument.
[[nodiscard]] models::result<std::pair<double, double>> parse_cost_ratio(std::string_view text);
// "5m", "300", "1h", "15min", "1d" -> seconds. Errors: invalid_argument.
[[nodiscard]] models::result<std::int64_t> parse_duration(std::string_view text);
// "50%", "0.5" -> 0.5. Errors: invalid_argument.
[[nodiscard]] models::result<double> parse_share(std::string_view text);
// "default", "all" or names separated by commas. Errors: invalid_argument, naming what there is.
[[nodiscard]] models::result<std::vector<std::string>> parse_yardsticks(std::string_view text,
                                                                        bool with_truth);

// "history,live" -> what the models do without; empty: nothing. Errors: invalid_argument, naming what there
// is.
[[nodiscard]] models::result<models::ablation> parse_ablation(std::string_view text);
// The text that parse_ablation reads back; empty when nothing is left out.
[[nodiscard]] std::string to_string(const models::ablation& without);

// Called between pieces of work: what is going on, how much is done of how much. False: stop.
using progress_function =
    std::function<bool(std::string_view phase, std::uint64_t done, std::uint64_t total)>;

} // namespace forestage::cluster
