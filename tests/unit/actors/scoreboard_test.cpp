// The scoreboard: names, exact sums, bytes.
#include "actors/shard/scoreboard.hpp"
#include "models/bytes.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::random_source;

namespace {

std::string bytes_of(const scoreboard& board) {
  std::string bytes;
  models::byte_writer write{bytes};
  write(board);
  return bytes;
}

models::unit_sums random_sums(random_source& random) {
  return {random.below(100), random.below(100), random.below(100)};
}

scoreboard random_board(random_source& random) {
  scoreboard board;
  for (auto& policy : board.policies)
    for (auto n = random.below(5); n > 0; --n)
      policy.add(random.between(-3, 10), random_sums(random));
  board.warmup.requests = random.below(1'000);
  board.warmup.policies[3].cold = random.below(1'000);
  board.warmup.windows[2][1].waste = random.below(1'000);
  board.forecast = {random.below(9), random.below(9), random.below(9), random.below(9),
                    random.below(9), random.below(9), random.below(9), random.below(9)};
  return board;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_policy_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < policy_count; ++i)
    names.insert(policy_name(i));
  BOOST_TEST(names.size() == policy_count);
  BOOST_TEST(policy_name(cost_policy) == "cost");
  BOOST_TEST(policy_name(threshold_index) == "threshold");
  BOOST_TEST(policy_name(rate_oracle_index) == "rate-oracle");
  BOOST_TEST(policy_name(first_yardstick) == "none");
  BOOST_TEST(policy_name(first_yardstick + 11) == "oracle");
}

BOOST_AUTO_TEST_CASE(boards_come_to_the_same_in_any_order) {
  random_source random{tests::seed("boards", 81)};
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<scoreboard> boards;
    for (int i = 0; i < 8; ++i)
      boards.push_back(random_board(random));
    std::vector<std::string> results;
    for (int order = 0; order < 3; ++order) {
      scoreboard sum;
      for (const auto& board : boards)
        sum.merge(board);
      results.push_back(bytes_of(sum));
      random.shuffle(boards);
    }
    BOOST_TEST(results[0] == results[1]);
    BOOST_TEST(results[0] == results[2]);
  }
}

BOOST_AUTO_TEST_CASE(a_board_survives_its_bytes) {
  random_source random{tests::seed("board bytes", 82)};
  for (int trial = 0; trial < 20; ++trial) {
    const auto board = random_board(random);
    const auto bytes = bytes_of(board);
    scoreboard restored = random_board(random); // whatever was there is replaced
    models::byte_reader read{bytes};
    read(restored);
    BOOST_TEST(read.ok());
    BOOST_TEST(read.rest().empty());
    BOOST_TEST(bytes_of(restored) == bytes);
    for (std::size_t i = 0; i < policy_count; ++i)
      BOOST_TEST((restored.policies[i] == board.policies[i]));
  }
}

BOOST_AUTO_TEST_CASE(yardsticks_are_added_to_their_own_policies_on_their_day) {
  models::yardstick_sums sums;
  for (std::size_t i = 0; i < models::yardstick_count; ++i) {
    const auto n = static_cast<std::int64_t>(i);
    sums.policies[i] = {10 + n, 20 + n, 0, 30 + n};
  }
  scoreboard board;
  board.add_yardsticks(7, sums);
  board.add_yardsticks(7, sums);
  for (std::size_t i = 0; i < models::yardstick_count; ++i) {
    const auto n = static_cast<std::int64_t>(i);
    BOOST_TEST((board.policies[first_yardstick + i].on(7) ==
                models::unit_sums{2 * (30 + n), 2 * (10 + n), 2 * (20 + n)}));
  }
  BOOST_TEST((board.policies[cost_policy].total() == models::unit_sums{}));
  BOOST_TEST((board.policies[threshold_index].total() == models::unit_sums{}));
}
