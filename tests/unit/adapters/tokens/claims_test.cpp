// Claims: their bounds, and their form as JSON.
#include "adapters/tokens/claims.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

using namespace forestage::tokens;
using forestage::models::errc;

namespace {

token_claims good() {
  token_claims c;
  c.peer = "alice";
  c.requester = true;
  c.resources = {"room/*"};
  c.cluster = "forestage";
  c.id = "id-1";
  c.issued = 1'000;
  c.expires = 4'600;
  return c;
}

std::string refusal(const token_claims& c) {
  const auto valid = validate(c);
  return valid ? "" : valid.failure().text;
}

std::string json_refusal(const std::string& json) {
  const auto read = claims_from_json(json, "forestage");
  return read ? "" : read.failure().text;
}

bool has(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(claims)

BOOST_AUTO_TEST_CASE(claims_read_back_from_json_as_they_were) {
  auto full = good();
  full.provider = full.operates = full.may_report = true;
  full.region = "eu-\"1\"";
  full.resources = {"room/*", "söng?"};
  full.not_before = 1'100;
  for (const auto& c : {good(), full}) {
    const auto read = claims_from_json(to_json(c), "forestage");
    BOOST_REQUIRE_MESSAGE(read.ok(), json_refusal(to_json(c)));
    BOOST_TEST((read.value() == c));
  }
}

BOOST_AUTO_TEST_CASE(each_bound_is_kept_and_named) {
  BOOST_TEST(refusal(good()) == "");
  auto c = good();
  c.peer = "";
  BOOST_TEST(has(refusal(c), "sub"));
  c.peer = std::string(256, 'p');
  BOOST_TEST(refusal(c) == "");
  c.peer += 'p';
  BOOST_TEST(has(refusal(c), "sub"));
  BOOST_TEST(has(refusal(c), "257"));
  c = good();
  c.peer = "\xff";
  BOOST_TEST(has(refusal(c), "UTF-8"));
  c = good();
  c.requester = false;
  BOOST_TEST(has(refusal(c), "role"));
  c = good();
  c.resources.assign(64, "x");
  BOOST_TEST(refusal(c) == "");
  c.resources.push_back("x");
  BOOST_TEST(has(refusal(c), "at most 64"));
  c.resources = {""};
  BOOST_TEST(has(refusal(c), "pattern"));
  c.resources = {std::string(257, 'x')};
  BOOST_TEST(has(refusal(c), "pattern"));
  c = good();
  c.id = "";
  BOOST_TEST(has(refusal(c), "jti"));
  c.id = std::string(129, 'x');
  BOOST_TEST(has(refusal(c), "jti"));
  c = good();
  c.cluster = "";
  BOOST_TEST(has(refusal(c), "aud"));
  c = good();
  c.region = std::string(257, 'r');
  BOOST_TEST(has(refusal(c), "region"));
}

BOOST_AUTO_TEST_CASE(times_are_bounded_and_in_order) {
  for (const std::int64_t expires :
       {std::int64_t{0}, std::int64_t{-1}, last_second + 1, std::int64_t{1'000}, std::int64_t{999}}) {
    auto c = good();
    c.expires = expires;
    BOOST_TEST(has(refusal(c), "exp"));
  }
  auto c = good();
  c.not_before = c.expires;
  BOOST_TEST(has(refusal(c), "exp"));
  c = good();
  c.issued = -1;
  BOOST_TEST(has(refusal(c), "iat"));
}

BOOST_AUTO_TEST_CASE(json_that_is_no_claims_is_refused_with_the_claim) {
  const std::string rest = R"("aud":"forestage","jti":"x","roles":["requester"],"exp":10})";
  BOOST_TEST(json_refusal(R"({"sub":"a",)" + rest) == "");
  for (const auto& [json, word] :
       {std::pair<std::string, const char*>{"", "JSON"},
        {"[]", "JSON"},
        {"{", "JSON"},
        {"{\"sub\":\"\xff\"," + rest, "UTF-8"},
        {"{" + rest, "sub"},
        {R"({"sub":7,)" + rest, "sub"},
        {R"({"sub":"a","region":[],)" + rest, "region"},
        {R"({"sub":"a","resources":"*",)" + rest, "resources"},
        {R"({"sub":"a","resources":[1],)" + rest, "resources"},
        {R"({"sub":"a","scope":["report"],)" + rest, "scope"},
        {R"({"sub":"a","nbf":1.5,)" + rest, "nbf"},
        {R"({"sub":"a","aud":"forestage","jti":"x","roles":["requester"]})", "exp"},
        {R"({"sub":"a","aud":"forestage","jti":"x","roles":["requester"],"exp":"10"})", "exp"},
        {R"({"sub":"a","aud":"forestage","jti":"x","roles":["requester"],"exp":1e9})", "exp"},
        {R"({"sub":"a","aud":"forestage","jti":"x","roles":["requester"],"exp":18446744073709551615})",
         "exp"},
        {R"({"sub":"a","aud":"forestage","jti":"x","roles":["requester"],"exp":-5})", "exp"},
        {R"({"sub":"a","aud":"forestage","roles":["requester"],"exp":10})", "jti"},
        {R"({"sub":"a","aud":"forestage","jti":"x","exp":10})", "role"},
        {R"({"sub":"a","aud":"forestage","jti":"x","roles":["admin"],"exp":10})", "admin"},
        {R"({"sub":"a","aud":"forestage","jti":"x","roles":"requester","exp":10})", "roles"},
        {R"({"sub":"a","jti":"x","roles":["requester"],"exp":10})", "aud"}})
    BOOST_TEST(has(json_refusal(json), word), json + ": " + json_refusal(json));
}

BOOST_AUTO_TEST_CASE(the_audience_must_be_this_cluster_alone_or_among_others) {
  const auto with = [](const char* aud) {
    return R"({"sub":"a","jti":"x","roles":["requester"],"exp":10,"aud":)" + std::string{aud} + "}";
  };
  BOOST_TEST(json_refusal(with(R"("forestage")")) == "");
  BOOST_TEST(json_refusal(with(R"(["other","forestage"])")) == "");
  BOOST_TEST(claims_from_json(with(R"(["other","forestage"])"), "forestage").value().cluster == "forestage");
  for (const auto* aud : {R"("other")", R"([])", R"(["other"])", R"("Forestage")", R"("")"}) {
    const auto read = claims_from_json(with(aud), "forestage");
    BOOST_REQUIRE_MESSAGE(!read.ok(), aud);
    BOOST_TEST((read.failure().code == errc::not_permitted));
  }
}

BOOST_AUTO_TEST_CASE(a_scope_is_a_whole_word) {
  const auto may = [](const char* scope) {
    return claims_from_json(R"({"sub":"a","aud":"f","jti":"x","roles":["requester"],"exp":10,"scope":")" +
                                std::string{scope} + "\"}",
                            "f")
        .value()
        .may_report;
  };
  BOOST_TEST(may("report"));
  BOOST_TEST(may("openid report email"));
  for (const auto* scope : {"", "reports", "no-report", "REPORT", "report,x"})
    BOOST_TEST(!may(scope), scope);
}

BOOST_AUTO_TEST_CASE(what_no_pattern_names_may_not_be_acquired) {
  auto c = good();
  c.resources = {"room/*", "video/?"};
  for (const auto* id : {"room/1", "room/", "video/a"})
    BOOST_TEST(c.may_acquire(id), id);
  for (const auto* id : {"", "room", "video/ab", "xroom/1"})
    BOOST_TEST(!c.may_acquire(id), id);
  c.resources.clear();
  BOOST_TEST(!c.may_acquire("room/1"));
}

BOOST_AUTO_TEST_CASE(times_are_written_in_utc) {
  BOOST_TEST(time_text(0) == "1970-01-01 00:00:00 UTC");
  BOOST_TEST(time_text(last_second) == "9999-12-31 23:59:59 UTC");
}

BOOST_AUTO_TEST_SUITE_END()
