#include "adapters/gateway/detail/tls_context.hpp"

#include <boost/asio/ssl/context.hpp>

#include <array>
#include <utility>

namespace forestage::adapters::gateway::detail {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {
// A browser that offers HTTP/2 first is told what we speak.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int bytes, void*) {
  static constexpr std::array<unsigned char, 9> ours = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, ours.data(), ours.size(), offered, bytes) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}
} // namespace

models::result<std::unique_ptr<ssl::context>> make_tls_context(const std::string& certificate_file,
                                                               const std::string& key_file) {
  const auto refused = [](const std::string& text, const error_code& why) -> models::error {
    return {models::errc::invalid_argument, text + ": " + why.message()};
  };
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  error_code failed;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                           ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression,
                       failed);
  if (failed) return refused("TLS cannot be set up", failed);
  context->use_certificate_chain_file(certificate_file, failed);
  if (failed)
    return refused("cannot use the certificate file " + certificate_file + " (PEM, with its chain)", failed);
  context->use_private_key_file(key_file, ssl::context::pem, failed);
  if (failed) return refused("cannot use the key file " + key_file + " (PEM, of that certificate)", failed);
  auto* const inside = context->native_handle();
  if (SSL_CTX_check_private_key(inside) != 1)
    return {models::errc::invalid_argument,
            "the key in " + key_file + " is not that of the certificate in " + certificate_file};
  // Idle connections keep no record buffers; clients may not make us negotiate again.
  SSL_CTX_set_mode(inside, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(inside, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(inside, choose_protocol, nullptr);
  return context;
}

} // namespace forestage::adapters::gateway::detail
