// Tokens: what is accepted, and every way to be refused.
#include "adapters/tokens/token.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/adapters/tokens/forge.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace fs = std::filesystem;
using namespace forestage::tokens;
using namespace forestage::tests;
using forestage::models::errc;

namespace {

constexpr std::int64_t now = 1'800'000'000;

struct token_fixture {
  temporary_directory directory;
  key_pair ec = make_pair(key_kind::p256), rsa = make_pair(key_kind::rsa2048);
  key_ring ring;

  token_fixture() {
    add_key(directory.path(), "ec", ec);
    add_key(directory.path(), "rsa", rsa);
    reload();
  }
  void reload() { ring = key_ring::load(directory.path().string(), key_use::issue).value(); }

  static token_claims claims() {
    token_claims c;
    c.peer = "alice";
    c.requester = true;
    c.resources = {"room/*"};
    c.cluster = "forestage";
    c.id = "id-1";
    c.issued = now;
    c.expires = now + 3'600;
    return c;
  }
  [[nodiscard]] std::string token(std::string_view kid = "ec", const token_claims& c = claims()) const {
    return issue(ring, kid, c).value();
  }
  [[nodiscard]] auto check(std::string_view text, std::int64_t at = now) const {
    return verify(ring, text, at, {});
  }
  void refused(std::string_view text, const char* word, errc code = errc::not_permitted,
               std::int64_t at = now) const {
    const auto done = check(text, at);
    BOOST_REQUIRE_MESSAGE(!done.ok(), word);
    BOOST_TEST((done.failure().code == code), done.failure().text);
    BOOST_TEST(done.failure().text.find(word) != std::string::npos, done.failure().text);
  }
};

constexpr auto ec_header = R"({"alg":"ES256","typ":"JWT","kid":"ec"})";
constexpr auto rsa_header = R"({"alg":"RS256","typ":"JWT","kid":"rsa"})";

std::string flipped(std::string text, std::size_t at) {
  text[at] = text[at] == 'A' ? 'B' : 'A';
  return text;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tokens, token_fixture)

BOOST_AUTO_TEST_CASE(an_issued_token_verifies_and_says_what_was_put_in) {
  for (const auto* kid : {"ec", "rsa"}) {
    const auto read = check(token(kid));
    BOOST_REQUIRE(read.ok());
    BOOST_TEST((read.value() == claims()));
  }
}

BOOST_AUTO_TEST_CASE(tokens_of_another_implementation_verify) {
  const auto json = to_json(claims());
  BOOST_TEST(check(signed_token(ec_header, json, ec.secret)).ok());
  BOOST_TEST(check(signed_token(rsa_header, json, rsa.secret)).ok());
  BOOST_TEST(check(signed_token(R"({"kid":"ec","alg":"ES256"})", json, ec.secret)).ok());
}

BOOST_AUTO_TEST_CASE(a_ring_without_private_keys_verifies_and_does_not_issue) {
  const auto open = key_ring::load(directory.path().string(), key_use::verify).value();
  BOOST_TEST(verify(open, token(), now, {}).ok());
  BOOST_TEST((issue(open, "ec", claims()).failure().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_forged_signature_is_refused) {
  const auto json = to_json(claims());
  const auto stranger = make_pair(key_kind::p256);
  refused(signed_token(ec_header, json, stranger.secret), "signature");
  refused(signed_token(rsa_header, json, make_pair(key_kind::rsa2048).secret), "signature");
  // A good signature of other claims.
  auto other = claims();
  other.peer = "mallory";
  const auto good = token();
  const auto from = good.rfind('.');
  refused(unsigned_token(ec_header, to_json(other)) + good.substr(from), "signature");
  refused(good.substr(0, from) + ".", "signature");
  refused(good.substr(0, from) + "." + base64url(std::string(64, '\0')), "signature"); // r = s = 0
}

BOOST_AUTO_TEST_CASE(a_change_of_any_sign_is_refused) {
  for (const auto* kid : {"ec", "rsa"}) {
    const auto good = token(kid);
    for (std::size_t i = 0; i < good.size(); ++i)
      BOOST_REQUIRE_MESSAGE(!check(flipped(good, i)).ok(), i);
  }
}

BOOST_AUTO_TEST_CASE(a_token_that_is_cut_short_anywhere_is_refused) {
  for (const auto* kid : {"ec", "rsa"}) {
    const auto good = token(kid);
    for (std::size_t size = 0; size < good.size(); ++size)
      BOOST_REQUIRE_MESSAGE(!check(good.substr(0, size)).ok(), size);
  }
}

BOOST_AUTO_TEST_CASE(nothing_may_stand_around_a_token) {
  const auto good = token();
  for (const auto& text : {good + " ", " " + good, good + "\n", good + "=", good + ".", good + "." + good,
                           "Bearer " + good, good + std::string(1, '\0')})
    refused(text, "not a token", errc::invalid_data);
}

BOOST_AUTO_TEST_CASE(a_token_has_one_spelling) {
  // The last sign of 64 bytes has four bits that say nothing; libjwt ignores them.
  auto text = token();
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  text.back() = digits[digits.find(text.back()) | 1U];
  refused(text, "damaged", errc::invalid_data);
}

BOOST_AUTO_TEST_CASE(an_unsigned_token_is_never_accepted) {
  const auto json = to_json(claims());
  for (const auto* header :
       {R"({"alg":"none"})", R"({"alg":"none","kid":"ec"})", R"({"alg":"None","kid":"ec"})",
        R"({"kid":"ec"})", R"({"alg":7,"kid":"ec"})", "{}"}) {
    refused(unsigned_token(header, json) + ".", "never accepted");
    refused(signed_token(header, json, ec.secret), "never accepted");
  }
}

BOOST_AUTO_TEST_CASE(a_public_key_is_no_secret_to_sign_with) {
  const auto json = to_json(claims());
  for (const auto* kid : {"ec", "rsa"}) {
    const auto* pem = kid == std::string_view{"ec"} ? &ec.open : &rsa.open;
    const auto text =
        unsigned_token(R"({"alg":"HS256","typ":"JWT","kid":")" + std::string{kid} + "\"}", json);
    refused(text + "." + base64url(hmac_sha256(*pem, text)), "HS256");
    // The same under a header that claims what the key can do.
    const auto lied = unsigned_token(kid == std::string_view{"ec"} ? ec_header : rsa_header, json);
    refused(lied + "." + base64url(hmac_sha256(*pem, lied)), "signature");
    // And with the algorithm twice, for readers that take the first one.
    const auto twice = unsigned_token(R"({"alg":"HS256","alg":"ES256","kid":"ec"})", json);
    BOOST_TEST(!check(twice + "." + base64url(hmac_sha256(*pem, twice))).ok());
    const auto reversed = unsigned_token(R"({"alg":"ES256","alg":"HS256","kid":"ec"})", json);
    BOOST_TEST(!check(reversed + "." + base64url(hmac_sha256(*pem, reversed))).ok());
  }
}

BOOST_AUTO_TEST_CASE(a_key_is_used_with_its_own_algorithm_only) {
  const auto json = to_json(claims());
  refused(signed_token(R"({"alg":"RS256","kid":"ec"})", json, ec.secret), "ES256 only");
  refused(signed_token(R"({"alg":"RS256","kid":"ec"})", json, rsa.secret), "ES256 only");
  refused(signed_token(R"({"alg":"ES256","kid":"rsa"})", json, rsa.secret), "RS256 only");
  for (const auto* alg : {"ES384", "ES512", "RS384", "RS512", "PS256", "EdDSA", "es256"})
    refused(signed_token(R"({"alg":")" + std::string{alg} + R"(","kid":"ec"})", json, ec.secret),
            "never accepted");
}

BOOST_AUTO_TEST_CASE(an_unknown_or_missing_key_is_refused) {
  const auto json = to_json(claims());
  refused(signed_token(R"({"alg":"ES256","kid":"other"})", json, ec.secret), "'other'");
  refused(signed_token(R"({"alg":"ES256","kid":"../ec"})", json, ec.secret), "kid");
  refused(signed_token(R"({"alg":"ES256"})", json, ec.secret), "names no key");
  refused(signed_token(R"({"alg":"ES256","kid":["ec"]})", json, ec.secret), "names no key");
  // What stands in the header does not reach a terminal as it is.
  const auto odd = check(signed_token("{\"alg\":\"ES256\",\"kid\":\"\\u001b[2J\"}", json, ec.secret));
  BOOST_REQUIRE(!odd.ok());
  BOOST_TEST(odd.failure().text.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(critical_extensions_are_not_passed_over) {
  refused(
      signed_token(R"({"alg":"ES256","kid":"ec","crit":["b64"],"b64":false})", to_json(claims()), ec.secret),
      "crit");
}

BOOST_AUTO_TEST_CASE(a_header_that_is_no_json_is_refused) {
  for (const auto* header : {"", "x", "[]", "{\"alg\":\"ES256\",\"kid\":\"ec\"", "\"ES256\""})
    refused(signed_token(header, to_json(claims()), ec.secret), "header", errc::invalid_data);
}

BOOST_AUTO_TEST_CASE(time_is_checked_with_the_allowance_and_not_a_second_more) {
  auto c = claims();
  c.not_before = now + 100;
  const auto text = token("ec", c);
  refused(text, "not valid before", errc::not_permitted, now + 39);
  BOOST_TEST(check(text, now + 40).ok());
  BOOST_TEST(check(text, c.expires + 59).ok());
  refused(text, "expired", errc::not_permitted, c.expires + 60);
  refused(text, "expired 2m ago", errc::not_permitted, c.expires + 120);
  // Without an allowance.
  const verify_options strict{"forestage", 0};
  BOOST_TEST(verify(ring, text, c.expires - 1, strict).ok());
  BOOST_TEST(!verify(ring, text, c.expires, strict).ok());
  BOOST_TEST(verify(ring, text, c.not_before, strict).ok());
  BOOST_TEST(!verify(ring, text, c.not_before - 1, strict).ok());
}

BOOST_AUTO_TEST_CASE(a_token_from_the_future_is_refused) {
  const auto text = token();
  BOOST_TEST(check(text, now - 60).ok());
  refused(text, "issued in the future", errc::not_permitted, now - 61);
}

BOOST_AUTO_TEST_CASE(claims_that_are_signed_and_wrong_are_refused) {
  const auto with = [&](const std::string& more) {
    return signed_token(ec_header, R"({"aud":"forestage","jti":"x","roles":["requester"],)" + more + "}",
                        ec.secret);
  };
  const auto exp = "\"exp\":" + std::to_string(now + 10);
  BOOST_TEST(check(with(exp + R"(,"sub":"a")")).ok());
  refused(with(exp), "sub", errc::invalid_data);
  refused(with(exp + R"(,"sub":"")"), "sub", errc::invalid_data);
  refused(with(exp + R"(,"sub":")" + std::string(257, 'x') + "\""), "257 bytes", errc::invalid_data);
  BOOST_TEST(check(with(exp + R"(,"sub":")" + std::string(256, 'x') + "\"")).ok());
  refused(with(exp + ",\"sub\":\"\xff\""), "UTF-8", errc::invalid_data);
  refused(with(exp + R"(,"sub":"\ud800")"), "JSON", errc::invalid_data);
  refused(with(R"("sub":"a")"), "exp", errc::invalid_data);
  for (const auto* json : {"[]", "", "{", "7", "{} {}"})
    refused(signed_token(ec_header, json, ec.secret), "JSON", errc::invalid_data);
  auto other = claims();
  other.cluster = "elsewhere";
  refused(token("ec", other), "elsewhere");
}

BOOST_AUTO_TEST_CASE(a_token_is_at_most_8_kb) {
  auto c = claims();
  c.resources.assign(21, std::string(256, 'x'));
  const auto text = token("ec", c);
  BOOST_TEST(text.size() <= max_token_bytes);
  BOOST_TEST(check(text).ok());
  c.resources.assign(23, std::string(256, 'x'));
  const auto large = issue(ring, "ec", c);
  BOOST_REQUIRE(!large.ok());
  BOOST_TEST((large.failure().code == errc::invalid_argument));
  refused(signed_token(ec_header, to_json(c), ec.secret), "8192", errc::invalid_data);
  refused(std::string(1'000'000, 'A'), "8192", errc::invalid_data);
}

BOOST_AUTO_TEST_CASE(invalid_claims_are_not_issued) {
  auto c = claims();
  c.peer = std::string(257, 'x');
  BOOST_TEST((issue(ring, "ec", c).failure().code == errc::invalid_argument));
  c.peer = "\xff";
  BOOST_TEST((issue(ring, "ec", c).failure().code == errc::invalid_argument));
  BOOST_TEST((issue(ring, "nobody", claims()).failure().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(an_old_key_verifies_until_it_is_removed) {
  const auto old = token();
  BOOST_TEST(make_key(directory.path().string(), "newer").ok());
  reload();
  const auto fresh = token("newer");
  BOOST_TEST(check(old).ok());
  BOOST_TEST(check(fresh).ok());
  fs::remove(directory.path() / "ec.pem");
  fs::remove(directory.path() / "ec.key.pem");
  reload();
  refused(old, "'ec'");
  BOOST_TEST(check(fresh).ok());
  // The same name with another key does not bring it back.
  add_key(directory.path(), "ec", make_pair(key_kind::p256));
  reload();
  refused(old, "signature");
}

BOOST_AUTO_TEST_SUITE_END()
