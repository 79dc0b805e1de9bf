// The forestage command. Every subcommand lives in a folder of its own and registers itself.
// Exit codes: 0 ok, 1 failed, 2 usage, 3 not reachable.
#include "tools/backtest/backtest.hpp"
#include "tools/config/config.hpp"
#include "tools/console/stop.hpp"
#include "tools/console/streams.hpp"
#include "tools/generate/generate.hpp"
#include "tools/node/node.hpp"
#include "tools/replay/replay.hpp"
#include "tools/token/token.hpp"
#include "tools/version/version.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  forestage::console::hold_standard_streams();
  forestage::console::install_stop_signals();
  CLI::App app{"Forestage predicts which network resources peers are about to ask for, and gets them ready "
               "before they ask.",
               "forestage"};
  int exit_code = 0;
  forestage::tools::add_generate(app, exit_code);
  forestage::tools::add_replay(app, exit_code);
  forestage::tools::add_backtest(app, exit_code);
  forestage::tools::add_node(app, exit_code);
  forestage::tools::add_config(app, exit_code);
  forestage::tools::add_token(app, exit_code);
  forestage::tools::add_version(app, exit_code);
  app.require_subcommand(1);
  app.footer("Examples:\n"
             "  forestage replay access.log.gz          what prediction is worth on your log\n"
             "  forestage generate --out log.csv.zst    a synthetic request log\n"
             "  forestage replay log.csv.zst            … and what prediction is worth on it\n"
             "  forestage node                          serve, on this machine alone\n"
             "  forestage config show                   a configuration file to begin with\n"
             "  forestage replay --help                 every command teaches its options");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    if (app.exit(wrong) != 0) return 2;
    return std::cout.flush().good() ? 0 : 1; // the help went nowhere
  } catch (const std::exception& failure) {  // out of memory, of threads
    forestage::console::say(std::string{"forestage: "} + failure.what() +
                            "; give it more memory or fewer threads");
    return 1;
  }
  return exit_code;
}
