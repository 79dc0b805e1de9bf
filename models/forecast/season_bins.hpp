// A season's places in bins of equal width: place p lies in bin p * bins / season. A value per bin stands at
// its middle, and between two middles it is straight, around the end of the season too. As many bins as
// places: a value per place, exactly.
#pragma once

#include <cassert>
#include <cstddef>

namespace forestage::models {

class season_bins {
public:
  struct reading {
    std::size_t below = 0, above = 0;
    float share = 0; // of the value above
  };

  // 1 <= bins <= season
  season_bins(std::size_t season, std::size_t bins)
      : season_(season)
      , bins_(bins) {
    assert(bins >= 1 && bins <= season);
  }
  [[nodiscard]] std::size_t season() const noexcept { return season_; }
  [[nodiscard]] std::size_t size() const noexcept { return bins_; }
  [[nodiscard]] std::size_t bin(std::size_t place) const { return place * bins_ / season_; }
  // Whether the next place is in another bin, or in this one again after a whole season.
  [[nodiscard]] bool ends(std::size_t place) const {
    return place + 1 == season_ || bin(place + 1) != bin(place);
  }
  [[nodiscard]] reading at(std::size_t place) const {
    if (bins_ == season_) return {place, place, 0};
    // In halves of a place, from the middle of bin 0: a bin is 2 * season long, in units of 1 / bins.
    const auto per_bin = 2 * season_;
    const auto x = (2 * place + 1) * bins_ + per_bin * bins_ - season_;
    const auto whole = x / per_bin;
    const auto below = whole >= bins_ ? whole - bins_ : whole;
    return {below, below + 1 == bins_ ? 0 : below + 1,
            static_cast<float>(x - whole * per_bin) / static_cast<float>(per_bin)};
  }
  // The value at a place of one that is known by bin.
  [[nodiscard]] static float read(const float* by_bin, const reading& at) {
    return by_bin[at.below] + at.share * (by_bin[at.above] - by_bin[at.below]);
  }

private:
  std::size_t season_, bins_;
};

} // namespace forestage::models
