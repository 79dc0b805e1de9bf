// Starting and stopping, without a client.
#include "adapters/gateway/server.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace forestage::adapters::gateway;
using forestage::models::errc;

namespace {
struct silent final : handler {
  void on_request(request, responder) override {}
  void on_open(const peer_link&, const request&) override {}
  void on_frame(const peer_link&, std::string_view, bool) override {}
  void on_close(const peer_link&, const close_reason&) override {}
};
} // namespace

BOOST_AUTO_TEST_CASE(listeners_get_ports_of_their_own_and_stop_at_once) {
  silent behind;
  auto made = make({listener_options{}, listener_options{}}, behind);
  BOOST_REQUIRE(made.ok());
  auto server = std::move(made).value();
  BOOST_TEST(server.listeners() == 2U);
  BOOST_TEST(server.port(0) != 0);
  BOOST_TEST(server.port(0) != server.port(1));
  BOOST_TEST(server.counters(0).accepted == 0U);
  const auto begin = std::chrono::steady_clock::now();
  server.stop();
  server.stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds{2}));
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_named) {
  silent behind;
  auto first = make({listener_options{}}, behind);
  BOOST_REQUIRE(first.ok());
  listener_options again;
  again.name = "operator";
  again.port = first->port(0);
  const auto second = make({again}, behind);
  BOOST_REQUIRE(!second.ok());
  BOOST_TEST((second.failure().code == errc::unavailable));
  BOOST_TEST(second.failure().text.find("listener operator: ") == 0U);
  BOOST_TEST(second.failure().text.find(std::to_string(again.port)) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(addresses_and_certificates_that_do_not_work_are_named) {
  silent behind;
  BOOST_TEST(!make({}, behind).ok());
  listener_options options;
  options.address = "nowhere";
  const auto address = make({options}, behind);
  BOOST_REQUIRE(!address.ok());
  BOOST_TEST(address.failure().text.find("nowhere") != std::string::npos);
  const forestage::tests::temporary_directory folder;
  options = {};
  options.certificate_file = (folder.path() / "missing.pem").string();
  options.key_file = (folder.path() / "key.pem").string();
  const auto missing = make({options}, behind);
  BOOST_REQUIRE(!missing.ok());
  BOOST_TEST((missing.failure().code == errc::invalid_argument));
  BOOST_TEST(missing.failure().text.find("missing.pem") != std::string::npos);
  std::ofstream{options.certificate_file} << "no certificate\n";
  BOOST_TEST(!make({options}, behind).ok());
}
