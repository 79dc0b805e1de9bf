// Any bytes: parse_calendar answers with rows that make sense, or with an error that names the file.
#include "adapters/logs/calendar.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::adapters::logs;
  const auto rows = parse_calendar({reinterpret_cast<const char*>(data), size}, "input");
  if (!rows) {
    if (rows.failure().text.find("input") == std::string_view::npos) std::abort();
    return 0;
  }
  for (const auto& row : *rows)
    if (row.resource.empty() || row.resource.size() > 256 || row.region.empty() ||
        row.from_second >= row.to_second || row.expected == 0 || row.line < 2)
      std::abort();
  return 0;
}
