// A progress bar on standard error, for work over a second and only when standard error is a terminal. Drawn
// at most ten times a second, removed when done. One thread per object.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace forestage::console {

class progress {
public:
  // What is counted: in steps of `size`, so many `name` a second are shown.
  struct unit {
    std::string name;
    double size = 1;
  };
  // what: "generating"; total: of the same measure as advance's done, >= 1.
  progress(std::string what, std::uint64_t total, unit counted);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void advance(std::uint64_t done);

private:
  using clock = std::chrono::steady_clock;

  std::string what_;
  std::uint64_t total_;
  unit unit_;
  bool terminal_;
  bool drawn_ = false;
  clock::time_point begin_ = clock::now();
  clock::time_point next_ = begin_ + std::chrono::seconds{1};
};

// A bar for each phase, one after the other, as a function of (phase, done, total) that answers whether to go
// on: false once the user has asked to stop.
[[nodiscard]] std::function<bool(std::string_view, std::uint64_t, std::uint64_t)>
phase_bars(progress::unit counted);

} // namespace forestage::console
