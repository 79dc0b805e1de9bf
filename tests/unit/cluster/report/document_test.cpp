// The document of a report: what it holds, and that nothing in it can leave its place in the page.
#define BOOST_TEST_MODULE cluster_report
#include "cluster/report/document.hpp"
#include "cluster/report/page.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace forestage;
using namespace forestage::cluster;
using nlohmann::json;

namespace {

report_document small_document(const std::string& name) {
  report_document d;
  d.command = "forestage replay";
  d.title = "Replay of " + name;
  d.summary = {name};
  d.settings = {{"Log", name}};
  d.versions = {{"Forestage", "0"}};
  d.card = R"({"policies":{"cost":{"warm":3,"cost":0.1}}})";
  d.days = report_days{20'000, {{"cost", {{3, 1, 2}, {4, 0, 0}}}}};
  report_curve curve;
  curve.name = name;
  curve.region = name;
  curve.requests = 7;
  curve.start_seconds = 60;
  curve.step_seconds = 60;
  curve.levels = {0.1, 0.9};
  curve.actual = {1.0, std::nullopt};
  curve.allocation = {2, 0};
  curve.forecasts = {{0, {0.5, std::nullopt}, {{0.0, std::nullopt}, {2.0, std::nullopt}}}};
  d.curves = {curve};
  return d;
}

} // namespace

BOOST_AUTO_TEST_CASE(names_from_logs_cannot_leave_the_script_element) {
  for (const std::string name : {"</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;",
                                 "\xE2\x80\xA8\xE2\x80\xA9", "\"\\\n\t", "caf\xC3\xA9", "\xFF\xFE"}) {
    const auto text = to_json(small_document(name));
    for (const char c : text) {
      BOOST_REQUIRE(c != '<' && c != '>' && c != '&');
      BOOST_REQUIRE(c >= ' ' && c < 127);
    }
    const auto read = json::parse(text);
    if (name[0] != '\xFF') BOOST_TEST(read["curves"][0]["name"].get<std::string>() == name);
  }
}

BOOST_AUTO_TEST_CASE(a_document_holds_the_card_as_it_is_and_leaves_out_what_does_not_apply) {
  const auto read = json::parse(to_json(small_document("room")));
  BOOST_TEST(read["format"] == 2);
  BOOST_TEST(read["card"]["policies"]["cost"]["cost"].get<double>() == 0.1);
  BOOST_TEST(read["days"]["days"] == json({20'000 * 86'400LL, 20'001 * 86'400LL}));
  BOOST_TEST(read["days"]["policies"]["cost"]["waste"] == json({2, 0}));
  BOOST_TEST(read["curves"][0]["actual"] == json({1, nullptr}));
  BOOST_TEST(read["curves"][0]["forecasts"][0]["mean"] == json({0.5, nullptr}));
  for (const auto* absent : {"week", "calibration", "ablations"})
    BOOST_TEST(!read.contains(absent));
  auto more = small_document("room");
  more.ablations = {{"pooling", "regret", 0.9, 1.0, true}};
  more.calibration = {{"all", 3, {0.5}, {0.4}}};
  more.curves[0].start_seconds.reset();
  const auto full = json::parse(to_json(more));
  BOOST_TEST(full["ablations"][0]["better"] == "lower");
  BOOST_TEST(full["calibration"][0]["coverage"] == json({0.4}));
  BOOST_TEST(full["curves"][0]["start"].is_null());
}

BOOST_AUTO_TEST_CASE(the_page_takes_the_document_in_one_place_or_says_how_to_get_a_page) {
  const auto document = small_document("</script>");
  const auto html = to_html(document);
  if (report_page().empty()) {
    BOOST_TEST(!html.ok());
    BOOST_TEST(html.failure().text.find("npm") != std::string::npos);
    BOOST_TEST_MESSAGE("this build has no page: npm or its packages were not to be had");
    return;
  }
  BOOST_REQUIRE(html.ok());
  BOOST_TEST(html->find("@FORESTAGE_REPORT_DATA@") == std::string::npos);
  BOOST_TEST(html->find(to_json(document)) != std::string::npos);
  BOOST_TEST(html->size() == report_page().size() + to_json(document).size() -
                                 std::string_view{"@FORESTAGE_REPORT_DATA@"}.size());
}
