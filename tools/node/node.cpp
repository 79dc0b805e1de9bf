#include "tools/node/node.hpp"

#include "cluster/node/config_file.hpp"
#include "cluster/node/node.hpp"
#include "tools/console/stop.hpp"
#include "tools/console/streams.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace forestage::tools {

namespace {

int usage_or_failure(models::errc code) {
  return code == models::errc::invalid_argument ? 2 : 1;
}

int serve(const std::string& file) {
  cluster::node_config config;
  if (!file.empty()) {
    auto reading = cluster::load_config(file);
    for (const auto& problem : reading.problems)
      console::say(problem);
    if (reading.unreadable) return 1;
    if (!reading.ok()) return 2;
    config = std::move(reading.config);
  }
  cluster::node_hooks hooks;
  hooks.stop_requested = console::stop_requested;
  hooks.say = [](const std::string& text) { (void)console::print(text); };
  const auto done = cluster::run_node(config, hooks);
  if (done) return 0;
  console::say("forestage node: " + done.failure().text);
  return usage_or_failure(done.failure().code);
}

} // namespace

void add_node(CLI::App& app, int& exit_code) {
  auto file = std::make_shared<std::string>();
  auto& command = *app.add_subcommand("node", "Serve: take what is asked for, keep it, plan ahead");
  command.add_option("--config", *file, "TOML; without it everything is embedded, on loopback")
      ->type_name("FILE");
  command.footer("Without a configuration: operators on 127.0.0.1:7480, data in ./forestage-data.\n"
                 "Exit codes: 0 it was told to stop, 1 it cannot serve, 2 the configuration is wrong.\n"
                 "Examples:\n"
                 "  forestage node\n"
                 "  curl -d '{\"events\": [{\"resource\": \"room/42\"}]}' http://127.0.0.1:7480/v1/events\n"
                 "  forestage config show > forestage.toml && forestage node --config forestage.toml");
  command.callback([file, &exit_code] { exit_code = serve(*file); });
}

} // namespace forestage::tools
