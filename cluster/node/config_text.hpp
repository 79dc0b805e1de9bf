// A configuration as text: for people, for programs, as a file to begin with, and as documentation. All from
// the table of keys.
#pragma once

#include "cluster/node/config_file.hpp"

#include <string>

namespace forestage::cluster {

// A TOML file with every key at its default and what it means; reads back to the defaults.
[[nodiscard]] std::string default_config_toml();
// docs/configuration.md.
[[nodiscard]] std::string config_markdown();
// What is in force and where it came from, one key a line: "demand.interval = "5m"   # default".
[[nodiscard]] std::string to_text(const config_reading& reading);
// {"file","ok","problems":[…],"config":{"demand":{"interval":{"value":"5m","line":3,"column":1}}}}; line and
// column are null for a default. One line.
[[nodiscard]] std::string to_json(const config_reading& reading);

} // namespace forestage::cluster
