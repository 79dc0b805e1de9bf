// Any bytes as a token: refused with a reason, or accepted within all bounds; whatever is accepted is refused
// as soon as a byte of it changes. The same bytes as claims: refused, or claims that read back.
//
// The key is a fixed one whose private half signed tests/fuzz/corpus/fuzz_token and exists no more, so the
// fuzzer can only come by accepted tokens through the corpus.
#include "adapters/tokens/token.hpp"
#include "tests/support/temporary_directory.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace {

using namespace forestage::tokens;

constexpr auto public_key = "-----BEGIN PUBLIC KEY-----\n"
                            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhSCamdLt2Sc9TxEIQ0HHoKtv7Fbk\n"
                            "GgmbDTTKgiByq1bvE3SP1XKlrECNtnSmcJ6c7w/eAbHQJMEePkjZ0J9kTQ==\n"
                            "-----END PUBLIC KEY-----\n";

void require(bool holds) {
  if (!holds) std::abort();
}

const key_ring& keys() {
  static const key_ring ring = [] {
    const forestage::tests::temporary_directory directory;
    std::ofstream{directory.path() / "k.pem"} << public_key;
    auto loaded = key_ring::load(directory.path().string(), key_use::verify);
    require(loaded.ok());
    return std::move(loaded).value();
  }();
  return ring;
}

} // namespace

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t now = 1'800'000'000;
  const std::string text{reinterpret_cast<const char*>(data), size}; // NOLINT: bytes are chars
  const auto claims = verify(keys(), text, now, {});
  if (claims) {
    require(validate(claims.value()).ok() && claims.value().cluster == "forestage");
    require(claims.value().expires > now - 60);
    auto changed = text;
    changed[text.size() / 2] = changed[text.size() / 2] == 'A' ? 'B' : 'A';
    require(!verify(keys(), changed, now, {}).ok());
  } else {
    require(!claims.failure().text.empty());
  }
  if (const auto read = claims_from_json(text, "forestage")) {
    require(validate(read.value()).ok());
    const auto again = claims_from_json(to_json(read.value()), "forestage");
    require(again.ok() && again.value() == read.value());
  }
  return 0;
}
