// A value or an error. We throw no exceptions of our own; a vendor's are caught in its adapter.
#pragma once

#include "models/errc.hpp"

#include <cassert>
#include <utility>
#include <variant>

namespace forestage::models {

template <class T> class [[nodiscard]] result {
public:
  result(T value)
      : content_(std::in_place_index<0>, std::move(value)) {}
  result(error failure)
      : content_(std::in_place_index<1>, std::move(failure)) {}
  result(errc code, std::string text)
      : content_(std::in_place_index<1>, error{code, std::move(text)}) {}

  [[nodiscard]] bool ok() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  // Precondition of all of these: ok().
  [[nodiscard]] T& value() & {
    assert(ok());
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] T value() && { // a value: what it came from may end with the statement
    assert(ok());
    return std::move(*std::get_if<0>(&content_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Precondition: !ok().
  [[nodiscard]] const models::error& failure() const {
    assert(!ok());
    return *std::get_if<1>(&content_);
  }

private:
  std::variant<T, models::error> content_;
};

struct unit {
  friend bool operator==(unit, unit) = default;
};
// The result of what has no value.
using status = result<unit>;

[[nodiscard]] inline status success() {
  return unit{};
}

} // namespace forestage::models
