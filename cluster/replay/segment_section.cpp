#include "cluster/replay/segment_section.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace forestage::cluster {

namespace {

using json = nlohmann::ordered_json;

std::optional<double> ratio(double a, double b) {
  return b > 0 ? std::optional{a / b} : std::nullopt;
}

json or_null(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

std::string number(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

} // namespace

segment_section make_segments(const replay_options& options, const log_survey& survey,
                              const models::segment_sums& sums) {
  segment_section out;
  out.names = survey.segment_names;
  const models::unit_costs costs{options.cost_under, options.cost_over};
  models::unit_sums by_hour;
  models::unit_sums flat;
  for (std::size_t s = 0; s < sums.of.size(); ++s) {
    const auto& of = sums.of[s];
    by_hour += of.units;
    flat += of.flat_units;
    const auto requests = static_cast<double>(of.units.requests());
    out.segments.push_back(
        {survey.segments[s], of.units.requests(), ratio(static_cast<double>(of.units.used), requests),
         ratio(static_cast<double>(of.absolute_error) / models::segment_score::unit, requests),
         ratio(static_cast<double>(of.flat_error) / models::segment_score::unit, requests)});
  }
  const auto requests = static_cast<double>(sums.together.requests());
  out.cost = ratio(models::cost(by_hour, costs), requests);
  out.flat_cost = ratio(models::cost(flat, costs), requests);
  out.together_cost = ratio(models::cost(sums.together, costs), requests);
  return out;
}

json to_json(const segment_section& section) {
  json out{{"names", section.names.names},
           {"too_small", section.names.too_small},
           {"too_many", section.names.too_many},
           {"cost_per_request", or_null(section.cost)},
           {"flat_cost_per_request", or_null(section.flat_cost)},
           {"together_cost_per_request", or_null(section.together_cost)},
           {"of", json::object()}};
  for (const auto& s : section.segments)
    out["of"][s.name] = {{"requests", s.requests},
                         {"warm_ratio", or_null(s.warm)},
                         {"error_per_request", or_null(s.error)},
                         {"flat_error_per_request", or_null(s.flat_error)}};
  return out;
}

std::string to_text(const segment_section& section) {
  std::string text = fmt::format("\n{:<24} {:>12} {:>8} {:>14} {:>14}\n", "segment", "requests", "warm",
                                 "error/request", "without hours");
  for (const auto& s : section.segments) {
    if (s.requests == 0) continue;
    text += fmt::format("{:<24} {:>12} {:>8} {:>14} {:>14}\n", s.name, s.requests,
                        s.warm ? fmt::format("{:.1f} %", *s.warm * 100) : "-", number(s.error, 3),
                        number(s.flat_error, 3));
  }
  text += fmt::format(
      "units of its own for each segment cost {} per request; {} with shares that know no hours; {} "
      "when units are for everybody\n",
      number(section.cost, 4), number(section.flat_cost, 4), number(section.together_cost, 4));
  if (section.names.too_small > 0)
    text += fmt::format("{} segment{} of a region hidden in 'other' because of --min-peers\n",
                        section.names.too_small, section.names.too_small == 1 ? "" : "s");
  if (section.names.too_many > 0)
    text += fmt::format("{} segment{} beyond the {} busiest: told as 'other'\n", section.names.too_many,
                        section.names.too_many == 1 ? "" : "s", models::most_segments - 1);
  return text + "\n";
}

} // namespace forestage::cluster
