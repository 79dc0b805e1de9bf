// forestage token: the tokens of peers and operators, and the keys that sign them.
#pragma once

namespace CLI {
class App;
}

namespace forestage::tools {

void add_token(CLI::App& app, int& exit_code);

} // namespace forestage::tools
