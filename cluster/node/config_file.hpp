// Reads a configuration file: every mistake in it, each with its place, and where every value came from.
#pragma once

#include "adapters/toml/toml_value.hpp"
#include "cluster/node/config.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::cluster {

struct config_reading {
  std::string file;   // as it was named
  node_config config; // the defaults where the file says nothing, or something wrong
  std::map<std::string, adapters::toml_place> set; // "demand.interval" -> where the file says it
  std::vector<std::string> problems;               // "file:line:column: …", in the order of the file
  bool unreadable = false;                         // there is no such file, or it cannot be opened

  [[nodiscard]] bool ok() const noexcept { return problems.empty(); }
};

// `name` stands before line and column.
[[nodiscard]] config_reading read_config(std::string_view text, std::string name);
[[nodiscard]] config_reading load_config(const std::string& path);

} // namespace forestage::cluster
