// What a panel keeps beside its settings: of every series, and of every segmentation.
#pragma once

#include "models/forecast/lag_linear.hpp"
#include "models/forecast/last_layer.hpp"
#include "models/forecast/panel.hpp"
#include "models/forecast/panel_member.hpp"
#include "models/forecast/path_mixture.hpp"
#include "models/forecast/residual_regression.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace forestage::models {

// What a member said at a step, until it is known how it turned out.
struct pending_path {
  std::size_t at = 0;
  std::vector<float> paths, mixed, tried; // tried: the mixture by every weighting
  double spread = 1;
  residual_row row;
  std::vector<float> value_scales; // by knot
  std::vector<float> said;         // candidates x levels x judged steps, in values
  std::vector<double> averages;    // what those come to: levels x judged steps, relative
  bool weighed = false;            // the mixture had realised paths to go by
};
struct pending_row {
  std::size_t at = 0;
  residual_row profile, harmonics;
};

struct tracked_member {
  panel_member own;
  path_mixture mixture;
  last_layer last;
  std::deque<pending_path> paths;
  std::deque<pending_row> rows;
  std::vector<std::optional<double>> deviations; // of the steps that are being folded

  // What it said is worth nothing any more.
  void drop() {
    paths.clear();
    rows.clear();
  }
};

// The pooled lag-linear maps of one segmentation.
struct segmentation {
  std::vector<std::uint32_t> labels;
  std::vector<double> mean_precision; // of the noise, by segment
  std::vector<lag_statistics> statistics;
  std::vector<lag_weights> weights;
};

// All that the settings ask for, from the members' observations before step `at`; nothing is learned yet.
[[nodiscard]] std::vector<segmentation> segmentations_of(std::span<const tracked_member> members,
                                                         const panel_settings& settings,
                                                         const lag_shape& shape, std::size_t at);
void weigh_noise(segmentation& one, std::span<const tracked_member> members);

} // namespace forestage::models
