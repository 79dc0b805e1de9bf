// When a peer comes back, and whether what was predicted came true: what turns the next resource of a peer
// into a probability for an interval. Value types; sums of an interval are integers, states fade.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace forestage::models {

// -- When a peer comes back: intervals between those in which it asked for something. Classes of delays: 1,
// 2, 3, then two an octave; learned apart by the delay before.
inline constexpr std::size_t delay_classes = 40;
inline constexpr std::size_t delay_regimes = 4; // none before, 1, 2 to 3, more

[[nodiscard]] std::size_t delay_class(std::int64_t intervals) noexcept; // of a delay >= 1
[[nodiscard]] std::int64_t delay_of(std::size_t delay_class) noexcept;  // the shortest of the class
// delay 0: there was none before.
[[nodiscard]] std::size_t delay_regime(std::int64_t delay) noexcept;

struct delay_sums {
  // Visits (a peer asked for something in an interval), and those that ended a delay.
  std::array<std::int64_t, delay_regimes> visits{};
  std::array<std::array<std::int64_t, delay_classes>, delay_regimes> came{};
};

class return_times {
public:
  // P(a peer that asked in t asks again in t + ahead, and not in between), ahead >= 1.
  [[nodiscard]] double after(std::int64_t ahead, std::size_t regime) const;
  // The median delay of those that came back; 1 while nothing is known.
  [[nodiscard]] double median(std::size_t regime) const;
  void fold(const delay_sums& sums, double kept);

  template <class Archive> void fields(Archive& archive) { archive(visits_, came_); }

private:
  std::array<double, delay_regimes> visits_{};
  std::array<std::array<double, delay_classes>, delay_regimes> came_{};
};

// -- Whether predictions come true: a beta posterior per class of predicted probability. A class begins,
// worth 64 predictions, with what all segments have seen in it, and that with what was predicted.
inline constexpr std::size_t probability_classes = 24;

[[nodiscard]] std::size_t probability_class(double p) noexcept; // half-bits of the odds, from 2^-8 to 2^4

struct outcome_sums {
  std::array<std::int64_t, probability_classes> predicted{}, arrived{};
};

class track_record {
public:
  // The calibrated probability of a prediction p; `all`: the record of all segments, null for that itself.
  [[nodiscard]] double worth(double p, const track_record* all) const;
  void fold(const outcome_sums& sums, double kept);

  template <class Archive> void fields(Archive& archive) { archive(predicted_, arrived_); }

private:
  std::array<double, probability_classes> predicted_{}, arrived_{};
};

// -- Whether the sequence says more than popularity: bits gained a request, and how sure that is.
struct skill_sums {
  std::int64_t requests = 0, gain = 0, square = 0; // gain: in units of 2^-10 bits, square: of 2^-10 bits^2
};

class skill {
public:
  // Above no gain by more than four standard errors and a hundredth of a bit, after 64 requests and more.
  [[nodiscard]] bool proven() const noexcept;
  [[nodiscard]] double gain() const noexcept; // bits a request
  [[nodiscard]] double requests() const noexcept { return requests_; }
  void fold(const skill_sums& sums, double kept);

  template <class Archive> void fields(Archive& archive) { archive(requests_, gain_, square_); }

private:
  double requests_ = 0, gain_ = 0, square_ = 0;
};

} // namespace forestage::models
