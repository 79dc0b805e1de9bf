// Standard input, output and error as a command finds them: closed, full, or fine. Not thread-safe.
#pragma once

#include "models/result.hpp"

#include <string_view>

namespace forestage::console {

// Gives each standard stream that the caller has closed a place in /dev/null, so that no file that is opened
// later takes its number and receives what was meant for people. Writing to a closed standard output still
// fails. Call first.
void hold_standard_streams() noexcept;

// A line on standard error. What nobody can read is dropped: a full disk there must not end a run.
void say(std::string_view line) noexcept;

// Text on standard output, flushed. Errors: storage_failed.
[[nodiscard]] models::status print(std::string_view text) noexcept;

} // namespace forestage::console
