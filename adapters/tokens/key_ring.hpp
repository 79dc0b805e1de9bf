// The keys that tokens are signed and verified with, by name (`kid`): a directory of PEM files.
//
//   KID.pem       a public key: EC P-256 (tokens are ES256) or RSA of 2048 to 8192 bits (RS256)
//   KID.key.pem   its private key, without a passphrase, mode 0600: only where tokens are issued
// KID: 1 to 64 of A-Z a-z 0-9 _ - and dots inside. Several keys are valid at once: to rotate, add the new one
// everywhere, issue with it, and remove the old one when its last token has expired. A key has one algorithm,
// the one of its kind; what a token claims about it never decides. Immutable once loaded; thread-safe. No
// exceptions.
#pragma once

#include "models/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::tokens {

inline constexpr std::size_t max_keys = 64;

enum class algorithm : std::uint8_t { es256 = 1, rs256 = 2 };
[[nodiscard]] std::string_view to_string(algorithm a) noexcept; // "ES256"

struct token_key {
  algorithm signs_with = algorithm::es256;
  std::string public_pem;
  std::string private_pem; // empty: it only verifies
  [[nodiscard]] bool issues() const noexcept { return !private_pem.empty(); }
};

enum class key_use : std::uint8_t { verify, issue };

class key_ring {
public:
  // verify: private keys are not even opened. Errors: not_found (no directory, no key), not_permitted (a
  // private key or the directory is open to others), invalid_data (a file that is no such key),
  // limit_exceeded, storage_failed. Each names the file and what to do.
  [[nodiscard]] static models::result<key_ring> load(const std::string& directory, key_use use);

  // Null when there is none.
  [[nodiscard]] const token_key* find(std::string_view kid) const;
  [[nodiscard]] std::vector<std::string> kids() const;
  // The key to issue with. kid: empty when there is only one that can. Errors: not_found, invalid_argument
  // (several, and none is named).
  [[nodiscard]] models::result<std::string> issuer(std::string_view kid) const;

private:
  std::map<std::string, token_key, std::less<>> keys_;
};

[[nodiscard]] bool is_key_name(std::string_view kid) noexcept;

// Makes an EC P-256 key in a directory, and the directory (0700) if it is not there. Errors:
// invalid_argument (no name for a key), position_conflict (there is one of that name), storage_failed.
[[nodiscard]] models::status make_key(const std::string& directory, const std::string& kid);

// 2 × bytes hexadecimal digits that nobody can guess. Errors: unavailable (the system has no randomness).
[[nodiscard]] models::result<std::string> random_hex(std::size_t bytes);

// [{"kid":…,"algorithm":…,"issues":…},…] on one line.
[[nodiscard]] std::string to_json(const key_ring& keys);

} // namespace forestage::tokens
