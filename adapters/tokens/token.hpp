// Signed tokens (JWT, RFC 7519; ES256 and RS256 only): issued by whoever has a private key, verified with the
// public one that they name. Pure values in and out; the time is passed in. Thread-safe. No exceptions.
//
// A token is believed only when all of this holds: at most 8 kB of canonical base64url in three parts; its
// header names a key of the ring and exactly that key's algorithm, and nothing critical (`crit`) that we do
// not know; the signature fits; the claims are claims (claims.hpp), for this cluster, and valid now.
#pragma once

#include "adapters/tokens/claims.hpp"
#include "adapters/tokens/key_ring.hpp"
#include "models/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace forestage::tokens {

inline constexpr std::size_t max_token_bytes = 8'192;

struct verify_options {
  std::string cluster = "forestage"; // the audience that is asked for
  std::int64_t skew_seconds = 60;    // that clocks may differ by; 0 to 3600
};

// Errors: not_permitted (what it says is not so: forged, expired, unknown key, another cluster …),
// invalid_data (it is no token). The text says what to do, and nothing of the keys.
[[nodiscard]] models::result<token_claims> verify(const key_ring& keys, std::string_view token,
                                                  std::int64_t now_seconds, const verify_options& options);

// Errors: invalid_argument (claims out of bounds, or too many for 8 kB), not_found (no such private key),
// internal.
[[nodiscard]] models::result<std::string> issue(const key_ring& keys, std::string_view kid,
                                                const token_claims& claims);

} // namespace forestage::tokens
