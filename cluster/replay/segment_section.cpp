#include "cluster/replay/segment_section.hpp"

#include "adapters/logs/field.hpp"
#include "cluster/replay/scorecard.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>

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

// A name of a log, fit for a terminal.
std::string shown(const std::string& name) {
  const auto quoted = adapters::logs::excerpt(name);
  return quoted.substr(1, quoted.size() - 2);
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
  std::vector<const segment_line*> lines;
  for (const auto& s : section.segments)
    if (s.requests > 0) lines.push_back(&s);
  // The busiest first, what is left last.
  std::sort(lines.begin(), lines.end(), [&](const segment_line* a, const segment_line* b) {
    const auto* rest = section.segments.data();
    return std::tuple{a == rest, -a->requests, a->name} < std::tuple{b == rest, -b->requests, b->name};
  });
  std::size_t widest = 24;
  for (const auto* s : lines)
    widest = std::max(widest, shown(s->name).size());
  std::string text = "\nsegments, if each had units of its own that nobody else may use:\n";
  text += fmt::format("{:<{}} {:>12} {:>8} {:>14} {:>14}\n", "segment", widest, "requests", "warm",
                      "error/request", "without hours");
  for (const auto* s : lines)
    text += fmt::format("{:<{}} {:>12} {:>8} {:>14} {:>14}\n", shown(s->name), widest,
                        with_thousands(s->requests), s->warm ? fmt::format("{:.1f} %", *s->warm * 100) : "-",
                        number(s->error, 3), number(s->flat_error, 3));
  text += "error/request: of the segment's forecast, its share of the whole; without hours: were shares the "
          "same at any hour\n";
  text += fmt::format(
      "cost/request: {} with units of its own for each segment ({} without hours), {} if the same "
      "forecasts readied units for everybody\n",
      number(section.cost, 4), number(section.flat_cost, 4), number(section.together_cost, 4));
  if (section.names.too_small > 0)
    text += fmt::format(
        "--min-peers: {} {} too small to be told, or would have shown such a one by what is left; {} "
        "in 'other' (counted per region)\n",
        section.names.too_small, section.names.too_small == 1 ? "segment was" : "segments were",
        section.names.too_small == 1 ? "it is" : "they are");
  if (section.names.too_many > 0)
    text += fmt::format("{} segment{} beyond the {} busiest: told as 'other'\n", section.names.too_many,
                        section.names.too_many == 1 ? "" : "s", models::most_segments - 1);
  return text + "\n";
}

} // namespace forestage::cluster
