#include "tools/version/version.hpp"

#include "tools/console/streams.hpp"

#include <CLI/CLI.hpp>

namespace forestage::tools {

void add_version(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("version", "Show the version");
  command->footer("Example:\n  forestage version");
  command->callback([&exit_code] {
    const auto printed = console::print("forestage " FORESTAGE_VERSION "\n");
    if (!printed) console::say("forestage version: " + printed.failure().text);
    exit_code = printed ? 0 : 1;
  });
}

} // namespace forestage::tools
