// A client of one thread: many connections, blocks of requests on their way, answers counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace forestage::bench {

struct load {
  std::size_t connections = 1;
  std::string opening; // sent first and answered with a head; empty: none
  std::string request;
  std::size_t answer_bytes = 0; // of one answer; 0: frames that say how many requests they answer
  std::size_t block = 1;        // requests sent with one call
  std::size_t window = 1;       // blocks on their way, per connection
};

// Answers a second.
[[nodiscard]] double rate(std::uint16_t port, const load& what, double seconds);
// Clients a second that connect, ask, read to the end and go.
[[nodiscard]] double accept_rate(std::uint16_t port, double seconds);
[[nodiscard]] std::size_t answer_size(std::uint16_t port, const std::string& request);

[[nodiscard]] std::string masked_frame(std::string_view payload);
[[nodiscard]] std::string upgrade(std::string_view query);
[[nodiscard]] std::string get(std::string_view path);

// WebSockets that were opened and say nothing.
class idle_links {
public:
  idle_links(std::uint16_t port, std::size_t count, bool tls);
  ~idle_links();
  idle_links(const idle_links&) = delete;
  idle_links& operator=(const idle_links&) = delete;

private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

} // namespace forestage::bench
