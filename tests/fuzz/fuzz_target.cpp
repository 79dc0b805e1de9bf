// Any bytes as the head and target of a request, a Host, an Origin and a date: refused with a reason, or a
// path that stays in its folder; what was decoded and is escaped again is the same path.
#include "adapters/gateway/authority.hpp"
#include "adapters/gateway/head_scan.hpp"
#include "adapters/gateway/http_date.hpp"
#include "adapters/gateway/target.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {
void require(bool holds) {
  if (!holds) std::abort();
}
std::string escaped(std::string_view path) {
  constexpr auto digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path)
    if (c == '/') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  return out;
}
} // namespace

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::adapters::gateway;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto target = parse_target(text)) {
    require(target->path.starts_with('/') && target->query.size() <= 64);
    require(target->path.find('\0') == std::string::npos);
    require((target->path + "/").find("/../") == std::string::npos);
    require((target->path + "/").find("/./") == std::string::npos);
    const auto again = parse_target(escaped(target->path));
    require(again.ok() && again->path == target->path);
  } else {
    require(!target.failure().text.empty());
  }
  if (const auto name = host_name(text)) {
    require(!name->empty() && name->size() <= text.size());
    require(name->find_first_of("/@ \r\n") == std::string::npos);
  }
  const allowed_names names{{}, {}, "127.0.0.1"};
  static_cast<void>(names.origin(text));
  const auto head = scan_head(text, 128);
  require((head.state == head_state::complete) == (head.size != 0) && head.size <= 128 && head.size <= size);
  if (head.size != 0) require(text.substr(0, head.size).ends_with("\r\n\r\n"));
  if (const auto date = parse_http_date(text)) require(*date >= 0);
  return 0;
}
