#include "tools/console/progress.hpp"

#include "tools/console/stop.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

namespace forestage::console {

progress::progress(std::string what, std::uint64_t total, unit counted)
    : what_(std::move(what))
    , total_(std::max<std::uint64_t>(total, 1))
    , unit_(std::move(counted))
    , terminal_(::isatty(STDERR_FILENO) == 1) {}

progress::~progress() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void progress::advance(std::uint64_t done) {
  if (!terminal_) return;
  const auto now = clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds{100};
  drawn_ = true;
  constexpr int width = 30;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const int full = static_cast<int>(share * width);
  const auto bar = std::string(static_cast<std::size_t>(full), '#') +
                   std::string(static_cast<std::size_t>(width - full), '.');
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  const double left = share > 0 ? elapsed / share - elapsed : 0;
  std::fprintf(stderr, "\r\033[K%s [%s] %3.0f %%, %.1f %s/s, %.0f s left", what_.c_str(), bar.c_str(),
               share * 100, static_cast<double>(done) / unit_.size / elapsed, unit_.name.c_str(), left);
  std::fflush(stderr);
}

std::function<bool(std::string_view, std::uint64_t, std::uint64_t)> phase_bars(progress::unit counted) {
  struct bar {
    std::string phase;
    std::unique_ptr<progress> shown;
  };
  auto b = std::make_shared<bar>();
  return [b, counted](std::string_view phase, std::uint64_t done, std::uint64_t total) {
    if (b->phase != phase) {
      b->shown.reset();
      b->phase = phase;
      b->shown = std::make_unique<progress>(b->phase, std::max<std::uint64_t>(1, total), counted);
    }
    if (b->shown) b->shown->advance(done);
    if (done >= total) b->shown.reset(); // several reports may say so
    return !stop_requested();
  };
}

} // namespace forestage::console
