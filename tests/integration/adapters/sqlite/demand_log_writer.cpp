// The process that killed_process_test kills: writes a stream into a data directory and names every
// acknowledged step.
//
//   demand_log_writer DIRECTORY SEED FIRST_STEP power_loss|process_crash
//
// One line per acknowledged step on standard output, unbuffered; ends when it is killed, or with 1 when the
// log refuses.
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "tests/support/demand_log_stream.hpp"

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

int main(int count, char** arguments) {
  if (count != 5) return 2;
  using forestage::adapters::durability;
  forestage::adapters::sqlite_options options;
  options.durable =
      std::string_view{arguments[4]} == "power_loss" ? durability::power_loss : durability::process_crash;
  auto log = forestage::adapters::sqlite_demand_log::open(arguments[1], options);
  if (!log) {
    std::cerr << log.failure().text << '\n';
    return 1;
  }
  const forestage::tests::demand_log_stream stream{std::strtoull(arguments[2], nullptr, 10)};
  for (auto step = std::strtoull(arguments[3], nullptr, 10);; ++step) {
    if (!stream.apply(*log.value(), step)) return 1;
    std::cout << std::to_string(step) + "\n" << std::flush;
  }
}
