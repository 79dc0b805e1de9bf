#include "adapters/tokens/key_ring.hpp"

#include "adapters/tokens/key_files.hpp"

#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>

namespace forestage::tokens {

using models::errc;
using models::error;
using models::result;
using models::status;

namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using bio_pointer = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr std::string_view private_suffix = ".key.pem";
constexpr std::string_view public_suffix = ".pem";

// Nobody is asked for a passphrase: a node has no terminal.
int no_passphrase(char* /*into*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return -1;
}

key_pointer read_pem(const std::string& text, secrecy kind) {
  const bio_pointer from{::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
  key_pointer key{nullptr, &EVP_PKEY_free};
  if (from)
    key.reset(kind == secrecy::secret
                  ? ::PEM_read_bio_PrivateKey(from.get(), nullptr, &no_passphrase, nullptr)
                  : ::PEM_read_bio_PUBKEY(from.get(), nullptr, &no_passphrase, nullptr));
  ::ERR_clear_error(); // ours to tell; the next caller of OpenSSL must not find it
  return key;
}

std::string write_pem(EVP_PKEY* key, secrecy kind) {
  const bio_pointer to{::BIO_new(::BIO_s_mem()), &BIO_free};
  if (!to) return {};
  const int written = kind == secrecy::secret
                          ? ::PEM_write_bio_PrivateKey(to.get(), key, nullptr, nullptr, 0, nullptr, nullptr)
                          : ::PEM_write_bio_PUBKEY(to.get(), key);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(to.get(), &text); // NOLINT: a macro of OpenSSL
  if (written != 1 || size <= 0) return {};
  return {text, static_cast<std::size_t>(size)};
}

std::optional<algorithm> algorithm_of(const EVP_PKEY* key) {
  if (::EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
    const int bits = ::EVP_PKEY_get_bits(key); // very long keys would make verifying a way to stop a node
    if (bits >= 2'048 && bits <= 8'192) return algorithm::rs256;
  } else if (::EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (::EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
        std::string_view{group.data(), size} == "prime256v1")
      return algorithm::es256;
  }
  return {};
}

std::string within(const std::string& directory, const std::string& name) {
  return (std::filesystem::path{directory} / name).string();
}

result<token_key> load_public(const std::string& path) {
  auto text = read_key_file(path, secrecy::open);
  if (!text) return text.failure();
  const auto key = read_pem(*text, secrecy::open);
  if (!key)
    return {errc::invalid_data, text->find("PRIVATE KEY") != std::string::npos
                                    ? path + " holds a private key; name it KID.key.pem and chmod 600 it"
                                    : path + " holds no public key (PEM, BEGIN PUBLIC KEY); write it again"};
  const auto kind = algorithm_of(key.get());
  if (!kind)
    return {errc::invalid_data, path +
                                    " holds a key of another kind: EC P-256 and RSA of 2048 to 8192 bits are "
                                    "accepted; forestage token keys new makes one"};
  return token_key{*kind, write_pem(key.get(), secrecy::open), {}};
}

status load_private(const std::string& path, token_key& into) {
  auto text = read_key_file(path, secrecy::secret);
  if (!text) return text.failure();
  const auto key = read_pem(*text, secrecy::secret);
  const auto half = read_pem(into.public_pem, secrecy::open);
  ::OPENSSL_cleanse(text->data(), text->size());
  if (!key)
    return {errc::invalid_data,
            path + " holds no private key that can be read; it must be PEM without a passphrase"};
  if (::EVP_PKEY_eq(key.get(), half.get()) != 1)
    return {errc::invalid_data,
            path +
                " does not belong to the public key beside it; put the right pair there, or make a new one"};
  into.private_pem = write_pem(key.get(), secrecy::secret);
  return models::success();
}

} // namespace

std::string_view to_string(algorithm a) noexcept {
  return a == algorithm::es256 ? "ES256" : "RS256";
}

bool is_key_name(std::string_view kid) noexcept {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  // A name that ends in .key would make the file of its public key look like a private one.
  return !kid.empty() && kid.size() <= 64 && kid.front() != '.' && kid.back() != '.' &&
         !kid.ends_with(".key") && std::all_of(kid.begin(), kid.end(), fits);
}

result<key_ring> key_ring::load(const std::string& directory, key_use use) {
  const auto names = key_files(directory);
  if (!names) return names.failure();
  key_ring ring;
  for (const auto& name : names.value()) {
    if (name.ends_with(private_suffix)) continue;
    const auto kid = name.substr(0, name.size() - public_suffix.size());
    if (!is_key_name(kid))
      return {errc::invalid_data,
              within(directory, name) + ": the name of a key is 1 to 64 letters, digits, _ and -; rename it"};
    if (ring.keys_.size() == max_keys)
      return {errc::limit_exceeded, directory + " holds more than 64 keys; remove old ones"};
    auto key = load_public(within(directory, name));
    if (!key) return key.failure();
    ring.keys_.emplace(kid, std::move(*key));
  }
  for (const auto& name : names.value()) {
    if (use == key_use::verify || !name.ends_with(private_suffix)) continue;
    const auto at = ring.keys_.find(name.substr(0, name.size() - private_suffix.size()));
    if (at == ring.keys_.end())
      return {errc::not_found, within(directory, name) +
                                   " has no public key beside it; write it: openssl pkey -in " + name +
                                   " -pubout"};
    if (auto s = load_private(within(directory, name), at->second); !s) return s.failure();
  }
  if (ring.keys_.empty())
    return {errc::not_found, directory + " holds no key; make one: forestage token keys new"};
  return ring;
}

const token_key* key_ring::find(std::string_view kid) const {
  const auto at = keys_.find(kid);
  return at == keys_.end() ? nullptr : &at->second;
}

std::vector<std::string> key_ring::kids() const {
  std::vector<std::string> out;
  for (const auto& [kid, key] : keys_)
    out.push_back(kid);
  return out;
}

result<std::string> key_ring::issuer(std::string_view kid) const {
  std::string names;
  std::size_t count = 0;
  for (const auto& [name, key] : keys_) {
    if (!key.issues()) continue;
    if (name == kid) return name;
    names += (names.empty() ? "" : ", ") + name;
    ++count;
  }
  if (count == 0) return {errc::not_found, "no private key is here; make one: forestage token keys new"};
  if (!kid.empty()) return {errc::not_found, "no private key '" + std::string{kid} + "'; there are " + names};
  if (count > 1) return {errc::invalid_argument, "several keys can sign; choose one with --kid: " + names};
  return names;
}

status make_key(const std::string& directory, const std::string& kid) {
  if (!is_key_name(kid))
    return {errc::invalid_argument, "'" + kid + "' is no name for a key: 1 to 64 letters, digits, _ and -"};
  std::error_code failure;
  if (std::filesystem::create_directories(directory, failure))
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failure);
  if (failure) return {errc::storage_failed, "cannot make " + directory + ": " + failure.message()};
  const key_pointer key{::EVP_EC_gen("P-256"), &EVP_PKEY_free};
  auto secret = key ? write_pem(key.get(), secrecy::secret) : std::string{};
  const auto open = key ? write_pem(key.get(), secrecy::open) : std::string{};
  if (secret.empty() || open.empty())
    return {errc::internal, "OpenSSL made no key; is its configuration on this machine in order?"};
  const auto private_path = within(directory, kid + std::string{private_suffix});
  auto written = write_key_file(private_path, secret, secrecy::secret);
  ::OPENSSL_cleanse(secret.data(), secret.size());
  if (!written) return written;
  // The public half last: a key is there for verifying only when it is whole.
  written = write_key_file(within(directory, kid + std::string{public_suffix}), open, secrecy::open);
  if (!written) ::unlink(private_path.c_str());
  return written;
}

result<std::string> random_hex(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  if (::RAND_bytes(raw.data(), static_cast<int>(raw.size())) != 1)
    return {errc::unavailable, "the system gives no random numbers"};
  std::string text;
  for (const unsigned char b : raw) {
    text.push_back("0123456789abcdef"[b >> 4U]);
    text.push_back("0123456789abcdef"[b & 15U]);
  }
  return text;
}

std::string to_json(const key_ring& keys) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& kid : keys.kids()) {
    const auto* key = keys.find(kid);
    out.push_back({{"kid", kid}, {"algorithm", to_string(key->signs_with)}, {"issues", key->issues()}});
  }
  return out.dump();
}

} // namespace forestage::tokens
