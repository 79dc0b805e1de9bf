// forestage replay: a request log through the whole engine, against the yardsticks.
#pragma once

namespace CLI {
class App;
}

namespace forestage::tools {

void add_replay(CLI::App& app, int& exit_code);

} // namespace forestage::tools
