// Threads that share pieces of work: each piece once, and all ended when run() returns.
#define BOOST_TEST_MODULE cluster_backtest
#include "cluster/backtest/workers.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <vector>

using forestage::cluster::workers;

BOOST_AUTO_TEST_CASE(every_piece_is_done_once_whatever_the_number_of_threads) {
  for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
    workers team{threads};
    BOOST_TEST(team.threads() == threads);
    for (int round = 0; round < 200; ++round) {
      const auto count = static_cast<std::size_t>(round % 23);
      std::vector<std::atomic<int>> done(count);
      team.run(count, [&](std::size_t i) { ++done[i]; });
      for (const auto& times : done)
        BOOST_TEST(times.load() == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(there_is_at_least_one_thread) {
  BOOST_TEST(workers{0}.threads() >= 1U);
}

BOOST_AUTO_TEST_CASE(a_team_without_work_ends) {
  for (int i = 0; i < 50; ++i)
    const workers idle{4};
}
