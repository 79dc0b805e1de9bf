// TOML documents as values with their places.
#define BOOST_TEST_MODULE toml
#include "adapters/toml/toml_value.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

using namespace forestage::adapters;
using forestage::models::errc;

namespace {

std::string failure_of(std::string_view text) {
  const auto parsed = parse_toml(text, "f.toml");
  return parsed ? "" : parsed.failure().text;
}

} // namespace

BOOST_AUTO_TEST_CASE(values_have_their_kind_and_place) {
  const auto document = parse_toml("[b]\n"
                                   "text = \"x\"\n"
                                   "  whole = 7\n"
                                   "real = 1.5\n"
                                   "yes = true\n"
                                   "list = [1, \"two\"]\n"
                                   "day = 2026-01-01\n"
                                   "[a]\n"
                                   "inner = { k = \"v\" }\n",
                                   "f.toml");
  BOOST_REQUIRE(document.ok());
  const auto& sections = document.value().members;
  BOOST_REQUIRE_EQUAL(sections.size(), 2U);
  BOOST_TEST(sections[0].key == "b"); // as they stand in the file, not by name
  const auto& b = sections[0].value.members;
  BOOST_REQUIRE_EQUAL(b.size(), 6U);
  const toml_kind kinds[] = {toml_kind::text,    toml_kind::integer, toml_kind::real,
                             toml_kind::boolean, toml_kind::list,    toml_kind::time};
  for (std::size_t i = 0; i < b.size(); ++i) {
    BOOST_TEST((b[i].value.kind == kinds[i]), b[i].key);
    BOOST_TEST(b[i].at.line == i + 2);
  }
  BOOST_TEST(b[1].at.column == 3U);
  BOOST_TEST(b[1].value.at.column == 11U);
  BOOST_TEST(b[0].value.text == "x");
  BOOST_TEST(b[1].value.integer == 7);
  BOOST_TEST(b[2].value.real == 1.5);
  BOOST_TEST(b[3].value.boolean);
  BOOST_REQUIRE_EQUAL(b[4].value.items.size(), 2U);
  BOOST_TEST(b[4].value.items[1].text == "two");
  BOOST_TEST(sections[1].value.members[0].value.members[0].value.text == "v");
}

BOOST_AUTO_TEST_CASE(what_is_no_toml_is_refused_with_its_place) {
  for (const auto& [text, place] : {std::pair{"a = \n", "f.toml:1:"},
                                    {"[a]\nb = 1\nc = ]\n", "f.toml:3:"},
                                    {"[a]\n[a]\n", "f.toml:2:"},
                                    {"[a]\nk = 1\nk = 2\n", "f.toml:3:"},
                                    {"[a]\nk = \"\xff\"\n", "f.toml:2:"},
                                    {"[a", "f.toml:1:"},
                                    {"a = 1\na.b = 2\n", "f.toml:2:"}})
    BOOST_TEST(failure_of(text).starts_with(place), text + std::string{" -> "} + failure_of(text));
}

BOOST_AUTO_TEST_CASE(a_document_is_bounded) {
  BOOST_TEST(failure_of(std::string(max_toml_bytes, '\n')) == "");
  const auto large = parse_toml(std::string(max_toml_bytes + 1, '\n'), "f.toml");
  BOOST_REQUIRE(!large.ok());
  BOOST_TEST((large.failure().code == errc::limit_exceeded));
  BOOST_TEST(failure_of("a = " + std::string(100'000, '[')) != ""); // and does not end the stack
}

BOOST_AUTO_TEST_CASE(a_quoted_text_reads_back) {
  std::string all;
  for (int c = 1; c < 128; ++c)
    all += static_cast<char>(c);
  for (const auto& text : {std::string{}, std::string{"söng"}, std::string{"a\"b\\c\n"}, all}) {
    const auto document = parse_toml("k = " + toml_quoted(text), "f.toml");
    BOOST_REQUIRE_MESSAGE(document.ok(), failure_of("k = " + toml_quoted(text)));
    BOOST_TEST(document.value().members[0].value.text == text);
  }
}
