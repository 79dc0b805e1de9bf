// What the adapter does with directories and files that are not what they should be.
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>
#include <unistd.h>

#include <fstream>

using namespace forestage;
using namespace forestage::adapters;
using models::errc;

namespace {

const models::shard_id shard{0};
const std::vector<std::string> records{"a", "b", "c"};

struct place {
  tests::temporary_directory directory;
  [[nodiscard]] std::filesystem::path file() const { return directory.path() / "demand.db"; }
  [[nodiscard]] auto open(const sqlite_options& options = {}) const {
    return sqlite_demand_log::open(directory.path(), options);
  }
  // As another program would, while no log is open.
  void change(const char* sql) const {
    sqlite3* handle = nullptr;
    BOOST_REQUIRE(sqlite3_open(file().c_str(), &handle) == SQLITE_OK);
    BOOST_REQUIRE_MESSAGE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK,
                          sqlite3_errmsg(handle));
    sqlite3_close(handle);
  }
  [[nodiscard]] std::string bytes() const {
    std::ifstream in{file(), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

void refuses(const place& where, errc code, std::string_view words) {
  const auto log = where.open();
  BOOST_REQUIRE(!log.ok());
  BOOST_TEST(models::to_string(log.failure().code) == models::to_string(code));
  BOOST_TEST_INFO(log.failure().text);
  BOOST_TEST(log.failure().text.find(words) != std::string::npos);
  BOOST_TEST_INFO(log.failure().text);
  BOOST_TEST(log.failure().text.find(where.file().string()) != std::string::npos);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_database_of_another_program_is_refused_and_left_alone) {
  const place where;
  where.change("CREATE TABLE theirs (x); PRAGMA user_version = 1;");
  const auto before = where.bytes();
  refuses(where, errc::incompatible, "another program");
  BOOST_CHECK(where.bytes() == before);
}

BOOST_AUTO_TEST_CASE(a_log_of_another_format_version_is_refused_and_left_alone) {
  const place where;
  BOOST_REQUIRE(where.open().ok());
  where.change("PRAGMA user_version = 2;");
  const auto before = where.bytes();
  refuses(where, errc::incompatible, "format version 2");
  BOOST_CHECK(where.bytes() == before);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database_is_refused_and_left_alone) {
  const place where;
  std::ofstream{where.file()} << std::string(10'000, 'x');
  refuses(where, errc::incompatible, "move the file away");
  BOOST_CHECK(where.bytes() == std::string(10'000, 'x'));
}

BOOST_AUTO_TEST_CASE(an_empty_file_becomes_a_log) {
  const place where;
  std::ofstream{where.file()};
  BOOST_TEST(where.open().ok());
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_named_when_the_damage_is_met) {
  const place where;
  {
    const auto log = where.open().value();
    const std::vector<std::string> large(40, std::string(4'000, 'x'));
    BOOST_REQUIRE(log->append(shard, large, actors::log_position{}).ok());
  }
  std::fstream file{where.file(), std::ios::binary | std::ios::in | std::ios::out};
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(where.file()));
  file.seekp(8'192);
  file << std::string(static_cast<std::size_t>(size - 8'192), '\xee') << std::flush;
  const auto log = where.open();
  // Wherever it is met: at the opening or at the first read.
  const auto text =
      log ? log.value()->read(shard, actors::log_position{}, 100).failure().text : log.failure().text;
  BOOST_TEST_INFO(text);
  BOOST_TEST(text.find("the file is damaged") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_lacks_a_part_is_not_passed_off_as_whole) {
  const place where;
  {
    const auto log = where.open().value();
    BOOST_REQUIRE(log->save_snapshot(shard, actors::log_position{}, std::string(9 << 20, 's')).ok());
  }
  where.change("DELETE FROM snapshot_chunk WHERE number = 1;");
  const auto loaded = where.open().value()->load_snapshot(shard);
  BOOST_REQUIRE(!loaded.ok());
  BOOST_TEST(loaded.failure().text.find("lacks a part") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_shard_without_positions_left_refuses_records_and_nothing_else) {
  const place where;
  BOOST_REQUIRE(where.open().ok());
  where.change("INSERT INTO shard (shard, last_position) VALUES (0, 1099511627774);");
  const auto log = where.open().value();
  const actors::log_position last{1'099'511'627'774};
  BOOST_CHECK(log->append(shard, records, last).failure().code == errc::limit_exceeded);
  const std::vector<std::string> one{"last"};
  BOOST_TEST(log->append(shard, one, last).ok());
  BOOST_CHECK(log->append(shard, one, actors::log_position{last.value() + 1}).failure().code ==
              errc::limit_exceeded);
  BOOST_TEST(log->append(models::shard_id{1}, records, actors::log_position{}).ok());
  BOOST_TEST(log->read(shard, actors::log_position{}, 9)->size() == 1U);
}

BOOST_AUTO_TEST_CASE(another_program_may_read_and_a_writing_one_is_waited_for_and_then_named) {
  const place where;
  sqlite_options options;
  options.busy_timeout = std::chrono::milliseconds{20};
  const auto log = where.open(options).value();
  BOOST_REQUIRE(log->append(shard, records, actors::log_position{}).ok());
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open(where.file().c_str(), &handle) == SQLITE_OK);
  const auto run = [&](const char* sql) {
    BOOST_TEST(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  };
  run("BEGIN; SELECT count(*) FROM records;");
  BOOST_TEST(log->append(shard, records, actors::log_position{3}).ok());
  run("COMMIT; BEGIN IMMEDIATE;");
  const auto refused = log->append(shard, records, actors::log_position{6});
  BOOST_REQUIRE(!refused.ok());
  BOOST_CHECK(refused.failure().code == errc::storage_failed);
  BOOST_TEST(refused.failure().text.find("another program") != std::string::npos);
  run("COMMIT;");
  BOOST_TEST(log->append(shard, records, actors::log_position{6}).ok());
  sqlite3_close(handle);
}

BOOST_AUTO_TEST_CASE(the_lock_names_its_holder_and_is_free_after_a_failed_opening) {
  const place where;
  std::ofstream{where.file()} << std::string(10'000, 'x');
  BOOST_TEST(!where.open().ok());
  std::filesystem::remove(where.file());
  const auto log = where.open();
  BOOST_REQUIRE(log.ok());
  const auto second = where.open();
  BOOST_CHECK(second.failure().code == errc::locked);
  BOOST_TEST(second.failure().text.find("process " + std::to_string(::getpid())) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_made_is_named) {
  const place where;
  std::ofstream{where.directory.path() / "file"} << "x";
  const auto log = sqlite_demand_log::open(where.directory.path() / "file" / "data");
  BOOST_REQUIRE(!log.ok());
  BOOST_CHECK(log.failure().code == errc::storage_failed);
  BOOST_TEST(log.failure().text.find((where.directory.path() / "file").string()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_place_without_a_write_ahead_log_is_refused) {
  const place where;
  sqlite_options options;
  options.vfs = "unix-none"; // locks nothing and shares no memory, as some network file systems
  const auto log = where.open(options);
  BOOST_REQUIRE(!log.ok());
  BOOST_CHECK(log.failure().code == errc::storage_failed);
  BOOST_TEST(log.failure().text.find("local file system") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(options_outside_their_bounds_are_refused) {
  const auto refused = [](auto change) {
    sqlite_options options;
    change(options);
    return !validate(options).ok();
  };
  BOOST_TEST(validate({}).ok());
  BOOST_TEST(refused([](auto& o) { o.limits.shards = 0; }));
  BOOST_TEST(refused([](auto& o) { o.limits.shards = (1U << 20) + 1; }));
  BOOST_TEST(refused([](auto& o) { o.limits.record_bytes = 0; }));
  BOOST_TEST(refused([](auto& o) { o.limits.record_bytes = 1'000'000'000; }));
  BOOST_TEST(refused([](auto& o) { o.limits.snapshot_bytes = 0; }));
  BOOST_TEST(refused([](auto& o) { o.busy_timeout = std::chrono::milliseconds{-1}; }));
  BOOST_TEST(refused([](auto& o) { o.max_database_bytes = 1'000; }));
}
