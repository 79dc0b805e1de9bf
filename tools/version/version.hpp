// `forestage version`: name, version and what it was built with.
#pragma once

namespace CLI {
class App;
}

namespace forestage::tools {

void add_version(CLI::App& app, int& exit_code);

} // namespace forestage::tools
