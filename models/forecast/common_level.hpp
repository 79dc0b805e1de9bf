// A new level that most series of a panel have at once, and what is said while one is likely.
//
// The mean of all series' deviations at a step is far quieter than each: where demand moves together it tells
// of a new level after an observation or two, when no single series could. Sure is 1.4 times the largest mean
// before, on three observations at least; less is evidence (level_evidence.hpp). A
// likely new level changes no state: the series is forecast a second time as if its past stood there, and
// the mixture of both is said (scenario_mixture.hpp). docs/adr/0026 says why.
#pragma once

#include "models/forecast/deviation_windows.hpp"
#include "models/forecast/level_evidence.hpp"
#include "models/forecast/level_ratio.hpp"
#include "models/forecast/panel_member.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace forestage::models {

class common_level {
public:
  common_level(const season_lengths& seasons, std::size_t series);

  // A step's, of every series; none where one has none. Fewer than three tell nothing.
  void observe(std::span<const std::optional<double>> deviations);
  // How many of the last steps surely belong to another level.
  [[nodiscard]] std::optional<std::size_t> sure() const;
  [[nodiscard]] level_finding look() const { return evidence_.look(recent_); }
  void forget() { recent_.forget(); }

private:
  deviation_windows recent_;
  level_evidence evidence_;
};

struct level_scenario {
  double probability = 0;
  panel_member own; // at the level that is likely
};

// After `seen` of its observations, from what its panel does; none when nothing is unusual, or when the
// ratios do not agree: of what each does by itself, most comes and goes.
[[nodiscard]] std::optional<level_scenario> scenario_of(const panel_member& own, std::size_t seen,
                                                        const level_finding& common,
                                                        const shared_ratio& shared);

} // namespace forestage::models
