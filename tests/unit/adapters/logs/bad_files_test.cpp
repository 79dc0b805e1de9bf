// Files that cannot be read: every one is an error that names the file and the remedy, never a shorter log.
#define BOOST_TEST_MODULE adapters_logs_bad_files
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/adapters/logs/packed.hpp"
#include "tests/unit/adapters/logs/support.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/stat.h>

#include <fstream>

using namespace forestage::adapters::logs;
using namespace forestage::tests;
using forestage::models::errc;

namespace {

std::string rows(int count) {
  std::string text = "timestamp,room\n";
  for (int i = 0; i < count; ++i)
    text += std::to_string(i) + ",room/" + std::to_string(i * 7919 % 104'729) + "\n";
  return text;
}

kept_log open_path(const std::string& path) {
  read_options options;
  options.paths = {path};
  return keep(log_source::open(options));
}

void fails_with(const kept_log& log, std::string_view part) {
  BOOST_TEST(holds(log.error, part), "expected '" << part << "', got: " << log.error);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_path_that_is_no_file_is_named) {
  const temporary_directory folder;
  const auto missing = (folder.path() / "absent.csv").string();
  fails_with(open_path(missing), missing + ": no such file");
  fails_with(open_path(folder.path().string()), "is a folder");
  fails_with(open_path(folder.path().string() + "/x/y"), "no such file");
  const auto pipe = (folder.path() / "pipe").string();
  BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  fails_with(open_path(pipe), "not a regular file");
  fails_with(open_path("/dev/null"), "not a regular file");
  const auto empty = (folder.path() / "empty.csv").string();
  std::ofstream{empty}.flush();
  fails_with(open_path(empty), empty + ": the file is empty");
  BOOST_TEST((log_source::open({}).failure().code == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_log_without_rows_is_an_error) {
  fails_with(read_text(""), "the file is empty");
  fails_with(read_text("\n\n  \n"), "no lines");
  fails_with(read_text("timestamp,room\n"), "only a header line");
  fails_with(read_text("timestamp,room"), "only a header line");
  fails_with(read_text("timestamp,room\r\n\r\n"), "only a header line");
  fails_with(read_text("\xef\xbb\xbf"), "no lines");
  fails_with(read_text(gzip_of("")), "no lines");
}

BOOST_AUTO_TEST_CASE(a_missing_column_names_those_that_exist_and_the_closest) {
  const auto log = read_text("timestamp,room,peer\n0,a,1\n", "time=timestamp,resource=rooms");
  fails_with(log, "log: there is no column 'rooms', did you mean 'room'?");
  fails_with(log, "'timestamp', 'room', 'peer'");
  fails_with(read_text("timestamp,room\n0,a\n", "time=Timestamp"), "did you mean 'timestamp'?");
  fails_with(read_text("timestamp,room\n0,a\n", "time=timestamp", {"knd=j"}), "no column 'knd'");
  fails_with(read_text("a,a\n0,1\n", "time=a"), "twice");
}

BOOST_AUTO_TEST_CASE(a_row_in_place_of_the_header_is_noticed) {
  fails_with(read_text("2012-01-01 00:00,a\n2012-01-01 00:01,b\n"), "so it is a row and not a header");
}

BOOST_AUTO_TEST_CASE(binary_files_are_refused) {
  fails_with(read_text(std::string_view{"\x7f"
                                        "ELF\x02\x01\x01\x00\x00",
                                        9}),
             "NUL byte");
  fails_with(read_text(std::string_view{"t,r\n0,a\n0,\0b\n", 13}), "log:3: a NUL byte");
  fails_with(read_text("\xff\xfe"
                       "t,r\n1,2\n"),
             "not text in UTF-8");
  fails_with(read_text("\x01\x02\x03,x\n1,2\n"), "not text in UTF-8");
  std::string late = rows(100'000);
  late[late.size() - 5] = '\0';
  fails_with(read_text(late), "log:100001: a NUL byte");
}

BOOST_AUTO_TEST_CASE(compression_that_is_not_read_says_what_to_do) {
  fails_with(read_text("\xfd"
                       "7zXZ\x01 and so on"),
             "an xz file");
  fails_with(read_text("BZh91AY&SY"), "bunzip2");
  fails_with(read_text("PK\x03\x04 and so on"), "unzip");
  fails_with(read_text("PAR1 and so on"), "Parquet");
  fails_with(read_text("[\n{\"ts\":1}\n]\n"), "one object a line");
  fails_with(read_text("[{\"ts\":1}]"), "one object a line");
}

BOOST_AUTO_TEST_CASE(gzip_that_ends_early_is_an_error_wherever_it_ends) {
  const auto text = rows(2'000);
  const auto packed = gzip_of(text);
  for (std::size_t size = 2; size < packed.size(); size += size < 40 || size + 40 > packed.size() ? 1 : 97) {
    const auto log = read_text(packed.substr(0, size));
    BOOST_TEST(holds(log.error, "log: the gzip data is truncated"), size << " bytes gave: " << log.error);
  }
  const auto second = packed + packed.substr(0, packed.size() / 2);
  fails_with(read_text(second), "truncated");
}

BOOST_AUTO_TEST_CASE(zstd_that_ends_early_is_an_error_wherever_it_ends) {
  const auto packed = zstd_of(rows(60'000)); // several blocks
  for (std::size_t size = 4; size < packed.size();
       size += size < 40 || size + 40 > packed.size() ? 1 : 4'099) {
    const auto log = read_text(packed.substr(0, size));
    BOOST_TEST(holds(log.error, "log: the zstd data is truncated"), size << " bytes gave: " << log.error);
  }
  fails_with(read_text(packed + packed.substr(0, packed.size() / 2)), "truncated");
}

BOOST_AUTO_TEST_CASE(damaged_compression_is_an_error) {
  auto packed = gzip_of(rows(2'000));
  fails_with(read_text(packed + "trailing text"), "damaged");
  packed[packed.size() / 2] ^= 0x55;
  fails_with(read_text(packed), "damaged");
  auto framed = zstd_of(rows(2'000));
  fails_with(read_text(framed + "trailing text"), "damaged");
  framed[4] ^= 0x7f;
  framed[20] ^= 0x55;
  BOOST_TEST(!read_text(framed).error.empty());
  auto checksum = gzip_of("timestamp,room\n0,a\n");
  checksum[checksum.size() - 6] ^= 0x01;
  fails_with(read_text(checksum), "damaged");
}

BOOST_AUTO_TEST_CASE(lines_beyond_a_mebibyte_are_an_error) {
  constexpr std::size_t mebibyte = std::size_t{1} << 20U;
  fails_with(read_text(std::string(mebibyte + 1, 'x')), "log:1: a line or quoted field of more than 1 MiB");
  fails_with(read_text(std::string(8 * mebibyte, 'x')), "more than 1 MiB");
  fails_with(read_text("timestamp,room\n0,a\n1," + std::string(mebibyte, 'x') + "\n2,b\n"),
             "log:3: a line or quoted field");
  // Within the bound it is only a long id.
  const auto log = read_text("timestamp,room\n0,a\n1," + std::string(mebibyte - 2, 'x') + "\n2,b\n");
  BOOST_TEST(log.error == "");
  BOOST_TEST(log.report.bad_rows == 1U);
}

BOOST_AUTO_TEST_CASE(a_quote_that_swallows_a_mebibyte_is_an_error) {
  fails_with(read_text("timestamp,room\n0,\"a\n" + rows(200'000)),
             "log:2: a line or quoted field of more than 1 MiB");
}

BOOST_AUTO_TEST_CASE(a_million_columns_are_bounded) {
  std::string header = "timestamp";
  for (int i = 0; i < 400'000; ++i)
    header += ",c";
  fails_with(read_text(header + "\n" + header + "\n"), "more than 16384 columns");
  const auto log = read_text("timestamp,room\n0,a\n" + std::string(1'000'000, ',') + "\n1,b\n");
  BOOST_TEST(log.error == "");
  BOOST_TEST(log.report.bad_rows == 1U);
  BOOST_TEST(log.events.size() == 2U);
}

BOOST_AUTO_TEST_CASE(every_file_of_a_log_is_checked_before_a_pass) {
  const temporary_directory folder;
  const auto good = (folder.path() / "good.csv").string();
  const auto other = (folder.path() / "other.csv").string();
  std::ofstream{good} << "timestamp,room\n0,a\n";
  std::ofstream{other} << "timestamp,place\n0,a\n";
  read_options options;
  options.paths = {good, other};
  const auto log = keep(log_source::open(options));
  fails_with(log, other + ": there is no column 'room'");
  BOOST_TEST(log.events.empty());
}
