// Any bytes as JSON Lines: every line is an object or has a reason why not; as a log, two passes agree.
#include "adapters/logs/jsonl.hpp"
#include "tests/fuzz/fuzz_log.hpp"

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::adapters::logs;
  using forestage::tests::require;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  json_row wanted{{"ts", "a.b", ""}};
  require(wanted.parse(bytes) || !wanted.fault().empty());
  require(wanted.fields().size() == 3);
  json_row any;
  require(any.parse(bytes) || !any.fault().empty());
  require(any.fields().size() == any.keys().size() && any.keys().size() <= json_row::max_keys);

  // A first line that is surely JSON makes the rest a JSON Lines log.
  const auto log = "{\"ts\":1325376000,\"a\":{\"b\":\"x\"},\"n\":1}\n" + std::string{bytes};
  read_options options;
  options.columns =
      column_map{.time = {"ts"}, .resource = "a.b", .region = {}, .peer = {}, .counts = {"n"}, .size = {}};
  forestage::tests::read_as_log(log, options);
  forestage::tests::read_as_log(bytes);
  return 0;
}
