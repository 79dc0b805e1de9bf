// Any bytes as a log (CSV, TSV, compressed or not): an error or events within their bounds, the same in two
// passes. As one record: splitting what was split and quoted again changes nothing.
#include "adapters/logs/csv.hpp"
#include "tests/fuzz/fuzz_log.hpp"

#include <vector>

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::adapters::logs;
  using forestage::tests::require;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  forestage::tests::read_as_log(bytes);

  std::string record{bytes};
  std::vector<std::string_view> fields;
  if (split_record(record, ',', 64, fields) != csv_split::complete) return 0;
  std::string again;
  for (std::size_t i = 0; i < fields.size(); ++i)
    again.append(i == 0 ? "" : ",").append(csv_field(fields[i], ','));
  std::string rewritten = again;
  std::vector<std::string_view> second;
  require(split_record(rewritten, ',', 64, second) == csv_split::complete);
  require(second.size() == fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i)
    require(fields[i] == second[i]);
  return 0;
}
