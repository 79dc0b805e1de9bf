// A key's own correction of its forecast distributions: which probability stands where the forecast says p.
//
// At knots k with the levels l_k it learns p_k, the probability at or below which the forecast put a share
// l_k of what came; P'(D <= d) = G(P(D <= d)), G piecewise linear through (0, 0), (p_k, l_k), (1, 1). A
// forecast that is right has p_k = l_k, and G changes nothing; one too wide has its p_k drawn towards the
// middle. Source: V. Kuleshov, N. Fenner, S. Ermon, Accurate uncertainties for deep learning using calibrated
// regression, ICML 2018 (the map); I. Gibbs, E. Candes, Adaptive conformal inference under distribution
// shift, NeurIPS 2021 (learned one observation at a time, so that the share below each knot comes out at its
// level whatever the forecast does). Counts take the expectation of the randomised probability integral
// transform (Czado, Gneiting, Held 2009): nothing is drawn.
//
// Three classes by forecast mean learn apart: below 1, below 10, 10 and more requests an interval.
//
// Invariants. 0 < p_1 < ... < p_n < 1; G is continuous, rising, G(0) = 0, G(1) = 1; new, it is the identity.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace forestage::models {

inline constexpr std::array<float, 9> recalibration_levels{0.03F, 0.1F, 0.2F, 0.35F, 0.5F,
                                                           0.65F, 0.8F, 0.9F, 0.97F};

// G of one forecast.
struct probability_map {
  std::array<float, recalibration_levels.size()> knots = recalibration_levels; // p_k

  // G(p), 0 <= p <= 1.
  [[nodiscard]] float operator()(float p) const noexcept;
  // The p with G(p) = level, 0 < level < 1.
  [[nodiscard]] double inverse(double level) const noexcept;
  template <class Archive> void fields(Archive& archive) { archive(knots); }
  friend bool operator==(const probability_map&, const probability_map&) = default;
};

inline constexpr std::array<float, 2> recalibration_class_limits{1, 10};
inline constexpr std::size_t recalibration_classes = recalibration_class_limits.size() + 1;

// Where new keys begin: log-odds of the p_k by class.
struct recalibration_start {
  using log_odds = std::array<float, recalibration_levels.size()>;
  std::array<log_odds, recalibration_classes> classes;
  recalibration_start(); // of the identity
  template <class Archive> void fields(Archive& archive) { archive(classes); }
};

// What keys have learned, weighted by how much of it they saw. Integers: sums do not depend on the order.
class recalibration_statistics {
public:
  void merge(const recalibration_statistics& other) noexcept;
  // The mean over all keys, as if the identity had been seen `identity_weight` times more.
  [[nodiscard]] recalibration_start mean() const;
  friend bool operator==(const recalibration_statistics&, const recalibration_statistics&) = default;
  template <class Archive> void fields(Archive& archive) { archive(classes_); }

private:
  friend class recalibration;
  static constexpr double unit = 1 << 10;
  static constexpr double identity_weight = 100;
  struct sums {
    std::int64_t weight = 0;
    std::array<std::int64_t, recalibration_levels.size()> log_odds{}; // in units, times weight
    friend bool operator==(const sums&, const sums&) = default;
    template <class Archive> void fields(Archive& archive) { archive(weight, log_odds); }
  };
  std::array<sums, recalibration_classes> classes_{};
};

class recalibration {
public:
  explicit recalibration(const recalibration_start& start = {});
  // The map for a forecast with this mean.
  [[nodiscard]] probability_map map(float mean) const noexcept;
  // What came: P(D < d) and P(D <= d) as the forecast had them before any map. mean: of that forecast.
  void observe(float mean, double below, double at_most) noexcept;

  // A class that has seen nothing yet begins again, from here.
  void start_from(const recalibration_start& start) noexcept;
  void report(recalibration_statistics& pool) const noexcept;

  template <class Archive> void fields(Archive& archive) { archive(classes_); }

private:
  struct tracker {
    std::array<float, recalibration_levels.size()> logits{}; // of p_k
    std::uint16_t seen = 0;                                  // observations, as far as it matters
    template <class Archive> void fields(Archive& archive) { archive(logits, seen); }
  };
  [[nodiscard]] static std::size_t class_of(float mean) noexcept {
    return mean < recalibration_class_limits[0] ? 0U : mean < recalibration_class_limits[1] ? 1U : 2U;
  }
  std::array<tracker, recalibration_classes> classes_;
};

} // namespace forestage::models
