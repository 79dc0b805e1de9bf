#include "tools/version/version.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace forestage::tools {

void add_version(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("version", "Show the version");
  command->footer("Example:\n  forestage version");
  command->callback([&exit_code] { exit_code = std::puts("forestage " FORESTAGE_VERSION) < 0 ? 1 : 0; });
}

} // namespace forestage::tools
