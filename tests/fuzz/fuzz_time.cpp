// Any text as a time, as an hour, and (its first line) as a form of times for the rest: within the years 1970
// to 2199, or a fault.
#include "adapters/logs/field.hpp"
#include "adapters/logs/time_format.hpp"
#include "tests/fuzz/fuzz_log.hpp"

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::adapters::logs;
  using forestage::tests::require;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto sound = [](time_value time) {
    require(time.ok() ? time.us >= first_time_us && time.us < end_time_us : time.us == 0);
  };
  sound(parse_time(text));
  sound(add_hour({}, text));
  sound(add_hour({end_time_us - 1}, text));
  const auto line = text.find('\n');
  if (const auto format = time_format::make(text.substr(0, line)); format && line != std::string_view::npos)
    sound((*format).parse(text.substr(line + 1)));
  if (const auto count = parse_count(text))
    require(count->rounded >= 0 && count->rounded <= 1'000'000'000'000);
  if (const auto bytes = parse_size(text)) require(*bytes >= 0);
  require(forestage::models::is_utf8(excerpt(text)));
  return 0;
}
