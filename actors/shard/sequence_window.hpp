// Which numbers of a session have been seen: the highest one and the 64 up to it (the anti-replay window of
// RFC 4303, 3.4.3). What is older counts as seen. Whoever sends keeps at most 32 numbers under way, so a
// number that was never seen is never older. A pure value.
#pragma once

#include <cstdint>

namespace forestage::actors {

class sequence_window {
public:
  static constexpr std::uint64_t width = 64;

  // True, once for each number.
  [[nodiscard]] bool accept(std::uint64_t number) noexcept {
    if (number == 0) return false;
    if (number > highest_) {
      const auto ahead = number - highest_;
      seen_ = ahead >= width ? 0 : seen_ << ahead;
      seen_ |= 1U;
      highest_ = number;
      return true;
    }
    const auto behind = highest_ - number;
    if (behind >= width) return false;
    const auto bit = std::uint64_t{1} << behind;
    if ((seen_ & bit) != 0) return false;
    seen_ |= bit;
    return true;
  }
  [[nodiscard]] std::uint64_t highest() const noexcept { return highest_; }

  friend bool operator==(const sequence_window&, const sequence_window&) = default;
  template <class Archive> void fields(Archive& archive) { archive(highest_, seen_); }

private:
  std::uint64_t highest_ = 0;
  std::uint64_t seen_ = 0; // bit i: highest - i
};

} // namespace forestage::actors
