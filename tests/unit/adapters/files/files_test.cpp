#define BOOST_TEST_MODULE files
#include "adapters/files/atomic_file.hpp"
#include "adapters/files/output.hpp"
#include "adapters/files/read_file.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace fs = std::filesystem;
using namespace forestage::files;
using forestage::models::errc;
using forestage::tests::temporary_directory;

namespace {

std::string content(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void put(const fs::path& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

std::size_t files_in(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += "line " + std::to_string(i * 7'919 % 10'007) + "\n";
  return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_file_appears_at_its_commit_and_not_before) {
  const temporary_directory directory;
  const auto path = directory.path() / "out.csv";
  auto file = std::move(atomic_file::open(path.string()).value());
  BOOST_TEST(file.write("hello ").ok());
  BOOST_TEST(file.write("world").ok());
  BOOST_TEST(!fs::exists(path));
  BOOST_TEST(file.commit().ok());
  BOOST_TEST(content(path) == "hello world");
  BOOST_TEST(files_in(directory.path()) == 1U);
  BOOST_TEST(!file.write("more").ok());
  BOOST_TEST(!file.commit().ok());
}

BOOST_AUTO_TEST_CASE(without_a_commit_nothing_is_left_and_an_older_file_stays) {
  const temporary_directory directory;
  const auto path = directory.path() / "out.csv";
  put(path, "old");
  {
    auto file = std::move(atomic_file::open(path.string()).value());
    BOOST_TEST(file.write("new").ok());
    auto moved = std::move(file);
    BOOST_TEST(moved.write("er").ok());
    BOOST_TEST(files_in(directory.path()) == 2U);
  }
  BOOST_TEST(content(path) == "old");
  BOOST_TEST(files_in(directory.path()) == 1U);
}

BOOST_AUTO_TEST_CASE(two_writers_of_one_file_do_not_meet_and_the_last_commit_stays) {
  const temporary_directory directory;
  const auto path = (directory.path() / "out").string();
  auto first = std::move(atomic_file::open(path).value());
  auto second = std::move(atomic_file::open(path).value());
  BOOST_TEST(first.write("first").ok());
  BOOST_TEST(second.write("second").ok());
  BOOST_TEST(second.commit().ok());
  BOOST_TEST(first.commit().ok());
  BOOST_TEST(content(path) == "first");
  BOOST_TEST(files_in(directory.path()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_link_keeps_its_place_and_its_target_is_replaced_with_its_mode) {
  const temporary_directory directory;
  const auto target = directory.path() / "target";
  const auto link = directory.path() / "link";
  put(target, "old");
  BOOST_TEST_REQUIRE(::chmod(target.c_str(), 0600) == 0);
  fs::create_symlink("target", link);
  auto file = std::move(atomic_file::open(link.string()).value());
  BOOST_TEST(file.write("new").ok());
  BOOST_TEST(file.commit().ok());
  BOOST_TEST(fs::is_symlink(link));
  BOOST_TEST(content(target) == "new");
  BOOST_TEST((fs::status(target).permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
}

BOOST_AUTO_TEST_CASE(a_device_is_written_in_place_and_stays_a_device) {
  if (!fs::is_character_file("/dev/null") || !fs::is_character_file("/dev/full")) return;
  auto null = std::move(atomic_file::open("/dev/null").value());
  BOOST_TEST(null.write("gone").ok());
  BOOST_TEST(null.commit().ok());
  BOOST_TEST(fs::is_character_file("/dev/null"));
  auto full = std::move(atomic_file::open("/dev/full").value());
  const auto ok = full.write("no room");
  BOOST_TEST_REQUIRE(!ok.ok());
  BOOST_TEST((ok.failure().code == errc::storage_failed));
  BOOST_TEST(ok.failure().text.find("disk is full") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_written_is_an_error_with_a_remedy) {
  const temporary_directory directory;
  BOOST_TEST((atomic_file::open("").failure().code == errc::invalid_argument));
  BOOST_TEST((atomic_file::open(directory.path().string()).failure().code == errc::invalid_argument));
  const auto missing = atomic_file::open((directory.path() / "no" / "file").string());
  BOOST_TEST_REQUIRE(!missing.ok());
  BOOST_TEST(missing.failure().text.find("create the directory first") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_an_output_writes_is_read_back_whatever_its_suffix) {
  const temporary_directory directory;
  const auto text = long_text();
  for (const auto* name : {"a.csv", "a.csv.gz", "a.csv.zst"}) {
    const auto path = (directory.path() / name).string();
    auto out = std::move(output::open(path).value());
    for (std::size_t i = 0; i < text.size(); i += 30'011)
      BOOST_TEST(out.write(std::string_view{text}.substr(i, 30'011)).ok());
    BOOST_TEST(out.finish().ok());
    BOOST_TEST(!fs::exists(path));
    BOOST_TEST(out.commit().ok());
    BOOST_TEST((read_file(path).value() == text));
    BOOST_TEST((fs::file_size(path) < text.size()) == (std::string_view{name} != "a.csv"));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_output_is_an_empty_file_that_is_read_back) {
  const temporary_directory directory;
  for (const auto* name : {"a", "a.gz", "a.zst"}) {
    const auto path = (directory.path() / name).string();
    auto out = std::move(output::open(path).value());
    BOOST_TEST(out.commit().ok());
    BOOST_TEST(read_file(path).value().empty());
  }
}

BOOST_AUTO_TEST_CASE(members_and_frames_one_after_another_are_one_text) {
  const temporary_directory directory;
  for (const auto* name : {"a.gz", "a.zst"}) {
    const auto path = (directory.path() / name).string();
    auto out = std::move(output::open(path).value());
    BOOST_TEST(out.write("half ").ok());
    BOOST_TEST(out.commit().ok());
    const auto half = content(path);
    BOOST_TEST(decompress(half + half, "twice").value() == "half half ");
  }
}

BOOST_AUTO_TEST_CASE(a_compressed_file_that_is_cut_short_or_damaged_is_refused) {
  const temporary_directory directory;
  const auto text = long_text();
  for (const auto* name : {"a.gz", "a.zst"}) {
    const auto path = (directory.path() / name).string();
    auto out = std::move(output::open(path).value());
    BOOST_TEST(out.write(text).ok());
    BOOST_TEST(out.commit().ok());
    const auto whole = content(path);
    for (const std::size_t keep : {std::size_t{5}, whole.size() / 2, whole.size() - 1}) {
      const auto cut = decompress(whole.substr(0, keep), "cut");
      BOOST_TEST_REQUIRE(!cut.ok());
      BOOST_TEST(cut.failure().text.find("cut short") != std::string::npos);
    }
    auto bent = whole;
    bent[bent.size() / 2] = static_cast<char>(bent[bent.size() / 2] ^ 0x55);
    BOOST_TEST(!decompress(bent, "bent").ok());
  }
}

BOOST_AUTO_TEST_CASE(a_file_may_not_hold_more_than_the_limit) {
  const temporary_directory directory;
  for (const auto* name : {"a", "a.gz", "a.zst"}) {
    const auto path = (directory.path() / name).string();
    auto out = std::move(output::open(path).value());
    BOOST_TEST(out.write(std::string(3'000'000, 'x')).ok());
    BOOST_TEST(out.commit().ok());
    BOOST_TEST((read_file(path, 1'000'000).failure().code == errc::limit_exceeded));
    BOOST_TEST(read_file(path, 3'000'000).ok());
  }
  BOOST_TEST((read_file((directory.path() / "missing").string()).failure().code == errc::not_found));
}
