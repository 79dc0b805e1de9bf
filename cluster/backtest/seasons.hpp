// Which seasons a backtest takes: those that were named, else what the values show, tested against the
// calendar.
#pragma once

#include "cluster/backtest/options.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace forestage::cluster {

struct chosen_seasons {
  std::vector<std::size_t> lengths; // one or two, ascending, observations
  std::string note;                 // why; empty when they were named
};

// Looks at nothing that comes after the first origin. Named seasons are taken as they are. With `detect` what
// is found is taken, one season or two, and a day and a week when nothing is. Without, a day and a week are
// taken unless another season repeats clearly better than the day.
// @pre validate(options)
[[nodiscard]] chosen_seasons choose_seasons(const backtest_options& options,
                                            const std::vector<std::vector<double>>& series);

// Observations between the first origin and the end of a series.
[[nodiscard]] std::vector<std::size_t> origins_of(const backtest_options& options, std::size_t horizon);

} // namespace forestage::cluster
