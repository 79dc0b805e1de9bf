// Sources of knowledge that demand models are made to do without: how one finds out what each is worth. All
// off by default; part of the settings, so a run is the same for any number of threads and shards.
#pragma once

namespace forestage::models {

struct ablation {
  // What times of day and week brought: profile features of the mean and of the indicators, the base state's
  // profiles, the experts of the same time of earlier days, and waking by the habits of earlier days.
  bool history = false;
  // What came lately: averages with half-lives below two days, largest counts of windows, recent errors.
  bool live = false;
  // What other keys have learned: priors of weights, first weights, first recalibration, the rhythm of new
  // keys.
  bool pooling = false;
  // The key's correction of its own curve.
  bool recalibration = false;

  [[nodiscard]] bool any() const noexcept { return history || live || pooling || recalibration; }
  friend bool operator==(const ablation&, const ablation&) = default;
};

} // namespace forestage::models
