// What each source of knowledge is worth on this log: replays that do without one of them, the rest the same.
#pragma once

#include "cluster/replay/options.hpp"
#include "cluster/replay/scorecard.hpp"
#include "cluster/report/document.hpp"

#include <string>
#include <vector>

namespace forestage::cluster {

// A run without one of the sources that `asked` uses.
struct ablation_run {
  std::string name; // of the source: "history"
  replay_options options;
};

// One for each source: history, live, pooling; with a budget recalibration; what is told, where it is. None
// of them keeps anything or shows yardsticks.
[[nodiscard]] std::vector<ablation_run> ablation_runs(const replay_options& asked);

// Carries them out, one after the other. card: of the run with everything. Pre: the policy `cost` takes part.
// Errors: those of replay().
[[nodiscard]] models::result<std::vector<report_ablation>>
measure_ablations(const replay_options& asked, const scorecard& card, const progress_function& progress);

// A table for a person.
[[nodiscard]] std::string to_text(const std::vector<report_ablation>& ablations);

} // namespace forestage::cluster
