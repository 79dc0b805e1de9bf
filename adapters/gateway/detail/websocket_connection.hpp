// One WebSocket, from the accepted upgrade to its end. Beast speaks the protocol; bounds, credits and the
// outbox are here.
#pragma once

#include "adapters/gateway/detail/link_state.hpp"
#include "adapters/gateway/detail/listener.hpp"
#include "adapters/gateway/detail/transport.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <memory>

namespace forestage::adapters::gateway::detail {

using upgrade_request = boost::beast::http::request<boost::beast::http::string_body>;

class websocket_connection : public connection {
public:
  virtual void start(upgrade_request asked) = 0;
};

std::shared_ptr<websocket_connection> make_websocket_connection(std::shared_ptr<transport> stream,
                                                                connection_facts facts, request asked);

} // namespace forestage::adapters::gateway::detail
