// forestage config: a node's configuration file, checked and shown.
#pragma once

namespace CLI {
class App;
}

namespace forestage::tools {

void add_config(CLI::App& app, int& exit_code);

} // namespace forestage::tools
