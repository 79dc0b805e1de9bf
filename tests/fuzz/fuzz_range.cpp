// Any field and any size: the whole file, or a part that lies within it, or nothing of it. The first eight
// bytes are the size.
#include "adapters/gateway/range.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::adapters::gateway;
  std::uint64_t bytes = 0;
  if (size < sizeof bytes) return 0;
  std::memcpy(&bytes, data, sizeof bytes);
  const std::string_view field{reinterpret_cast<const char*>(data) + sizeof bytes, size - sizeof bytes};
  const auto range = parse_range(field, bytes);
  switch (range.kind) {
  case range_kind::whole:
    if (range.from != 0 || range.length != bytes) std::abort();
    break;
  case range_kind::part:
    if (range.from >= bytes || range.length == 0 || range.length > bytes - range.from) std::abort();
    break;
  case range_kind::unsatisfiable:
    if (range.from != 0 || range.length != 0) std::abort();
    break;
  }
  return 0;
}
