// The table of routes, with responders whose answers are looked at.
#include "adapters/gateway/detail/exchange.hpp"
#include "adapters/gateway/routes.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::adapters::gateway;

namespace {
struct nobody final : detail::wakeable {
  void on_wake() override {}
};

response ask(const routes& table, const char* method, const char* path) {
  const auto waiting = std::make_shared<nobody>();
  const auto exchange = std::make_shared<detail::exchange>(waiting, std::make_shared<detail::inbox>([] {}));
  request asked;
  asked.method = method;
  asked.where.path = path;
  table.answer(std::move(asked), responder{exchange});
  return exchange->take().value();
}

routes table() {
  routes out;
  const auto says = [](const char* text) {
    return [text](const request&, responder with) { with.answer(json_response(text)); };
  };
  out.add("GET", "/a", says("get a")).add("POST", "/a", says("post a"));
  out.add("GET", "/files/*", says("file")).add("PUT", "/b", [](const request&, responder) {});
  return out;
}

std::string allow(const response& told) {
  for (const auto& [name, value] : told.headers)
    if (name == "Allow") return value;
  return {};
}
} // namespace

BOOST_AUTO_TEST_CASE(a_route_is_found_by_method_and_path) {
  const auto routes = table();
  BOOST_TEST(ask(routes, "GET", "/a").body == "get a");
  BOOST_TEST(ask(routes, "HEAD", "/a").body == "get a");
  BOOST_TEST(ask(routes, "POST", "/a").body == "post a");
  BOOST_TEST(ask(routes, "GET", "/files/x/y").body == "file");
}

BOOST_AUTO_TEST_CASE(what_has_no_route_is_told_so_in_words) {
  const auto routes = table();
  for (const auto* path : {"/", "/A", "/a/", "/files", "/files/", "/b/c"}) {
    const auto told = ask(routes, "GET", path);
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST(told.status == 404);
      BOOST_TEST(told.body.find(path) != std::string::npos);
    }
  }
  const auto told = ask(routes, "DELETE", "/a");
  BOOST_TEST(told.status == 405);
  BOOST_TEST(allow(told) == "GET, HEAD, POST");
  BOOST_TEST(ask(routes, "HEAD", "/b").status == 405);
  const auto options = ask(routes, "OPTIONS", "/a");
  BOOST_TEST(options.status == 204);
  BOOST_TEST(allow(options) == "GET, HEAD, POST");
}

BOOST_AUTO_TEST_CASE(a_request_that_is_dropped_is_answered_with_500) {
  BOOST_TEST(ask(table(), "PUT", "/b").status == 500);
}
