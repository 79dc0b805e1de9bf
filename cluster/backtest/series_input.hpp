// The series of a backtest, read, checked and filled, with what a person should know about them.
#pragma once

#include "cluster/backtest/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace forestage::cluster {

struct series_input {
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;                // finite, >= 0
  std::vector<std::optional<std::int64_t>> start_seconds; // unix time of the first value; none: without times
  std::vector<std::string> notes, warnings;
  std::size_t shortest = 0, longest = 0; // observations
};

// season: observations; what stands for a missing value is the one that long before it.
// Errors: those of the readers; invalid_argument (columns, clauses); invalid_data when nothing is selected.
[[nodiscard]] models::result<series_input> read_input(const backtest_options& options, std::size_t season);

} // namespace forestage::cluster
