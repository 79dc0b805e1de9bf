#include "tools/config/config.hpp"

#include "cluster/node/config_text.hpp"
#include "tools/console/streams.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace forestage::tools {

namespace {

int printed(const std::string& text) {
  const auto done = console::print(text);
  if (!done) console::say("forestage config: " + done.failure().text);
  return done ? 0 : 1;
}

int check(const std::string& file, const std::string& output) {
  const auto reading = cluster::load_config(file);
  for (const auto& problem : reading.problems)
    console::say(problem);
  if (!reading.ok() && !reading.unreadable)
    console::say("forestage config: " + std::to_string(reading.problems.size()) +
                 (reading.problems.size() == 1 ? " mistake" : " mistakes") +
                 "; every key and its default: forestage config show");
  // A program gets its document either way; for people there is nothing in force when something is wrong.
  if (output == "json" && !reading.unreadable)
    if (const int code = printed(cluster::to_json(reading) + "\n"); code != 0) return code;
  if (reading.unreadable) return 1;
  if (!reading.ok()) return 2;
  return output == "json" ? 0 : printed(cluster::to_text(reading));
}

void add_check(CLI::App& config, int& exit_code) {
  struct options {
    std::string file, output = "table";
  };
  auto o = std::make_shared<options>();
  auto& command =
      *config.add_subcommand("check", "Every mistake of a file, or what is in force with it and why");
  command.add_option("FILE", o->file, "the configuration, TOML")->required();
  command.add_option("-o,--output", o->output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command.footer("Exit codes: 0 the file can be used, 1 it cannot be opened, 2 it has mistakes.\n"
                 "Examples:\n"
                 "  forestage config check forestage.toml\n"
                 "      what is in force; behind each value the line that sets it, or `default`\n"
                 "  forestage config check forestage.toml -o json\n"
                 "      the same for a program, with the mistakes");
  command.callback([o, &exit_code] { exit_code = check(o->file, o->output); });
}

void add_show(CLI::App& config, int& exit_code) {
  auto output = std::make_shared<std::string>("toml");
  auto& command = *config.add_subcommand("show", "Every key, its default and what it means");
  command.add_option("-o,--output", *output, "toml or markdown")
      ->check(CLI::IsMember({"toml", "markdown"}))
      ->capture_default_str();
  command.footer(
      "Example:\n"
      "  forestage config show > forestage.toml\n"
      "      a file to begin with: it says the defaults, so whatever is left as it is may also be deleted");
  command.callback([output, &exit_code] {
    exit_code = printed(*output == "toml" ? cluster::default_config_toml() : cluster::config_markdown());
  });
}

} // namespace

void add_config(CLI::App& app, int& exit_code) {
  auto& command =
      *app.add_subcommand("config", "A node's configuration file: check it, or see what there is to set");
  command.require_subcommand(1);
  add_check(command, exit_code);
  add_show(command, exit_code);
  command.footer("Examples:\n"
                 "  forestage config show > forestage.toml\n"
                 "  forestage config check forestage.toml");
}

} // namespace forestage::tools
