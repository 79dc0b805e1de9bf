// Key rings: what is loaded, and every file that is refused.
#include "adapters/tokens/key_ring.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/adapters/tokens/forge.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/stat.h>

#include <utility>

namespace fs = std::filesystem;
using namespace forestage::tokens;
using namespace forestage::tests;
using forestage::models::errc;

namespace {

struct ring_fixture {
  temporary_directory directory;
  fs::path keys = directory.path() / "keys";
  ring_fixture() { fs::create_directory(keys); }

  [[nodiscard]] forestage::models::result<key_ring> load(key_use use = key_use::issue) const {
    return key_ring::load(keys.string(), use);
  }
  void refused(errc code, const std::string& word, key_use use = key_use::issue) const {
    const auto ring = load(use);
    BOOST_REQUIRE(!ring.ok());
    BOOST_TEST((ring.failure().code == code), ring.failure().text);
    BOOST_TEST(ring.failure().text.find(word) != std::string::npos, ring.failure().text);
  }
};

constexpr auto readable =
    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;
constexpr auto secret = fs::perms::owner_read | fs::perms::owner_write;

unsigned mode_of(const fs::path& path) {
  struct stat about = {};
  BOOST_REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777U;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(key_rings, ring_fixture)

BOOST_AUTO_TEST_CASE(a_new_key_is_a_pair_whose_private_half_only_its_owner_reads) {
  const auto fresh = directory.path() / "a" / "b";
  BOOST_TEST(make_key(fresh.string(), "k1").ok());
  BOOST_TEST(mode_of(fresh) == 0700U);
  BOOST_TEST(mode_of(fresh / "k1.key.pem") == 0600U);
  const auto ring = key_ring::load(fresh.string(), key_use::issue);
  BOOST_REQUIRE(ring.ok());
  BOOST_REQUIRE(ring.value().find("k1") != nullptr);
  BOOST_TEST(ring.value().find("k1")->issues());
  BOOST_TEST(to_json(ring.value()) == R"([{"kid":"k1","algorithm":"ES256","issues":true}])");
}

BOOST_AUTO_TEST_CASE(a_key_is_never_overwritten) {
  BOOST_TEST(make_key(keys.string(), "k1").ok());
  const auto again = make_key(keys.string(), "k1");
  BOOST_REQUIRE(!again.ok());
  BOOST_TEST((again.failure().code == errc::position_conflict));
  BOOST_TEST(load().ok());
  // A public key alone is in the way as well, and no private half is left beside it.
  write_file(keys / "k2.pem", make_pair(key_kind::p256).open, readable);
  BOOST_TEST(!make_key(keys.string(), "k2").ok());
  BOOST_TEST(!fs::exists(keys / "k2.key.pem"));
}

BOOST_AUTO_TEST_CASE(names_of_keys_cannot_leave_the_directory) {
  for (const auto* kid : {"", ".", "..", "a/b", "../k", ".k", "k.", "a b", "k.key", "ключ"}) {
    BOOST_TEST(!is_key_name(kid), kid);
    const auto made = make_key(keys.string(), kid);
    BOOST_REQUIRE(!made.ok());
    BOOST_TEST((made.failure().code == errc::invalid_argument));
  }
  for (const auto* kid : {"k", "2026-11.a_B"})
    BOOST_TEST(is_key_name(kid), kid);
  BOOST_TEST(is_key_name(std::string(64, 'k')));
  BOOST_TEST(!is_key_name(std::string(65, 'k')));
  BOOST_TEST(fs::is_empty(keys));
}

BOOST_AUTO_TEST_CASE(p256_and_long_rsa_are_keys_and_nothing_else_is) {
  add_key(keys, "ec", make_pair(key_kind::p256));
  add_key(keys, "rsa", make_pair(key_kind::rsa2048));
  const auto ring = load();
  BOOST_REQUIRE(ring.ok());
  BOOST_TEST((ring.value().find("ec")->signs_with == algorithm::es256));
  BOOST_TEST((ring.value().find("rsa")->signs_with == algorithm::rs256));
  for (const auto kind : {key_kind::p384, key_kind::rsa1024, key_kind::ed25519}) {
    write_file(keys / "other.pem", make_pair(kind).open, readable);
    refused(errc::invalid_data, "other.pem");
    fs::remove(keys / "other.pem");
  }
}

BOOST_AUTO_TEST_CASE(a_private_key_that_others_can_use_is_refused) {
  add_key(keys, "k", make_pair(key_kind::p256));
  for (const auto bad :
       {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write, fs::perms::others_exec}) {
    fs::permissions(keys / "k.key.pem", secret | bad);
    refused(errc::not_permitted, "chmod 600");
    BOOST_TEST(load(key_use::verify).ok()); // not opened there
  }
  fs::permissions(keys / "k.key.pem", secret);
  BOOST_TEST(load().ok());
}

BOOST_AUTO_TEST_CASE(keys_that_everybody_may_add_or_change_are_refused) {
  add_key(keys, "k", make_pair(key_kind::p256));
  fs::permissions(keys / "k.pem", readable | fs::perms::others_write);
  refused(errc::not_permitted, "k.pem", key_use::verify);
  fs::permissions(keys / "k.pem", readable);
  fs::permissions(keys, fs::perms::others_write, fs::perm_options::add);
  refused(errc::not_permitted, "chmod o-w", key_use::verify);
}

BOOST_AUTO_TEST_CASE(damaged_locked_and_mixed_up_files_are_refused_by_name) {
  const auto one = make_pair(key_kind::p256), two = make_pair(key_kind::p256);
  for (const auto& text : {std::string{}, std::string{"no key"}, one.open.substr(0, one.open.size() / 2),
                           std::string(20'000, 'x')}) {
    write_file(keys / "k.pem", text, readable);
    refused(errc::invalid_data, "k.pem", key_use::verify);
  }
  write_file(keys / "k.pem", one.secret, readable);
  refused(errc::invalid_data, "private key", key_use::verify);
  add_key(keys, "k", {one.open, two.secret});
  refused(errc::invalid_data, "does not belong");
  write_file(keys / "k.key.pem", locked(one, "word"), secret);
  refused(errc::invalid_data, "without a passphrase");
  write_file(keys / "k.key.pem", one.open, secret);
  refused(errc::invalid_data, "k.key.pem");
  fs::remove(keys / "k.key.pem");
  fs::remove(keys / "k.pem");
  fs::create_directory(keys / "d.pem");
  refused(errc::invalid_data, "no plain file");
}

BOOST_AUTO_TEST_CASE(a_private_key_needs_its_public_one_beside_it) {
  write_file(keys / "k.key.pem", make_pair(key_kind::p256).secret, secret);
  refused(errc::not_found, "openssl pkey");
  refused(errc::not_found, "keys new", key_use::verify); // no key to verify with
}

BOOST_AUTO_TEST_CASE(an_absent_or_empty_directory_says_how_to_make_a_key) {
  refused(errc::not_found, "keys new");
  fs::remove(keys);
  refused(errc::not_found, "keys new");
  write_file(keys, "a file", readable);
  refused(errc::storage_failed, "keys");
}

BOOST_AUTO_TEST_CASE(other_files_are_passed_over) {
  add_key(keys, "k", make_pair(key_kind::p256));
  write_file(keys / "README", "hello", readable);
  write_file(keys / ".k2.pem", "half written", readable);
  BOOST_REQUIRE(load().ok());
  BOOST_TEST(load().value().kids() == std::vector<std::string>{"k"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_ring_is_bounded) {
  const auto pair = make_pair(key_kind::p256);
  for (std::size_t i = 0; i < max_keys; ++i)
    write_file(keys / ("k" + std::to_string(i) + ".pem"), pair.open, readable);
  BOOST_TEST(load().ok());
  write_file(keys / "one-more.pem", pair.open, readable);
  refused(errc::limit_exceeded, "64");
}

BOOST_AUTO_TEST_CASE(the_key_to_issue_with_is_the_only_one_or_the_named_one) {
  write_file(keys / "open.pem", make_pair(key_kind::p256).open, readable);
  BOOST_TEST((load().value().issuer("").failure().code == errc::not_found));
  add_key(keys, "a", make_pair(key_kind::p256));
  BOOST_TEST(load().value().issuer("").value() == "a");
  add_key(keys, "b", make_pair(key_kind::p256));
  const auto ring = load();
  BOOST_TEST(ring.value().issuer("").failure().text.find("a, b") != std::string::npos);
  BOOST_TEST(ring.value().issuer("b").value() == "b");
  for (const auto* kid : {"open", "c"})
    BOOST_TEST((ring.value().issuer(kid).failure().code == errc::not_found), kid);
}

BOOST_AUTO_TEST_CASE(random_names_differ) {
  const auto a = random_hex(16).value(), b = random_hex(16).value();
  BOOST_TEST(a.size() == 32U);
  BOOST_TEST(a != b);
  BOOST_TEST(a.find_first_not_of("0123456789abcdef") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
