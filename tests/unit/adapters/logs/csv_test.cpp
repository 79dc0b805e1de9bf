#define BOOST_TEST_MODULE adapters_logs_csv
#include "adapters/logs/csv.hpp"
#include "tests/unit/adapters/logs/support.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

using namespace forestage::adapters::logs;

namespace {

using texts = std::vector<std::string>;

csv_split split(std::string record, texts& fields, char delimiter = ',', std::size_t most = 100) {
  std::vector<std::string_view> views;
  const auto outcome = split_record(record, delimiter, most, views);
  fields.assign(views.begin(), views.end());
  return outcome;
}

bool splits_to(const std::string& record, const texts& expected, char delimiter = ',') {
  texts fields;
  return split(record, fields, delimiter) == csv_split::complete && fields == expected;
}

struct read_records {
  std::vector<texts> rows;
  std::vector<std::uint64_t> lines;
  std::vector<std::string> faults;
  std::string error;
};

// Reads bytes through the whole path of a file.
read_records read_all(const std::string& text, char delimiter = ',') {
  read_records all;
  csv_reader reader{line_stream{open_source(memory_input("log", text)).value(), "log"}, delimiter};
  texts header;
  if (reader.header(header) != fetch::record) return all;
  all.rows.push_back(header);
  for (auto got = reader.next(); got != fetch::end; got = reader.next()) {
    if (got == fetch::failed) {
      all.error = reader.lines().failure().text;
      break;
    }
    if (got == fetch::malformed) {
      all.faults.push_back(reader.fault());
      continue;
    }
    all.rows.emplace_back(reader.fields().begin(), reader.fields().end());
    all.lines.push_back(reader.lines().first_line());
  }
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(fields_are_split_at_the_delimiter) {
  BOOST_TEST(splits_to("a,b,c", {"a", "b", "c"}));
  BOOST_TEST(splits_to("", {""}));
  BOOST_TEST(splits_to(",", {"", ""}));
  BOOST_TEST(splits_to("a,,", {"a", "", ""}));
  BOOST_TEST(splits_to("a\tb,c", {"a", "b,c"}, '\t'));
}

BOOST_AUTO_TEST_CASE(quoted_fields_hold_delimiters_and_doubled_quotes) {
  BOOST_TEST(splits_to(R"("a,b",c)", {"a,b", "c"}));
  BOOST_TEST(splits_to(R"("say ""hi""","")", {"say \"hi\"", ""}));
  BOOST_TEST(splits_to(R"("""")", {"\""}));
  BOOST_TEST(splits_to(R"(a"b,c)", {"a\"b", "c"}));
}

