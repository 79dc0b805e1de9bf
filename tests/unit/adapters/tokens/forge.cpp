#include "tests/unit/adapters/tokens/forge.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

namespace forestage::tests {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using bio_pointer = std::unique_ptr<BIO, decltype(&BIO_free)>;

void require(bool done) {
  if (!done) throw std::runtime_error{"OpenSSL refused"};
}

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

key_pointer private_key(const std::string& pem) {
  const bio_pointer from{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
  key_pointer key{PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
  require(key != nullptr);
  return key;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

std::string base64url(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned buffer = 0, bits = 0;
  for (const char c : bytes) {
    buffer = ((buffer << 8U) | static_cast<unsigned char>(c)) & 0xffffU;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out.push_back(digits[(buffer >> bits) & 63U]);
    }
  }
  if (bits > 0) out.push_back(digits[(buffer << (6 - bits)) & 63U]);
  return out;
}

key_pair make_pair(key_kind kind) {
  key_pointer key{kind == key_kind::p256      ? EVP_EC_gen("P-256")
                  : kind == key_kind::p384    ? EVP_EC_gen("P-384")
                  : kind == key_kind::rsa2048 ? EVP_RSA_gen(2048)
                  : kind == key_kind::rsa1024 ? EVP_RSA_gen(1024)
                                              : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                  &EVP_PKEY_free};
  require(key != nullptr);
  const bio_pointer open{BIO_new(BIO_s_mem()), &BIO_free}, secret{BIO_new(BIO_s_mem()), &BIO_free};
  require(PEM_write_bio_PUBKEY(open.get(), key.get()) == 1);
  require(PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {text_of(open.get()), text_of(secret.get())};
}

std::string locked(const key_pair& pair, std::string_view passphrase) {
  const auto key = private_key(pair.secret);
  const bio_pointer to{BIO_new(BIO_s_mem()), &BIO_free};
  require(PEM_write_bio_PrivateKey(to.get(), key.get(), EVP_aes_128_cbc(), bytes_of(passphrase),
                                   static_cast<int>(passphrase.size()), nullptr, nullptr) == 1);
  return text_of(to.get());
}

std::string signature(const std::string& private_pem, std::string_view text) {
  const auto key = private_key(private_pem);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1);
  std::size_t size = 0;
  require(EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1);
  std::vector<unsigned char> made(size);
  require(EVP_DigestSign(context.get(), made.data(), &size, bytes_of(text), text.size()) == 1);
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC)
    return {made.begin(), made.begin() + static_cast<std::ptrdiff_t>(size)};
  const unsigned char* at = made.data(); // JWS wants r and s as they are, not DER
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parts{
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)), &ECDSA_SIG_free};
  const int length = (EVP_PKEY_get_bits(key.get()) + 7) / 8;
  std::vector<unsigned char> flat(static_cast<std::size_t>(2 * length));
  require(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), flat.data(), length) == length);
  require(BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), flat.data() + length, length) == length);
  return {flat.begin(), flat.end()};
}

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::array<unsigned char, 32> out{};
  unsigned size = 0;
  require(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
               out.data(), &size) != nullptr);
  return {out.begin(), out.end()};
}

std::string unsigned_token(std::string_view header, std::string_view claims) {
  return base64url(header) + "." + base64url(claims);
}

std::string signed_token(std::string_view header, std::string_view claims, const std::string& private_pem) {
  const auto text = unsigned_token(header, claims);
  return text + "." + base64url(signature(private_pem, text));
}

void write_file(const std::filesystem::path& path, std::string_view text, std::filesystem::perms mode) {
  std::ofstream{path, std::ios::binary} << text;
  std::filesystem::permissions(path, mode);
}

void add_key(const std::filesystem::path& directory, const std::string& kid, const key_pair& pair) {
  using std::filesystem::perms;
  write_file(directory / (kid + ".pem"), pair.open,
             perms::owner_read | perms::owner_write | perms::group_read | perms::others_read);
  write_file(directory / (kid + ".key.pem"), pair.secret, perms::owner_read | perms::owner_write);
}

} // namespace forestage::tests
