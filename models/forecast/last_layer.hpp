// What a panel says of a series in the end: quantiles in values, from candidates that are weighed by what
// they cost (quantile_mixture.hpp):
//   the mixture's path with bands of its errors on the log scale, which widen with the level;
//   the same path with bands of its errors in values, which do not;
//   the series' analogues (analogue_bands.hpp): time of day, seasonal-naive short, long and at the level of
//   the last day, sparse counts.
// Which level of their average is said for a level is corrected by where what came lay
// (level_correction.hpp). docs/adr/0018 and 0026 say why.
#pragma once

#include "models/forecast/error_bands.hpp"
#include "models/forecast/horizon_knots.hpp"
#include "models/forecast/level_correction.hpp"
#include "models/forecast/panel_member.hpp"
#include "models/forecast/quantile_mixture.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace forestage::models {

// Steps at which candidates are judged: at most sixteen a block, evenly spread.
class judged_steps {
public:
  explicit judged_steps(std::span<const std::size_t> block_ends);
  [[nodiscard]] std::span<const std::size_t> all() const noexcept { return steps_; }
  [[nodiscard]] std::size_t begin(std::size_t block) const { return block == 0 ? 0 : ends_[block - 1]; }
  [[nodiscard]] std::size_t end(std::size_t block) const { return ends_[block]; }
  [[nodiscard]] std::size_t blocks() const noexcept { return ends_.size(); }

private:
  std::vector<std::size_t> steps_, ends_;
};

class last_layer {
public:
  static constexpr std::size_t sparse = 2 + analogue_bands::sparse; // after the two bands of the path
  // Those that are nowhere else to be seen.
  static constexpr std::array<std::pair<std::string_view, std::size_t>, 4> named{
      {{"bands-log", 0},
       {"bands-value", 1},
       {"seasonal-naive-level", 2 + analogue_bands::level_naive},
       {"sparse-counts", sparse}}};

  // What is known of the errors of a path, on the log scale and in values.
  struct errors {
    error_bands logs, values;
  };

  // memory: of losses; a pooled layer has a longer one.
  last_layer(const horizon_knots& knots, std::size_t blocks, double memory);

  // Scales of the errors in values, by knot, of a path from step t.
  [[nodiscard]] std::vector<float> value_scales(const panel_member& own, std::size_t t) const;
  // How far a path was off at a knot: z and the path's, over the scale; the same in values. memory: of
  // errors.
  void learn(std::size_t knot, double log_error, double value_error, last_layer& pooled, double memory);
  // Candidates x qs x steps, in values: of the series' path on the log scale from step t. Each quantile by
  // itself, whichever others are asked for: two can cross, and what is said in the end is kept in order.
  [[nodiscard]] std::vector<float> candidates(const panel_member& own, std::size_t t,
                                              std::span<const float> path, std::span<const double> qs,
                                              std::span<const std::size_t> steps,
                                              const last_layer& pooled) const;
  // One of them, by quantile and step, as the series can take it.
  [[nodiscard]] std::vector<std::vector<float>> candidate(std::size_t which, const panel_member& own,
                                                          std::size_t t, std::span<const float> path,
                                                          std::span<const double> qs,
                                                          const last_layer& pooled) const;
  // Scores candidates (at quantile_mixture::levels and judged steps) that were made at step t.
  void score(const panel_member& own, std::size_t t, std::span<const float> said, const judged_steps& judged,
             last_layer& pooled);
  // What the candidates come to, by quantile_mixture::levels and judged step, in relative values and in
  // order.
  [[nodiscard]] std::vector<double> averages(const panel_member& own, std::span<const float> said,
                                             const judged_steps& judged, const last_layer& pooled) const;
  // What came of a block of those that were made at step t. pooled: of `members` series.
  void correct(const panel_member& own, std::size_t t, std::span<const double> averages,
               const judged_steps& judged, std::size_t block, last_layer& pooled, std::size_t members,
               double haste);
  // Quantiles in order, each on its side of the median where one is given; by step, in values.
  [[nodiscard]] std::vector<std::vector<float>>
  quantiles(const panel_member& own, std::size_t t, std::span<const float> path, std::span<const double> qs,
            std::span<const std::size_t> block_ends, std::span<const float> median,
            const last_layer& pooled) const;

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(errors_.logs, errors_.values, mixture_, correction_);
  }
  [[nodiscard]] bool same_shape(const last_layer& other) const {
    return errors_.logs.same_shape(other.errors_.logs) && errors_.values.same_shape(other.errors_.values) &&
           mixture_.same_shape(other.mixture_) && correction_.same_shape(other.correction_);
  }

private:
  horizon_knots knots_;
  errors errors_;
  quantile_mixture mixture_;
  level_correction correction_;
};

} // namespace forestage::models
