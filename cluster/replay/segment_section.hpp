// What a replay's scorecard says of segments: what units for each segment alone would have cost.
#pragma once

#include "cluster/replay/options.hpp"
#include "cluster/replay/survey.hpp"
#include "models/demand/segments/segment_watch.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace forestage::cluster {

struct segment_line {
  std::string name;
  std::int64_t requests = 0;
  std::optional<double> warm;              // share of its requests that found a unit of its own
  std::optional<double> error, flat_error; // of share x mean, per request
};

// Evaluation part, without any budget.
struct segment_section {
  segment_survey names;
  std::vector<segment_line> segments; // `other` first
  // Per request, when each segment's units are its own: by shares of the moment; by shares whatever the hour.
  // And when they are for everybody.
  std::optional<double> cost, flat_cost, together_cost;
};

[[nodiscard]] segment_section make_segments(const replay_options& options, const log_survey& survey,
                                            const models::segment_sums& sums);
[[nodiscard]] nlohmann::ordered_json to_json(const segment_section& section);
// Lines for a person.
[[nodiscard]] std::string to_text(const segment_section& section);

} // namespace forestage::cluster
