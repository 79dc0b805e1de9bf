// What keys learn from each other. Every active key reports its statistics once a day as fixed-point
// integers; their sum becomes a versioned set of parameters: priors for the weights of the count features,
// and the weights that new keys begin with.
#pragma once

#include "models/demand/gram.hpp"
#include "models/demand/intent_pool.hpp"
#include "models/demand/recalibration.hpp"
#include "models/demand/rhythm.hpp"
#include "models/demand/segments/segment_shares.hpp"

#include <array>
#include <cstdint>

namespace forestage::models {

// Models that are pooled: the mean of the count, and the indicators of d >= 1, 2, 3.
inline constexpr std::size_t indicator_count = 3;
inline constexpr std::size_t pooled_models = 1 + indicator_count;

struct pool_statistics {
  std::array<pooled_gram, pooled_models> grams{};
  recalibration_statistics recalibration{};
  std::int64_t keys = 0;
  intent_statistics intents{};
  rhythm_statistics rhythms{};
  segment_statistics segments{};

  void merge(const pool_statistics& other);
  friend bool operator==(const pool_statistics&, const pool_statistics&) = default;
  template <class Archive> void fields(Archive& archive) {
    archive(grams, recalibration, keys, intents, rhythms, segments);
  }
};

struct pool_parameters {
  std::uint64_t version = 0;
  std::array<gram, pooled_models>
      prior{}; // scaled to prior_rows observations; empty until something was pooled
  std::array<weight_vector, pooled_models> weights = unlearned(); // the non-negative weights of the prior
  recalibration_start recalibration{};
  intent_parameters intents{};
  rhythm_parameters rhythms{};
  segment_parameters segments{};

  template <class Archive> void fields(Archive& archive) {
    archive(version, prior, weights, recalibration, intents, rhythms, segments);
  }

private:
  static constexpr std::array<weight_vector, pooled_models> unlearned() {
    std::array<weight_vector, pooled_models> all{};
    for (auto& w : all)
      for (std::size_t i = 0; i < feature_count; ++i)
        w[i] = 0.1F;
    return all;
  }
};

// How many observations of its own a key must have before they count as much as the pool's.
inline constexpr float prior_rows = 3'000;

[[nodiscard]] pool_parameters learn_parameters(const pool_statistics& merged, const pool_parameters& before);

} // namespace forestage::models
