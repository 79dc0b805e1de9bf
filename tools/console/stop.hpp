// Ctrl-C and SIGTERM as a flag, so that a command can clean up and leave: install once, ask often. A second
// Ctrl-C ends the process at once. A closed standard output and a limit on file sizes become errors of write
// instead of a silent death. Thread-safe to ask.
#pragma once

namespace forestage::console {

void install_stop_signals() noexcept;
[[nodiscard]] bool stop_requested() noexcept;

} // namespace forestage::console
