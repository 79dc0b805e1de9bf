// Any text as a configuration file: mistakes that say something, or values that validate finds no fault with;
// either way what is in force can be shown, and reads back as it is.
#include "cluster/node/config_keys.hpp"
#include "cluster/node/config_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string as_file(const forestage::cluster::node_config& config) {
  using namespace forestage::cluster;
  std::string text;
  for (const auto& section : config_sections()) {
    text += "[" + std::string{section.name} + "]\n";
    for (const auto& key : config_keys())
      if (key.section == section.name) text += key.name + " = " + key.show(config) + "\n";
  }
  return text;
}

} // namespace

// libFuzzer fixes the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage::cluster;
  const auto reading =
      read_config({reinterpret_cast<const char*>(data), size}, "input"); // NOLINT: bytes are chars
  for (const auto& problem : reading.problems)
    require(problem.starts_with("input"));
  require(!to_json(reading).empty() && !to_text(reading).empty());
  if (!reading.ok()) return 0;
  require(validate(reading.config).empty());
  const auto text = as_file(reading.config);
  const auto again = read_config(text, "again");
  require(again.ok() && as_file(again.config) == text);
  return 0;
}
