// The seed of a randomised test: FORESTAGE_SEED when it is set, else the test's own. It is printed either
// way.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace forestage::tests {

inline std::uint64_t seed(std::string_view test, std::uint64_t fallback) {
  const char* text = std::getenv("FORESTAGE_SEED");
  const auto chosen = text ? std::strtoull(text, nullptr, 10) : fallback;
  std::cout << test << ": FORESTAGE_SEED=" << chosen << std::endl;
  return chosen;
}

} // namespace forestage::tests
