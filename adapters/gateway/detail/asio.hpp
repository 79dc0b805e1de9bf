// The part of Boost.Asio that the gateway uses, under short names. Private to adapters/gateway.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <utility> // Boost 1.74's awaitable.hpp uses std::exchange without it

namespace forestage::adapters::gateway::detail {

namespace net = boost::asio;
using error_code = boost::system::error_code;
using executor = net::io_context::executor_type; // not the polymorphic one: it costs an indirection per call
using socket = net::basic_stream_socket<net::ip::tcp, executor>;
using timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>, executor>;

} // namespace forestage::adapters::gateway::detail
