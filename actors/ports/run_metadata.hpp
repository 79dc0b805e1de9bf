// Port: what a run has to remember about itself beside its facts, under a few short keys: replay keeps the
// fingerprint of its settings here and refuses to resume with other ones.
//
// Implementations keep it where the demand log of the run is kept, under the same lock. Invariants:
//   1. what put acknowledged is read back bit for bit, after a crash too; a later put of the same key
//   replaces it;
//   2. a put that failed leaves the old value or the new one, never a mixture.
// Threading: the keeper of the demand log owns it as well and calls it from one thread at a time.
#pragma once

#include "models/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace forestage::actors {

inline constexpr std::size_t max_metadata_key_bytes = 256;

class run_metadata {
public:
  run_metadata() = default;
  run_metadata(const run_metadata&) = delete;
  run_metadata& operator=(const run_metadata&) = delete;
  virtual ~run_metadata() = default;

  // Durable on return, as an append is. Errors: invalid_argument for an empty key, one over 256 bytes or one
  // that is not UTF-8; limit_exceeded for a value over the limit of a record; storage_failed.
  [[nodiscard]] virtual models::status put(std::string_view key, std::string_view bytes) = 0;

  // Nothing when the key was never put. Errors: as above.
  [[nodiscard]] virtual models::result<std::optional<std::string>> get(std::string_view key) = 0;
};

} // namespace forestage::actors
