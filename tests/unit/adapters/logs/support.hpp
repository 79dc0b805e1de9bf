// What the tests of the log readers share.
#pragma once

#include "models/result.hpp"

#include <string>

namespace forestage::tests {

// The text of an error; empty when there is none.
template <class T> std::string why(const models::result<T>& outcome) {
  return outcome.ok() ? std::string{} : outcome.failure().text;
}

} // namespace forestage::tests
