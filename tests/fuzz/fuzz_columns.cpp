// Any text as --columns and --where: refused with a reason, or a map that survives being written and read
// again. The first line as a glob over the rest ends, and agrees with equality when it has no special sign.
#include "adapters/logs/columns.hpp"
#include "models/glob.hpp"
#include "tests/fuzz/fuzz_log.hpp"

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::adapters::logs;
  using forestage::tests::require;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto map = parse_columns(text)) {
    const auto again = parse_columns(to_string(*map));
    require(again.ok() && *again == *map);
  } else {
    require(!map.failure().text.empty());
  }
  const auto line = text.find('\n');
  const auto pattern = text.substr(0, line);
  const auto field = line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  if (const auto clause = parse_where(pattern)) static_cast<void>(matches(*clause, field));
  if (pattern.find_first_of("*?\\") == std::string_view::npos)
    require(forestage::models::matches_glob(pattern, field) == (pattern == field));
  require(forestage::models::matches_glob("*", field));
  return 0;
}
