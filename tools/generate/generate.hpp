// `forestage generate`: writes a synthetic request log and, on wish, the truth behind it.
#pragma once

#include "models/synthetic/compose.hpp"

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace forestage::tools {

struct generate_options {
  models::synthetic::options world;
  std::string out = "-"; // .gz and .zst are compressed; "-" is standard output
  std::string truth;     // empty: none
  bool quiet = false;    // no summary on standard error
};

// "2026-01-01" to days since the unix epoch. Errors: invalid_argument.
[[nodiscard]] models::result<std::int64_t> parse_date(std::string_view text);

// Returns the exit code: 0, 1 failed or interrupted (nothing is left behind), 2 for options that make no
// sense. What went wrong is on standard error.
[[nodiscard]] int run_generate(const generate_options& options);

// Adds the subcommand; its exit code ends up in `exit_code`. Precondition: `exit_code` outlives `app`.
void add_generate(CLI::App& app, int& exit_code);

} // namespace forestage::tools
