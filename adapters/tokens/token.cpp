#include "adapters/tokens/token.hpp"

#include "models/units.hpp"

#include <jwt.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

namespace forestage::tokens {

using models::errc;
using models::error;
using models::result;

namespace {

using jwt_pointer = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

constexpr auto get_new = "get a new one from whoever issued it (forestage token issue)";

jwt_alg_t vendor_algorithm(algorithm a) {
  return a == algorithm::es256 ? JWT_ALG_ES256 : JWT_ALG_RS256;
}

int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

// Strict where libjwt is lenient: no other signs, no padding, no bits that say nothing, so that a token has
// one spelling.
std::optional<std::string> decode_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return {};
  std::string bytes;
  unsigned buffer = 0, bits = 0;
  for (const char c : text) {
    const int value = digit(c);
    if (value < 0) return {};
    buffer = (buffer << 6U) | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>((buffer >> bits) & 0xffU));
      buffer &= (1U << bits) - 1U;
    }
  }
  if (buffer != 0) return {};
  return bytes;
}

// What an untrusted text may put into a sentence.
std::string shown(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 64))
    out.push_back(c >= ' ' && c <= '~' ? c : '?');
  return out + (text.size() > 64 ? "…'" : "'");
}

struct token_parts {
  std::string header, claims;
};

result<token_parts> split(std::string_view token) {
  if (token.size() > max_token_bytes)
    return {errc::invalid_data, "a token of " + std::to_string(token.size()) + " bytes; at most " +
                                    std::to_string(max_token_bytes) + " are read"};
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return {errc::invalid_data,
            std::string{"not a token: it must have three parts with dots between; "} + get_new};
  auto header = decode_base64url(token.substr(0, first));
  auto claims = decode_base64url(token.substr(first + 1, second - first - 1));
  if (!header || !claims || !decode_base64url(token.substr(second + 1)))
    return {errc::invalid_data,
            std::string{"not a token: a part is damaged or cut short (base64url); "} + get_new};
  return token_parts{std::move(*header), std::move(*claims)};
}

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

// The key that a header names, if it may be used as the header says.
result<const token_key*> key_of(const key_ring& keys, const std::string& header) {
  const auto object = nlohmann::json::parse(header, nullptr, false);
  if (!object.is_object())
    return {errc::invalid_data, std::string{"the token's header is no JSON; "} + get_new};
  const auto named = text_of(object, "alg");
  if (named != "ES256" && named != "RS256")
    return {errc::not_permitted, "a token signed with " + shown(named.empty() ? "nothing" : named) +
                                     " is never accepted: sign it with ES256 or RS256"};
  if (object.contains("crit"))
    return {errc::not_permitted,
            "the token's header has a 'crit' that this version does not know; issue it without"};
  const auto kid = text_of(object, "kid");
  if (kid.empty())
    return {errc::not_permitted, "the token names no key (kid); issue it with the name of one"};
  const auto* key = keys.find(kid);
  if (key == nullptr)
    return {errc::not_permitted, "the token names a key (kid) " + shown(kid) +
                                     " that is not here: it was removed or never added; issue a token with "
                                     "another key, or add its public key as KID.pem"};
  if (named != to_string(key->signs_with))
    return {errc::not_permitted, "the token claims " + named + ", but the key " + shown(kid) +
                                     " signs with " + std::string{to_string(key->signs_with)} +
                                     " only; issue it again"};
  return key;
}

models::status check_time(const token_claims& claims, std::int64_t now, std::int64_t skew) {
  const auto clocks =
      "; the clock here says " + time_text(std::min(std::max<std::int64_t>(now, 0), last_second));
  if (now - skew >= claims.expires)
    return {errc::not_permitted, "the token expired " +
                                     models::milliseconds_text((now - claims.expires) * 1'000) + " ago, at " +
                                     time_text(claims.expires) + clocks + "; " + get_new};
  if (now + skew < claims.not_before)
    return {errc::not_permitted, "the token is not valid before " + time_text(claims.not_before) + " (nbf)" +
                                     clocks + "; wait, or set the clocks right"};
  if (now + skew < claims.issued)
    return {errc::not_permitted, "the token was issued in the future, at " + time_text(claims.issued) +
                                     " (iat)" + clocks + "; set the clocks right"};
  return models::success();
}

} // namespace

result<token_claims> verify(const key_ring& keys, std::string_view token, std::int64_t now_seconds,
                            const verify_options& options) {
  const auto parts = split(token);
  if (!parts) return parts.failure();
  const auto key = key_of(keys, parts.value().header);
  if (!key) return key.failure();
  // libjwt refuses what is no JSON object too, but as if it were forged.
  if (!nlohmann::json::parse(parts.value().claims, nullptr, false).is_object())
    return error{errc::invalid_data,
                 std::string{"the token's claims are not a JSON object in UTF-8; "} + get_new};
  const auto& pem = key.value()->public_pem;
  const std::string terminated{token};
  jwt_t* decoded = nullptr;
  const int failed = ::jwt_decode(&decoded, terminated.c_str(),
                                  reinterpret_cast<const unsigned char*>(pem.data()), // NOLINT: a C interface
                                  static_cast<int>(pem.size()));
  const jwt_pointer guard{decoded, &jwt_free};
  // libjwt reads the header by itself: that it came to the same algorithm is checked, not assumed.
  if (failed != 0 || decoded == nullptr ||
      ::jwt_get_alg(decoded) != vendor_algorithm(key.value()->signs_with))
    return error{errc::not_permitted,
                 std::string{"the token's signature does not fit its key: it was forged, changed "
                             "on its way, or signed with another key of that name; "} +
                     get_new};
  auto claims = claims_from_json(parts.value().claims, options.cluster); // the very bytes that were signed
  if (!claims) return claims;
  if (auto now = check_time(claims.value(), now_seconds, options.skew_seconds); !now) return now.failure();
  return claims;
}

result<std::string> issue(const key_ring& keys, std::string_view kid, const token_claims& claims) {
  if (auto valid = validate(claims); !valid) return valid.failure();
  const auto* key = keys.find(kid);
  if (key == nullptr || !key->issues())
    return error{errc::not_found,
                 "no private key " + shown(kid) + " to issue with; make one: forestage token keys new"};
  jwt_t* made = nullptr;
  if (::jwt_new(&made) != 0) return error{errc::internal, "no token could be made: out of memory"};
  const jwt_pointer jwt{made, &jwt_free};
  const std::string name{kid};
  const bool filled = ::jwt_add_grants_json(made, to_json(claims).c_str()) == 0 &&
                      ::jwt_add_header(made, "kid", name.c_str()) == 0 &&
                      ::jwt_set_alg(made, vendor_algorithm(key->signs_with),
                                    reinterpret_cast<const unsigned char*>(key->private_pem.data()), // NOLINT
                                    static_cast<int>(key->private_pem.size())) == 0;
  const std::unique_ptr<char, decltype(&std::free)> text{filled ? ::jwt_encode_str(made) : nullptr,
                                                         &std::free};
  if (!text)
    return error{errc::internal,
                 "the key " + shown(kid) + " could not sign; make a new one: forestage token keys new"};
  std::string token{text.get()};
  if (token.size() > max_token_bytes)
    return error{errc::invalid_argument, "a token of " + std::to_string(token.size()) + " bytes; at most " +
                                             std::to_string(max_token_bytes) +
                                             ": name fewer resources, or use * in them"};
  return token;
}

} // namespace forestage::tokens
