// What can go wrong, in the words of the product. Values are stable: they reach exit codes, logs and the
// wire.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forestage::models {

enum class errc : std::uint8_t {
  ok = 0,                // Nothing went wrong.
  invalid_argument = 1,  // A value that a person or a program gave is outside what is allowed.
  invalid_data = 2,      // Bytes read from a file, a socket or a log do not mean anything.
  not_found = 3,         // What was asked for does not exist.
  position_conflict = 4, // An append expected another position: somebody else has written.
  storage_failed = 5,    // The disk or the database refused: full, broken, not permitted.
  locked = 6,            // Another process holds the data directory.
  incompatible = 7,      // Data of another version, or of a run with other settings.
  limit_exceeded = 8,    // A documented bound was reached.
  interrupted = 9,       // A person or the system asked to stop.
  timeout = 10,          // No answer before the deadline.
  internal = 11,         // A promise of our own code was broken.
  not_permitted = 12,    // The rights of whoever asks do not cover it.
  unavailable = 13,      // It cannot be done now; the same call may succeed later.
};

[[nodiscard]] std::string_view to_string(errc code) noexcept;

// An error: the kind, and a sentence for a person that names the place and the remedy.
struct error {
  errc code = errc::internal;
  std::string text;

  friend bool operator==(const error&, const error&) = default;
};

} // namespace forestage::models
