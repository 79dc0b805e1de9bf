// The cases: one function each, named as a sentence. See the header.
#include "tests/support/demand_log_contract.hpp"

#include "tests/support/demand_log_walk.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <utility>
#include <vector>

namespace forestage::tests {

using namespace forestage::actors;
using namespace forestage::models;
using namespace std::string_literals;

namespace {

using log_pointer = std::unique_ptr<demand_log>;

log_pointer opened(demand_log_world& world, const demand_log_limits& limits = {}) {
  auto log = world.open(limits);
  if (!log) BOOST_FAIL("cannot open: " + log.failure().text);
  return std::move(*log);
}

void reopen(log_pointer& log, demand_log_world& world) {
  log.reset();
  log = opened(world);
}

std::vector<std::string> texts(const std::vector<stored_record>& records) {
  std::vector<std::string> bytes;
  for (const auto& record : records)
    bytes.push_back(record.bytes);
  return bytes;
}

std::vector<std::uint64_t> positions(const std::vector<stored_record>& records) {
  std::vector<std::uint64_t> numbers;
  for (const auto& record : records)
    numbers.push_back(record.position.value());
  return numbers;
}

std::vector<stored_record> all(demand_log& log, shard_id shard) {
  return log.read(shard, log_position{}, 1'000'000).value();
}

std::uint64_t append(demand_log& log, std::uint32_t shard, const std::vector<std::string>& records,
                     std::uint64_t expected, const std::vector<stored_rollup>& rollups = {}) {
  auto position = log.append(shard_id{shard}, records, log_position{expected}, rollups);
  if (!position) BOOST_FAIL("cannot append: " + position.failure().text);
  return position->value();
}

// What is stored at a position, or nothing.
std::optional<std::string> state_at(demand_log& log, std::uint32_t shard, log_position at_most = latest) {
  auto snapshot = log.load_snapshot(shard_id{shard}, at_most).value();
  return snapshot ? std::optional{snapshot->state} : std::nullopt;
}

template <class T> errc code(const result<T>& outcome) {
  return outcome ? errc::ok : outcome.failure().code;
}

void is(errc found, errc wanted) {
  BOOST_TEST(to_string(found) == to_string(wanted));
}

std::string noise(std::size_t bytes, unsigned start) {
  std::string text(bytes, '\0');
  for (auto& letter : text)
    letter = static_cast<char>((start = start * 1'664'525U + 1'013'904'223U) >> 24);
  return text;
}

// ----------------------------------------------------------------------------------------------------------------------

void a_fresh_log_is_empty(demand_log_world& world) {
  auto log = opened(world);
  BOOST_TEST(log->last_position(shard_id{0}).value().value() == 0U);
  BOOST_TEST(all(*log, shard_id{0}).empty());
  BOOST_TEST(!log->load_snapshot(shard_id{0}).value().has_value());
  BOOST_TEST(log->read_rollups(shard_id{0}, interval_number{-1'000}, interval_number{1'000}).value().empty());
  BOOST_TEST(log->retain(shard_id{0}, {}).ok());
  BOOST_TEST(log->last_position(shard_id{0}).value().value() == 0U);
}

void what_was_acknowledged_is_read_back_in_order_and_bit_for_bit(demand_log_world& world) {
  auto log = opened(world);
  const std::vector<std::string> first{"one"s, ""s, "\0\xff\0"s};
  const std::vector<std::string> second{noise(100'000, 7), "last"s};
  BOOST_TEST(append(*log, 5, first, 0) == 3U);
  BOOST_TEST(append(*log, 5, second, 3) == 5U);
  auto wanted = first;
  wanted.insert(wanted.end(), second.begin(), second.end());
  for (int round = 0; round < 2; ++round) {
    BOOST_CHECK(texts(all(*log, shard_id{5})) == wanted);
    BOOST_TEST(positions(all(*log, shard_id{5})) == (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
    reopen(log, world);
  }
}

void a_reader_pages_through_a_shard_and_ends_with_an_empty_answer(demand_log_world& world) {
  auto log = opened(world);
  append(*log, 1, {"a", "b", "c", "d", "e"}, 0);
  std::vector<std::string> seen;
  log_position after;
  for (std::size_t size = 2; size == 2;) {
    const auto page = log->read(shard_id{1}, after, 2).value();
    size = page.size();
    for (const auto& record : page)
      seen.push_back(record.bytes);
    if (!page.empty()) after = page.back().position;
  }
  BOOST_TEST(seen == (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  BOOST_TEST(log->read(shard_id{1}, log_position{5}, 10).value().empty());
  BOOST_TEST(log->read(shard_id{1}, log_position{6}, 10).value().empty());
  BOOST_TEST(log->read(shard_id{1}, latest, 10).value().empty());
  BOOST_TEST(log->read(shard_id{1}, log_position{3}, ~std::size_t{0}).value().size() == 2U);
  is(code(log->read(shard_id{1}, log_position{}, 0)), errc::invalid_argument);
}

void an_append_that_expected_another_position_changes_nothing(demand_log_world& world) {
  auto log = opened(world);
  append(*log, 2, {"a", "b"}, 0, {{interval_number{1}, "first"}});
  const std::vector<std::string> records{"x"};
  const std::vector<stored_rollup> rollups{{interval_number{1}, "second"}, {interval_number{2}, "new"}};
  for (const auto expected : {log_position{0}, log_position{1}, log_position{3}, latest}) {
    is(code(log->append(shard_id{2}, records, expected, rollups)), errc::position_conflict);
    is(code(log->append(shard_id{2}, {}, expected, rollups)), errc::position_conflict);
    is(code(log->append(shard_id{2}, {}, expected)), errc::position_conflict);
  }
  is(code(log->append(shard_id{3}, records, log_position{1})), errc::position_conflict);
  reopen(log, world);
  BOOST_TEST(texts(all(*log, shard_id{2})) == (std::vector<std::string>{"a", "b"}));
  BOOST_TEST(all(*log, shard_id{3}).empty());
  const auto kept = log->read_rollups(shard_id{2}, interval_number{0}, interval_number{9}).value();
  BOOST_CHECK(kept == (std::vector<stored_rollup>{{interval_number{1}, "first"}}));
}

void shards_do_not_see_each_other(demand_log_world& world) {
  auto log = opened(world);
  const std::array<std::uint32_t, 6> shards{0, 1, 63, 64, 4'096, 65'535};
  for (std::uint64_t round = 0; round < 20; ++round)
    for (const auto shard : shards)
      append(*log, shard, {std::to_string(shard) + "/" + std::to_string(round)}, round);
  BOOST_TEST(log->save_snapshot(shard_id{63}, log_position{20}, "63").ok());
  BOOST_TEST(log->save_snapshot(shard_id{64}, log_position{10}, "64").ok());
  BOOST_TEST(log->retain(shard_id{63}, {}).ok());
  for (const auto shard : shards) {
    const auto records = all(*log, shard_id{shard});
    BOOST_TEST(records.size() == (shard == 63 ? 0U : 20U));
    for (const auto& record : records)
      BOOST_TEST(record.bytes == std::to_string(shard) + "/" + std::to_string(record.position.value() - 1));
  }
  BOOST_TEST(state_at(*log, 63).value() == "63");
  BOOST_TEST(state_at(*log, 64).value() == "64");
  BOOST_TEST(!state_at(*log, 65).has_value());
}

void a_group_answers_every_entry_alone(demand_log_world& world) {
  auto log = opened(world, {.record_bytes = 4});
  append(*log, 0, {"old"}, 0);
  const std::vector<std::string> one{"a"}, two{"b", "c"}, large{"fine", "large"};
  const std::vector<shard_append> group{
      {shard_id{0}, one, log_position{1}}, {shard_id{1}, two, log_position{7}},
      {shard_id{0}, two, log_position{2}}, {shard_id{2}, large, log_position{}},
      {shard_id{3}, two, log_position{}},  {shard_id{0}, one, log_position{2}}};
  const auto answers = log->append_group(group);
  BOOST_REQUIRE(answers.size() == 6U);
  BOOST_TEST(answers[0].value().value() == 2U);
  is(code(answers[1]), errc::position_conflict);
  BOOST_TEST(answers[2].value().value() == 4U);
  is(code(answers[3]), errc::limit_exceeded);
  BOOST_TEST(answers[4].value().value() == 2U);
  is(code(answers[5]), errc::position_conflict);
  reopen(log, world);
  BOOST_TEST(texts(all(*log, shard_id{0})) == (std::vector<std::string>{"old", "a", "b", "c"}));
  BOOST_TEST(all(*log, shard_id{1}).empty());
  BOOST_TEST(all(*log, shard_id{2}).empty());
  BOOST_TEST(texts(all(*log, shard_id{3})) == two);
  BOOST_TEST(log->append_group({}).empty());
}

void an_append_without_records_checks_the_position_and_stores_its_rollups(demand_log_world& world) {
  auto log = opened(world);
  BOOST_TEST(append(*log, 4, {}, 0) == 0U);
  BOOST_TEST(append(*log, 4, {}, 0, {{interval_number{3}, "early"}}) == 0U);
  BOOST_TEST(append(*log, 4, {"a"}, 0) == 1U);
  BOOST_TEST(append(*log, 4, {}, 1) == 1U);
  reopen(log, world);
  BOOST_TEST(all(*log, shard_id{4}).size() == 1U);
  BOOST_TEST(log->read_rollups(shard_id{4}, interval_number{3}, interval_number{4}).value().size() == 1U);
}

void rollups_are_replaced_and_read_by_half_open_range_in_order(demand_log_world& world) {
  auto log = opened(world);
  append(*log, 0, {"a"}, 0, {{interval_number{5}, "five"}, {interval_number{-5}, "minus five"}});
  append(*log, 0, {"b"}, 1, {{interval_number{0}, ""}, {interval_number{5}, "five again"}});
  append(*log, 1, {"c"}, 0, {{interval_number{2}, "foreign"}});
  const auto read = [&](std::int64_t from, std::int64_t to) {
    return log->read_rollups(shard_id{0}, interval_number{from}, interval_number{to}).value();
  };
  const std::vector<stored_rollup> wanted{
      {interval_number{-5}, "minus five"}, {interval_number{0}, ""}, {interval_number{5}, "five again"}};
  for (int round = 0; round < 2; ++round) {
    BOOST_CHECK(read(-5, 6) == wanted);
    BOOST_TEST(read(-5, 5).size() == 2U);
    BOOST_TEST(read(-4, 5).size() == 1U);
    BOOST_TEST(read(5, 5).empty());
    BOOST_TEST(read(6, -6).empty());
    using span = std::optional<rollup_span>;
    BOOST_CHECK(log->span_of_rollups(shard_id{0}).value() ==
                (span{{interval_number{-5}, interval_number{6}}}));
    BOOST_CHECK(log->span_of_rollups(shard_id{1}).value() ==
                (span{{interval_number{2}, interval_number{3}}}));
    BOOST_CHECK(log->span_of_rollups(shard_id{2}).value() == span{});
    reopen(log, world);
  }
}

void the_newest_snapshot_is_loaded_and_older_ones_on_request(demand_log_world& world) {
  auto log = opened(world);
  append(*log, 0, {"a", "b", "c"}, 0);
  BOOST_TEST(log->save_snapshot(shard_id{0}, log_position{2}, "two").ok());
  BOOST_TEST(log->save_snapshot(shard_id{0}, log_position{0}, "").ok());
  BOOST_TEST(state_at(*log, 0).value() == "two");
  BOOST_TEST(log->save_snapshot(shard_id{0}, log_position{3}, "three").ok());
  BOOST_TEST(log->save_snapshot(shard_id{0}, log_position{3}, "three again").ok());
  is(code(log->save_snapshot(shard_id{0}, log_position{4}, "four")), errc::invalid_argument);
  is(code(log->save_snapshot(shard_id{0}, latest, "never")), errc::invalid_argument);
  reopen(log, world);
  const auto newest = log->load_snapshot(shard_id{0}).value();
  BOOST_CHECK(newest == (stored_snapshot{log_position{3}, "three again"}));
  BOOST_TEST(state_at(*log, 0, log_position{2}).value() == "two");
  const auto start = log->load_snapshot(shard_id{0}, log_position{1}).value();
  BOOST_CHECK(start == (stored_snapshot{log_position{0}, ""}));
  BOOST_TEST(!state_at(*log, 1).has_value());
}

void records_and_snapshots_of_many_megabytes_are_kept(demand_log_world& world) {
  auto log = opened(world);
  const std::vector<std::string> records{noise(5'000'000, 1), noise(1, 2), noise(3'000'000, 3)};
  append(*log, 9, records, 0);
  const std::size_t piece = std::size_t{8} << 20;
  const std::array<std::size_t, 4> sizes{piece - 1, piece, piece + 1, 3 * piece};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    BOOST_TEST(log->save_snapshot(shard_id{9}, log_position{i % 3 + 1}, noise(sizes[i], 4)).ok());
    const auto loaded = state_at(*log, 9, log_position{i % 3 + 1});
    BOOST_CHECK(loaded == noise(sizes[i], 4));
  }
  reopen(log, world);
  BOOST_CHECK(texts(all(*log, shard_id{9})) == records);
  BOOST_CHECK(state_at(*log, 9, log_position{1}) == noise(sizes[3], 4));
}

void what_is_over_a_limit_is_refused_and_not_written(demand_log_world& world) {
  auto log = opened(world, {.shards = 8, .record_bytes = 10, .snapshot_bytes = 20});
  const std::string ten(10, 'x'), eleven(11, 'x'), twenty(20, 'x'), more(21, 'x');
  BOOST_TEST(append(*log, 7, {ten}, 0, {{interval_number{1}, ten}}) == 1U);
  BOOST_TEST(log->save_snapshot(shard_id{7}, log_position{1}, twenty).ok());
  const std::vector<std::string> small{"s"}, records{"s", eleven};
  const std::vector<stored_rollup> rollups{{interval_number{1}, eleven}};
  is(code(log->append(shard_id{7}, records, log_position{1})), errc::limit_exceeded);
  is(code(log->append(shard_id{7}, small, log_position{1}, rollups)), errc::limit_exceeded);
  is(code(log->append(shard_id{8}, small, log_position{})), errc::limit_exceeded);
  is(code(log->save_snapshot(shard_id{7}, log_position{1}, more)), errc::limit_exceeded);
  is(code(log->save_snapshot(shard_id{8}, log_position{}, "s")), errc::limit_exceeded);
  BOOST_TEST(log->last_position(shard_id{8}).value().value() == 0U);
  BOOST_TEST(all(*log, shard_id{~0U}).empty());
  BOOST_TEST(!state_at(*log, ~0U).has_value());
  BOOST_TEST(log->retain(shard_id{~0U}, {}).ok());
  reopen(log, world);
  BOOST_TEST(texts(all(*log, shard_id{7})) == std::vector<std::string>{ten});
  BOOST_TEST(state_at(*log, 7).value() == twenty);
}

// Ten records with snapshots after 2, 5 and 8, and roll-ups of the intervals 1 to 5.
log_pointer with_history(demand_log_world& world) {
  auto log = opened(world);
  std::vector<stored_rollup> rollups;
  for (std::int64_t n = 1; n <= 5; ++n)
    rollups.push_back({interval_number{n}, std::to_string(n)});
  append(*log, 0, {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, 0, rollups);
  for (const std::uint64_t position : {2, 5, 8})
    BOOST_TEST(log->save_snapshot(shard_id{0}, log_position{position}, std::to_string(position)).ok());
  return log;
}

void retention_drops_what_its_rule_does_not_keep(demand_log_world& world) {
  auto log = with_history(world);
  const retention_rule rule{.snapshots = 2, .rollups_from = interval_number{4}};
  for (int round = 0; round < 2; ++round) {
    BOOST_TEST(log->retain(shard_id{0}, rule).ok());
    BOOST_TEST(positions(all(*log, shard_id{0})) == (std::vector<std::uint64_t>{6, 7, 8, 9, 10}));
    BOOST_TEST(log->read(shard_id{0}, log_position{2}, 1).value().front().position.value() == 6U);
    BOOST_TEST(state_at(*log, 0).value() == "8");
    BOOST_TEST(state_at(*log, 0, log_position{7}).value() == "5");
    BOOST_TEST(!state_at(*log, 0, log_position{4}).has_value());
    BOOST_TEST(log->read_rollups(shard_id{0}, interval_number{0}, interval_number{9}).value().size() == 2U);
    reopen(log, world);
  }
}

void retention_keeps_records_when_told_to_or_when_there_is_no_snapshot(demand_log_world& world) {
  auto log = with_history(world);
  BOOST_TEST(log->retain(shard_id{0}, {.snapshots = 1, .records_after_oldest_snapshot_only = false}).ok());
  BOOST_TEST(all(*log, shard_id{0}).size() == 10U);
  BOOST_TEST(!state_at(*log, 0, log_position{7}).has_value());
  append(*log, 1, {"a"}, 0);
  BOOST_TEST(log->retain(shard_id{1}, {}).ok());
  BOOST_TEST(all(*log, shard_id{1}).size() == 1U);
  // With fewer snapshots than the rule asks for, the oldest one there is counts.
  BOOST_TEST(log->retain(shard_id{0}, {.snapshots = 100}).ok());
  BOOST_TEST(positions(all(*log, shard_id{0})) == (std::vector<std::uint64_t>{9, 10}));
  is(code(log->retain(shard_id{0}, {.snapshots = 0})), errc::invalid_argument);
}

void positions_keep_growing_when_every_record_was_dropped(demand_log_world& world) {
  auto log = with_history(world);
  BOOST_TEST(log->save_snapshot(shard_id{0}, log_position{10}, "10").ok());
  BOOST_TEST(log->retain(shard_id{0}, {.snapshots = 1}).ok());
  reopen(log, world);
  BOOST_TEST(all(*log, shard_id{0}).empty());
  BOOST_TEST(log->last_position(shard_id{0}).value().value() == 10U);
  const std::vector<std::string> records{"11"};
  is(code(log->append(shard_id{0}, records, log_position{0})), errc::position_conflict);
  BOOST_TEST(append(*log, 0, records, 10) == 11U);
  BOOST_TEST(positions(all(*log, shard_id{0})) == std::vector<std::uint64_t>{11});
}

void one_process_at_a_time_holds_the_place(demand_log_world& world) {
  auto log = opened(world);
  append(*log, 0, {"a"}, 0);
  is(code(world.open()), errc::locked);
  append(*log, 0, {"b"}, 1);
  reopen(log, world);
  BOOST_TEST(all(*log, shard_id{0}).size() == 2U);
}

void any_sequence_of_calls_and_restarts_gives_what_the_contract_says(demand_log_world& world) {
  demand_log_walk walk{seed("demand log walk", 20'240'613)};
  auto log = opened(world);
  for (int step = 0; step < 600; ++step) {
    walk.step(*log);
    if (walk.wants_restart()) reopen(log, world);
  }
  walk.check_all(*log);
}

void metadata_is_replaced_and_read_back_after_a_restart(demand_log_world& world) {
  auto log = opened(world, {.record_bytes = 100});
  const auto metadata = [&]() -> run_metadata& { return dynamic_cast<run_metadata&>(*log); };
  BOOST_TEST(!metadata().get("settings").value().has_value());
  BOOST_TEST(metadata().put("settings", "old").ok());
  BOOST_TEST(metadata().put("settings", "\0new\xff"s).ok());
  BOOST_TEST(metadata().put("empty", {}).ok());
  is(code(metadata().put("", "x")), errc::invalid_argument);
  is(code(metadata().put(std::string(257, 'k'), "x")), errc::invalid_argument);
  is(code(metadata().put("\xff", "x")), errc::invalid_argument);
  is(code(metadata().get("")), errc::invalid_argument);
  is(code(metadata().put("large", std::string(101, 'v'))), errc::limit_exceeded);
  reopen(log, world);
  BOOST_TEST(metadata().get("settings").value().value() == "\0new\xff"s);
  BOOST_TEST(metadata().get("empty").value().value() == "");
  BOOST_TEST(!metadata().get("large").value().has_value());
  BOOST_TEST(!metadata().get("Settings").value().has_value());
}

using contract_case = std::pair<const char*, void (*)(demand_log_world&)>;

bool add(const std::string& name, const std::vector<contract_case>& cases, const make_world& make) {
  auto* suite = BOOST_TEST_SUITE(name);
  for (const auto& [sentence, run] : cases)
    suite->add(boost::unit_test::make_test_case(
        [make, run = run] {
          const auto world = make();
          run(*world);
        },
        sentence, __FILE__, __LINE__));
  boost::unit_test::framework::current_auto_test_suite().add(suite);
  return true;
}

} // namespace

#define NAMED(function)                                                                                      \
  contract_case {                                                                                            \
#function, function                                                                                      \
  }

bool add_demand_log_contract(const std::string& implementation, make_world make) {
  return add(implementation + "_keeps_the_contract",
             {NAMED(a_fresh_log_is_empty), NAMED(what_was_acknowledged_is_read_back_in_order_and_bit_for_bit),
              NAMED(a_reader_pages_through_a_shard_and_ends_with_an_empty_answer),
              NAMED(an_append_that_expected_another_position_changes_nothing),
              NAMED(shards_do_not_see_each_other), NAMED(a_group_answers_every_entry_alone),
              NAMED(an_append_without_records_checks_the_position_and_stores_its_rollups),
              NAMED(rollups_are_replaced_and_read_by_half_open_range_in_order),
              NAMED(the_newest_snapshot_is_loaded_and_older_ones_on_request),
              NAMED(records_and_snapshots_of_many_megabytes_are_kept),
              NAMED(what_is_over_a_limit_is_refused_and_not_written),
              NAMED(retention_drops_what_its_rule_does_not_keep),
              NAMED(retention_keeps_records_when_told_to_or_when_there_is_no_snapshot),
              NAMED(positions_keep_growing_when_every_record_was_dropped),
              NAMED(one_process_at_a_time_holds_the_place),
              NAMED(any_sequence_of_calls_and_restarts_gives_what_the_contract_says)},
             make);
}

bool add_run_metadata_contract(const std::string& implementation, make_world make) {
  return add(implementation + "_keeps_metadata", {NAMED(metadata_is_replaced_and_read_back_after_a_restart)},
             make);
}

#undef NAMED

} // namespace forestage::tests
