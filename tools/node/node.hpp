// forestage node: serves until it is told to stop.
#pragma once

namespace CLI {
class App;
}

namespace forestage::tools {

void add_node(CLI::App& app, int& exit_code);

} // namespace forestage::tools
