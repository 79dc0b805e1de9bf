// How much of what a source promised has come: the credibility of a source whose intents carry a probability
// each, as those of the sequence model do.
//
//   c_k = (64 c + kept_k) / (64 + promised_k),   c = (64 + kept) / (64 + promised)
//
// k: how many intervals ahead an intent was made; promised: the sum of the probabilities of the intents whose
// interval has ended, kept: how many of them came, both forgotten at .0001 a promised request; c: over all
// distances, beginning at 1. At most 1: a source that promises too little is taken at its word. The estimate
// is the ratio of observed to predicted events with a gamma prior worth 64 (Gelman et al., Bayesian Data
// Analysis, 2013, §2.6). Value type; pure; of constant size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace forestage::models {

class promise_record {
public:
  static constexpr std::size_t most_ahead = 16; // farther ones count as this

  // In [0, 1]. ahead: from 1.
  [[nodiscard]] float of(std::int64_t ahead) const noexcept;
  [[nodiscard]] float of_all() const noexcept;
  // Intents made `ahead` intervals before have ended: their probabilities' sum, and how many came.
  void observe(std::int64_t ahead, double promised, std::int64_t kept) noexcept;

  template <class Archive> void fields(Archive& archive) { archive(distances_, all_); }

private:
  struct sums {
    double promised = 0, kept = 0;
    void add(double more_promised, double more_kept) noexcept;
    template <class Archive> void fields(Archive& archive) { archive(promised, kept); }
  };
  std::array<sums, most_ahead> distances_{};
  sums all_;
};

} // namespace forestage::models