BOOST_AUTO_TEST_CASE(broken_quotes_are_told_apart) {
  texts fields;
  BOOST_TEST((split(R"("a)", fields) == csv_split::open_quote));
  BOOST_TEST((split(R"(x,")", fields) == csv_split::open_quote));
  BOOST_TEST((split(R"("a""")", fields) == csv_split::complete));
  BOOST_TEST((split(R"("a"b)", fields) == csv_split::text_after_quote));
  BOOST_TEST((split("a,b,c", fields, ',', 2) == csv_split::too_many));
  BOOST_TEST((split("a,b", fields, ',', 2) == csv_split::complete));
}

BOOST_AUTO_TEST_CASE(line_ends_and_a_byte_order_mark_are_not_data) {
  const auto all = read_all("\xef\xbb\xbf"
                            "a,b\r\n1,2\r\n\r\n3,4");
  BOOST_TEST((all.rows == std::vector<texts>{{"a", "b"}, {"1", "2"}, {"3", "4"}}));
  BOOST_TEST((all.lines == std::vector<std::uint64_t>{2, 4}));
}

BOOST_AUTO_TEST_CASE(a_quoted_field_may_span_lines) {
  const auto all = read_all("a,b\n\"1\r\n\r\nx\",2\n3,\"4\n\"\n5,6\n");
  BOOST_TEST((all.rows == std::vector<texts>{{"a", "b"}, {"1\r\n\r\nx", "2"}, {"3", "4\n"}, {"5", "6"}}));
  BOOST_TEST((all.lines == std::vector<std::uint64_t>{2, 5, 7}));
}

BOOST_AUTO_TEST_CASE(a_row_with_another_number_of_fields_is_malformed) {
  const auto all = read_all("a,b\n1\n1,2,3\n1,2\n");
  BOOST_TEST(all.rows.size() == 2U);
  BOOST_TEST((all.faults == texts{"1 field where the header has 2", "more fields than the header's 2"}));
}

BOOST_AUTO_TEST_CASE(a_quote_that_is_never_closed_says_how_much_it_swallowed) {
  const auto all = read_all("a,b\n1,2\n\"3,4\n5,6\n7,8\n");
  BOOST_TEST((all.faults == texts{"a quote that is never closed; 3 lines are lost with it"}));
  BOOST_TEST(all.rows.size() == 2U);
}

BOOST_AUTO_TEST_CASE(text_behind_a_quote_costs_its_own_record_only) {
  const auto all = read_all("a,b\n\"3\"x,4\n5,6\n");
  BOOST_TEST((all.faults == texts{"text behind a closing quote"}));
  BOOST_TEST((all.rows.back() == texts{"5", "6"}));
}

BOOST_AUTO_TEST_CASE(rows_longer_than_a_block_come_through_whole) {
  std::string text = "a,b\n";
  for (int i = 0; i < 20; ++i)
    text += std::string(static_cast<std::size_t>(i) * 50'000, 'x') + "," + std::to_string(i) + "\n";
  const auto all = read_all(text);
  BOOST_TEST(all.rows.size() == 21U);
  BOOST_TEST(all.rows.back()[0].size() == 950'000U);
  BOOST_TEST(all.rows.back()[1] == "19");
}

BOOST_AUTO_TEST_CASE(the_delimiter_is_told_from_the_header) {
  BOOST_TEST(delimiter_of("a,b,c") == ',');
  BOOST_TEST(delimiter_of("a\tb,c") == '\t');
  BOOST_TEST(delimiter_of("a;b;c") == ';');
  BOOST_TEST(delimiter_of("\"a;b;c\",d") == ',');
  BOOST_TEST(delimiter_of("alone") == ',');
}

// Any table that is written after RFC 4180 is read back as it was, whatever its fields hold. (NUL bytes are
// refused by design, a lone field that is empty is a blank line, and header names are trimmed, so the header
// is fixed.)
RC_BOOST_PROP(quoting_is_undone_exactly, ()) {
  const auto delimiter = *rc::gen::element(',', '\t', ';');
  const auto columns = *rc::gen::inRange<std::size_t>(2, 6);
  const auto character =
      rc::gen::oneOf(rc::gen::element('"', ',', '\n', '\r', ';', '\t', ' ', 'a'),
                     rc::gen::map(rc::gen::inRange(1, 256), [](int c) { return static_cast<char>(c); }));
  const auto field = rc::gen::container<std::string>(character);
  const auto table = *rc::gen::container<std::vector<texts>>(rc::gen::container<texts>(columns, field));
  std::string text;
  for (std::size_t i = 0; i < columns; ++i)
    text += (i == 0 ? "" : std::string(1, delimiter)) + "c" + std::to_string(i);
  text += "\n";
  for (const auto& row : table) {
    for (std::size_t i = 0; i < columns; ++i)
      text += (i == 0 ? "" : std::string(1, delimiter)) + csv_field(row[i], delimiter);
    text += *rc::gen::element<std::string>("\n", "\r\n");
  }
  auto all = read_all(text, delimiter);
  RC_ASSERT(all.error.empty());
  RC_ASSERT(all.faults.empty());
  all.rows.erase(all.rows.begin());
  RC_ASSERT(all.rows == table);
}
