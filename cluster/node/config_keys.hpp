// The keys of the configuration file: one table that reading, checking, showing and the documentation share,
// so that none of them can forget a key.
#pragma once

#include "adapters/toml/toml_value.hpp"
#include "cluster/node/config.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::cluster {

// Takes what is wrong with a value, and where inside it.
using value_fault = std::function<void(adapters::toml_place, std::string)>;

struct config_key {
  std::string section, name;
  std::string expects; // "a length of time from 1s to 1d"
  std::string help;    // sentences
  // Sets the key, or says what is wrong and leaves it.
  std::function<void(node_config&, const adapters::toml_value&, const value_fault&)> read;
  // Empty, or what is wrong with the value that is there.
  std::function<std::string(const node_config&)> check;
  // The value as TOML.
  std::function<std::string(const node_config&)> show;

  [[nodiscard]] std::string full_name() const { return section + "." + name; }
};

struct config_section {
  std::string_view name;
  std::string_view help;
};

// In the order in which they are shown; the keys section by section.
[[nodiscard]] const std::vector<config_section>& config_sections();
[[nodiscard]] const std::vector<config_key>& config_keys();

} // namespace forestage::cluster
