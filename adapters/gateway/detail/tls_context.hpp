// A certificate and its key as a TLS context. OpenSSL stays in its source.
#pragma once

#include "models/result.hpp"

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace forestage::adapters::gateway::detail {

// TLS 1.2 and later. Errors: invalid_argument, naming the file.
[[nodiscard]] models::result<std::unique_ptr<boost::asio::ssl::context>>
make_tls_context(const std::string& certificate_file, const std::string& key_file);

} // namespace forestage::adapters::gateway::detail
