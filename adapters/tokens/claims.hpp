// What a token says of a peer: plain values, their bounds, and their form as JSON claims (RFC 7519). Pure.
//
//   sub        the peer's id, UTF-8, 1 to 256 bytes                           required
//   roles      array of requester, provider, operator; at least one           required
//   resources  array of globs (models/glob.hpp) of what it may acquire;       none: nothing
//              at most 64 of at most 256 bytes
//   region     where the peer is; at most 256 bytes                           none: the peer says so
//   scope      words with blanks between; `report` means something here, the  none: nothing
//              others are for others (RFC 8693)
//   aud        the cluster's name; a text or an array that has it             required
//   jti        id of the token, 1 to 128 bytes (actors/peer/token_uses.hpp)   required
//   exp        whole unix seconds: not valid from then on                     required
//   nbf, iat   whole unix seconds: not valid before; issued                   optional
// What is not allowed is not permitted: there is no claim whose absence gives a right.
#pragma once

#include "models/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::tokens {

inline constexpr std::size_t max_globs = 64;
inline constexpr std::size_t max_token_id_bytes = 128;
inline constexpr std::int64_t last_second = 253'402'300'799; // of the year 9999

struct token_claims {
  std::string peer;
  bool requester = false, provider = false, operates = false;
  std::vector<std::string> resources;
  std::string region;      // empty: the token names none
  bool may_report = false; // what it reports counts like what the node saw itself
  std::string cluster;
  std::string id;
  std::int64_t issued = 0, not_before = 0; // 0: not said
  std::int64_t expires = 0;

  [[nodiscard]] bool may_acquire(std::string_view resource) const;
  friend bool operator==(const token_claims&, const token_claims&) = default;
};

// Errors: invalid_argument, naming the claim and what it may be.
[[nodiscard]] models::status validate(const token_claims& claims);

// "requester" … into the claims. Errors: invalid_argument, naming the roles that there are.
[[nodiscard]] models::status add_role(token_claims& claims, std::string_view role);
// "requester, provider".
[[nodiscard]] std::string roles_text(const token_claims& claims);

// A JSON object on one line. Pre: valid claims.
[[nodiscard]] std::string to_json(const token_claims& claims);
// Reads what to_json writes, and what another issuer may write; `cluster` is the audience that is asked for.
// Claims that are not named above are passed over. Errors: invalid_data (no JSON in UTF-8, or a claim that is
// no claim), not_permitted (for another cluster).
[[nodiscard]] models::result<token_claims> claims_from_json(std::string_view json, std::string_view cluster);

// "2026-11-30 20:45:51 UTC". Pre: 0 to last_second.
[[nodiscard]] std::string time_text(std::int64_t unix_seconds);

} // namespace forestage::tokens
