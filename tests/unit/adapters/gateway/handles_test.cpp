// Links and responders without a socket: what any thread may do, and what the connection finds.
#include "adapters/gateway/detail/exchange.hpp"
#include "adapters/gateway/detail/link_state.hpp"
#include "adapters/gateway/handler.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace forestage::adapters::gateway;
using detail::inbox;
using detail::link_state;

namespace {
struct counting final : detail::wakeable {
  int wakes = 0;
  void on_wake() override { ++wakes; }
};

struct bench {
  int posts = 0;
  std::shared_ptr<inbox> loop = std::make_shared<inbox>([this] { ++posts; });
  std::shared_ptr<counting> connection = std::make_shared<counting>();
  std::shared_ptr<link_state> state = std::make_shared<link_state>(7, 1, 100, loop);
  peer_link handle{state};
  bench() { state->bind(connection); }
  std::size_t waiting() {
    std::vector<std::weak_ptr<detail::wakeable>> out;
    loop->take(out);
    return out.size();
  }
};
} // namespace

BOOST_AUTO_TEST_CASE(a_burst_wakes_its_connection_and_the_loop_once) {
  bench b;
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(b.handle.send("x"));
  b.handle.release(3);
  b.handle.release();
  BOOST_TEST(b.posts == 1);
  BOOST_TEST(b.waiting() == 1U);
  auto news = b.state->take(true);
  BOOST_TEST(news.frames.size() == 10U);
  BOOST_TEST(news.released == 4U);
  BOOST_TEST(b.state->take(true).released == 0U);
  BOOST_TEST(b.handle.send("y"));
  BOOST_TEST(b.posts == 2);
}

BOOST_AUTO_TEST_CASE(the_loops_own_thread_does_not_wake_it) {
  bench b;
  b.loop->set_io_thread(std::this_thread::get_id());
  BOOST_TEST(b.handle.send("x"));
  BOOST_TEST(b.posts == 0);
  std::thread{[&] { b.handle.release(); }}.join(); // woken already: the connection waits in the inbox
  BOOST_TEST(b.waiting() == 1U);
  static_cast<void>(b.state->take(true));
  std::thread{[&] { b.handle.release(); }}.join();
  BOOST_TEST(b.posts == 1);
}

BOOST_AUTO_TEST_CASE(bytes_count_until_they_are_written_and_overflow_stays) {
  bench b;
  BOOST_TEST(b.handle.send(std::string(60, 'a')));
  const auto first = b.state->take(true);
  BOOST_TEST(b.handle.outbox_bytes() == 60U);
  BOOST_TEST(b.handle.send(std::string(40, 'b')));
  // Decided while the connection has been woken already: it must find it nevertheless.
  BOOST_TEST(!b.handle.send("c"));
  BOOST_TEST(!b.handle.open());
  b.state->written(60);
  BOOST_TEST(!b.handle.send("d"));
  const auto later = b.state->take(false);
  BOOST_TEST(later.overflow);
  BOOST_TEST(later.frames.empty());
  BOOST_TEST(b.state->take(true).overflow);
}

BOOST_AUTO_TEST_CASE(after_a_close_nothing_is_taken) {
  bench b;
  BOOST_TEST(b.handle.send("before"));
  b.handle.close(4'000, "first");
  b.handle.close(4'001, "second");
  BOOST_TEST(!b.handle.send("after"));
  const auto news = b.state->take(true);
  BOOST_TEST(news.frames.size() == 1U);
  BOOST_REQUIRE(news.close.has_value());
  BOOST_TEST(news.close->code == 4'000);
  b.state->end();
  b.state->written(6);
  BOOST_TEST(b.handle.outbox_bytes() == 0U);
  BOOST_TEST(!b.handle.open());
}

BOOST_AUTO_TEST_CASE(handles_that_live_longer_than_the_loop_do_nothing) {
  bench b;
  b.loop->close();
  BOOST_TEST(b.handle.send("x"));
  BOOST_TEST(b.posts == 0);
  BOOST_TEST(b.waiting() == 0U);
  const peer_link none;
  BOOST_TEST(none.id() == 0U);
  BOOST_TEST(!none.send("x"));
  none.release();
  none.close(1'000, "");
  BOOST_TEST(!none.open());
}

BOOST_AUTO_TEST_CASE(a_request_is_answered_once) {
  bench b;
  const auto exchange = std::make_shared<detail::exchange>(b.connection, b.loop);
  {
    responder with{exchange};
    BOOST_TEST(with.answer(json_response("1")));
    BOOST_TEST(!with.answer(json_response("2")));
    responder moved{std::move(with)};
    BOOST_TEST(!moved.answer(json_response("3")));
  }
  BOOST_TEST(exchange->take()->body == "1");
  BOOST_TEST(!exchange->take().has_value());
}

BOOST_AUTO_TEST_CASE(a_dropped_or_replaced_responder_answers_500) {
  bench b;
  const auto first = std::make_shared<detail::exchange>(b.connection, b.loop);
  const auto second = std::make_shared<detail::exchange>(b.connection, b.loop);
  {
    responder with{first};
    with = responder{second};
    BOOST_TEST(first->take()->status == 500);
    BOOST_TEST(!second->take().has_value());
  }
  BOOST_TEST(second->take()->status == 500);
}

BOOST_AUTO_TEST_CASE(an_answer_that_nobody_waits_for_is_told_so) {
  bench b;
  const auto exchange = std::make_shared<detail::exchange>(b.connection, b.loop);
  responder with{exchange};
  b.connection = nullptr;
  BOOST_TEST(!with.answer(json_response("1")));
  const auto given_up = std::make_shared<detail::exchange>(std::make_shared<counting>(), b.loop);
  given_up->give_up();
  BOOST_TEST(!responder{given_up}.answer(json_response("1")));
}
