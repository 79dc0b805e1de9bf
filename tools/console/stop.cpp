#include "tools/console/stop.hpp"

#include <csignal>

namespace forestage::console {
namespace {

volatile std::sig_atomic_t stopped = 0;

extern "C" void note_stop(int) {
  stopped = 1;
}

} // namespace

void install_stop_signals() noexcept {
  struct sigaction action = {};
  action.sa_handler = note_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN; // NOLINT: the macro casts
  ::sigaction(SIGPIPE, &ignore, nullptr);
  ::sigaction(SIGXFSZ, &ignore, nullptr);
}

bool stop_requested() noexcept {
  return stopped != 0;
}

} // namespace forestage::console
