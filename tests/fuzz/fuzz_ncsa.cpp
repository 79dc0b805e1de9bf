// Any bytes as lines of an access log: fields lie within the line; as a log, two passes agree.
#include "adapters/logs/ncsa.hpp"
#include "tests/fuzz/fuzz_log.hpp"

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::adapters::logs;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  ncsa_fields fields;
  if (split_ncsa(bytes, fields))
    for (const auto field : fields)
      forestage::tests::require(field.data() >= bytes.data() &&
                                field.data() + field.size() <= bytes.data() + bytes.size());
  const auto log =
      "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /a?b HTTP/1.1\" 200 5\n" + std::string{bytes};
  forestage::tests::read_as_log(log);
  return 0;
}
