#include "cluster/backtest/series_input.hpp"

#include "adapters/logs/series_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace forestage::cluster {

using models::errc;
using models::result;

namespace {

namespace logs = adapters::logs;

result<logs::read_options> reading(const backtest_options& options) {
  logs::read_options read;
  read.paths = options.paths;
  read.time_format = options.time_format;
  if (auto selected = logs::select(read, options.columns, options.where); !selected)
    return selected.failure();
  return read;
}

// What is missing counts as the value a season before it, at the beginning as the first one that is known.
std::size_t fill(std::vector<double>& values, std::size_t season) {
  const auto known = std::find_if(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  const double first = known == values.end() ? 0 : *known;
  std::size_t missing = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i])) {
      ++missing;
      values[i] = i >= season ? values[i - season] : i > 0 ? values[i - 1] : first;
    }
  return missing;
}

std::string plural(std::uint64_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

} // namespace

result<series_input> read_input(const backtest_options& options, std::size_t season) {
  auto read = reading(options);
  if (!read) return read.failure();
  auto found = logs::read_series(*read);
  if (!found) return found.failure();
  const auto empty = std::erase_if(found->series, [](const auto& s) { return s.values.empty(); });
  if (found->series.empty())
    return {errc::invalid_data, options.paths.front() + ": " +
                                    (options.where.empty() ? "there is no series in it"
                                                           : "no series was selected; check --where")};
  series_input out;
  out.notes = std::move(found->notes);
  if (empty > 0)
    out.warnings.push_back(plural(empty, "series has", "series have") + " no value at all: left out");
  out.shortest = found->series.front().values.size();
  std::uint64_t irregular = 0, duplicate = 0, missing = 0, uneven = 0;
  std::string example;
  for (auto& s : found->series) {
    const auto steps = logs::check_steps(s, options.interval_seconds);
    irregular += steps.irregular;
    duplicate += steps.duplicate;
    if (steps.irregular + steps.duplicate > 0) {
      ++uneven;
      if (example.empty()) example = s.name;
    }
    missing += fill(s.values, season);
    out.shortest = std::min(out.shortest, s.values.size());
    out.longest = std::max(out.longest, s.values.size());
    out.names.push_back(std::move(s.name));
    out.start_seconds.push_back(s.seconds.empty() ? std::nullopt : std::optional{s.seconds.front()});
    out.values.push_back(std::move(s.values));
  }
  if (uneven > 0)
    out.warnings.push_back(
        fmt::format("{} not of {} s and {} or back, in {} (the first: '{}'): rows were taken in order, as if "
                    "each came one "
                    "interval after the one before; check --interval, or sort and fill the series",
                    plural(irregular, "step is", "steps are"), options.interval_seconds,
                    plural(duplicate, "time comes twice", "times come twice"),
                    plural(uneven, "series", "series"), example));
  if (missing > 0)
    out.warnings.push_back(plural(missing, "value is missing: the one a season before stands for it",
                                  "values are missing: the ones a season before stand for them"));
  return out;
}

} // namespace forestage::cluster
