// How far each level of a sequence model is trusted: deleted interpolation, learned online.
//
// Levels lie above each other, from popularity up to the longest context. With p_k the distribution of level
// k alone, the blend is
//   P_k = (1 - lambda_k) p_k + lambda_k P_(k-1),   P_(-1): "a resource that was never seen".
// lambda_k, the chance of passing a request down, belongs to a class of contexts: how much has been seen
// (n), and how many different successors (T). It begins as T / (n + T) (Witten, Bell 1991) and is learned
// from requests before they are counted, by expectation maximisation (Jelinek, Mercer 1980, on what is yet
// to come in place of held-out data): each request is shared out over the levels that might have produced
// it. Shares are integers, so their sum does not depend on order; sums fade. A segment begins with what all
// segments have learned. Value types.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace forestage::models {

// From below: popularity, which of the last requests comes again, what the peer itself asked for, contexts of
// one, two and three requests; and, beside them, popularity as it would stand alone.
enum sequence_level : std::size_t {
  level_popularity = 0,
  level_recency,
  level_own,
  level_order_1,
  level_order_3 = level_order_1 + 2,
  level_alone
};
inline constexpr std::size_t sequence_levels = level_alone + 1;
inline constexpr std::size_t blend_classes = 32; // of a level

// The class of a context in which n requests have been seen, of `distinct` different resources.
[[nodiscard]] std::size_t blend_class(double n, std::size_t distinct) noexcept;
// T / (n + T) at the middle of the class.
[[nodiscard]] double witten_bell(std::size_t blend_class) noexcept;

inline constexpr double blend_unit = 65'536; // shares are counted in units of 2^-16

// Shares of an interval's requests that passed a class, and that stopped in it.
struct blend_sums {
  struct share {
    std::int64_t passed = 0, stopped = 0;
  };
  std::array<std::array<share, blend_classes>, sequence_levels> of{};
};

class blend_weights {
public:
  // The chance of passing on; `all`: of all segments, null for those themselves.
  [[nodiscard]] double passes(std::size_t level, std::size_t of_class, const blend_weights* all) const;
  void fold(const blend_sums& sums, double kept);

  template <class Archive> void fields(Archive& archive) { archive(of_); }

private:
  struct share {
    double passed = 0, stopped = 0;
    template <class Archive> void fields(Archive& archive) { archive(passed, stopped); }
  };
  struct level_shares {
    std::array<share, blend_classes> of{};
    template <class Archive> void fields(Archive& archive) {
      for (auto& one : of)
        archive(one);
    }
  };
  struct all_shares {
    std::array<level_shares, sequence_levels> of{};
    template <class Archive> void fields(Archive& archive) {
      for (auto& one : of)
        archive(one);
    }
  };
  all_shares of_;
};

} // namespace forestage::models
