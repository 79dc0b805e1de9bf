// One HTTP/1.1 connection, until it ends or becomes a WebSocket.
#pragma once

#include "adapters/gateway/detail/exchange.hpp"
#include "adapters/gateway/detail/listener.hpp"
#include "adapters/gateway/detail/transport.hpp"
#include "adapters/gateway/file_answer.hpp"

#include <memory>
#include <string>

namespace forestage::adapters::gateway::detail {

class file_reader;

class http_connection final : public connection {
public:
  http_connection(std::shared_ptr<transport> stream, connection_facts facts);
  ~http_connection() override;

  void start();
  void on_wake() override;
  void on_tick(time_point now) override;
  void go_away() override;
  void cut() override;

private:
  // handshake: TLS; idle: between requests; waiting: for the handler; answering: until the client has it.
  enum class phase { handshake, idle, header, body, waiting, answering, ended };
  struct parsing; // Beast's parser

  void read();
  void on_bytes(std::string_view bytes);
  void parse();
  bool parse_header();
  bool parse_body();
  void fail_parsing(error_code failed);
  // Fills request_; false: it was refused.
  bool accept_header();
  void hand_over();
  void upgrade();

  void refuse(refusal reason, int status, std::string_view code, std::string_view text);
  void answer(response given);
  void answer_file(response given);
  void send(int status, std::string_view content_type, const header_fields& headers, std::string_view body,
            std::uint64_t length);
  void send_piece();
  void answered(error_code failed);
  void enter(phase next);
  void end();
  [[nodiscard]] std::shared_ptr<http_connection> self() {
    return std::static_pointer_cast<http_connection>(shared_from_this());
  }
  [[nodiscard]] const bounds& limits() const { return facts_.listener->options.bounds; }

  std::shared_ptr<transport> stream_;
  connection_facts facts_;
  phase phase_ = phase::handshake;
  time_point entered_;
  std::string input_;
  std::unique_ptr<parsing> parser_;
  request request_;
  bool keep_alive_ = true, head_only_ = false, with_length_ = true;
  std::shared_ptr<exchange> exchange_;
  std::unique_ptr<file_reader> file_;
};

} // namespace forestage::adapters::gateway::detail
