// Tokens and keys of any make, right and wrong, made without the code under test.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace forestage::tests {

[[nodiscard]] std::string base64url(std::string_view bytes);

// A PEM pair: public, private.
struct key_pair {
  std::string open, secret;
};
enum class key_kind { p256, p384, rsa2048, rsa1024, ed25519 };
[[nodiscard]] key_pair make_pair(key_kind kind);
// The private half, locked with a passphrase.
[[nodiscard]] std::string locked(const key_pair& pair, std::string_view passphrase);

// ECDSA or RSA with SHA-256 as the private key says, in the form that JWS wants.
[[nodiscard]] std::string signature(const std::string& private_pem, std::string_view signed_text);
[[nodiscard]] std::string hmac_sha256(std::string_view secret, std::string_view signed_text);

// header.claims, not signed yet; header and claims are bytes.
[[nodiscard]] std::string unsigned_token(std::string_view header, std::string_view claims);
[[nodiscard]] std::string signed_token(std::string_view header, std::string_view claims,
                                       const std::string& private_pem);

void write_file(const std::filesystem::path& path, std::string_view text, std::filesystem::perms mode);
void add_key(const std::filesystem::path& directory, const std::string& kid, const key_pair& pair);

} // namespace forestage::tests
