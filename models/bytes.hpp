// A byte archive for snapshots: writes and reads plain values, little-endian, without padding.
//
// A type takes part by a member `template <class Archive> void fields(Archive&)` that names each member once,
// so that what is written and what is read cannot drift apart. Readers never trust lengths: a container may
// not be larger than what is left.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace forestage::models {

static_assert(std::endian::native == std::endian::little, "snapshots are little-endian");

class byte_writer {
public:
  static constexpr bool reading = false;
  explicit byte_writer(std::string& out)
      : out_(&out) {}

  template <class... Ts> void operator()(const Ts&... values) { (put(values), ...); }
  [[nodiscard]] bool ok() const noexcept { return true; }

private:
  template <class T> void put(const T& value) {
    if constexpr (requires(T & v, byte_writer & w) { v.fields(w); }) {
      const_cast<T&>(value).fields(*this); // fields() of a writer only reads
    } else {
      static_assert(std::is_trivially_copyable_v<T>);
      const auto at = out_->size();
      out_->resize(at + sizeof(T));
      std::memcpy(out_->data() + at, &value, sizeof(T));
    }
  }
  template <class T> void put(const std::vector<T>& values) {
    put(static_cast<std::uint64_t>(values.size()));
    if constexpr (std::is_trivially_copyable_v<T>)
      out_->append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    else
      for (const auto& value : values)
        put(value);
  }
  void put(const std::string& text) {
    put(static_cast<std::uint64_t>(text.size()));
    out_->append(text);
  }

  std::string* out_;
};

class byte_reader {
public:
  static constexpr bool reading = true;
  explicit byte_reader(std::string_view bytes)
      : bytes_(bytes) {}

  template <class... Ts> void operator()(Ts&... values) { (take(values), ...); }
  // False once anything was missing; what was read since is default or zero.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::string_view rest() const noexcept { return bytes_; }
  void fail() noexcept {
    ok_ = false;
    bytes_ = {};
  }

private:
  template <class T> void take(T& value) {
    if constexpr (requires(byte_reader & r) { value.fields(r); }) {
      value.fields(*this);
    } else {
      static_assert(std::is_trivially_copyable_v<T>);
      if (bytes_.size() < sizeof(T)) return fail();
      std::memcpy(&value, bytes_.data(), sizeof(T));
      bytes_.remove_prefix(sizeof(T));
    }
  }
  template <class T> void take(std::vector<T>& values) {
    std::uint64_t size = 0;
    take(size);
    if constexpr (std::is_trivially_copyable_v<T>) {
      if (size > bytes_.size() / sizeof(T)) return fail();
      values.resize(size);
      if (size == 0) return;
      std::memcpy(static_cast<void*>(values.data()), bytes_.data(), size * sizeof(T));
      bytes_.remove_prefix(size * sizeof(T));
    } else {
      if (size > bytes_.size()) return fail(); // every element takes at least a byte
      values.clear();
      for (std::uint64_t i = 0; i < size && ok_; ++i)
        take(values.emplace_back());
    }
  }
  void take(std::string& text) {
    std::uint64_t size = 0;
    take(size);
    if (size > bytes_.size()) return fail();
    text.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
  }

  std::string_view bytes_;
  bool ok_ = true;
};

} // namespace forestage::models
