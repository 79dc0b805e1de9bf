#include "actors/ports/clock.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <thread>
#include <vector>

using namespace forestage::actors;

BOOST_AUTO_TEST_CASE(a_virtual_clock_begins_before_every_log_and_never_goes_back) {
  virtual_clock clock;
  BOOST_TEST(clock.unix_seconds() == std::numeric_limits<std::int64_t>::min());
  clock.advance_to(-5);
  BOOST_TEST(clock.unix_seconds() == -5);
  clock.advance_to(1'000);
  clock.advance_to(999);
  BOOST_TEST(clock.unix_seconds() == 1'000);
}

BOOST_AUTO_TEST_CASE(threads_that_move_a_virtual_clock_leave_it_at_the_latest_moment) {
  virtual_clock clock;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&clock, i] {
      for (std::int64_t t = 0; t < 20'000; ++t)
        clock.advance_to(4 * t + i);
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_TEST(clock.unix_seconds() == 4 * 19'999 + 3);
}

BOOST_AUTO_TEST_CASE(the_wall_clock_is_past_the_day_this_was_written) {
  wall_clock clock;
  BOOST_TEST(clock.unix_seconds() > 1'790'000'000);
}
