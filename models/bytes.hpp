// A byte archive for snapshots: writes and reads plain values, little-endian, without padding.
//
// A type takes part by a member `template <class Archive> void fields(Archive&)` that names each member once,
// so that what is written and what is read cannot drift apart. Readers never trust lengths: a container may
// not be larger than what is left, and a bool is 0 or 1.
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

// Tells damaged bytes from good ones; nothing against forgers. Words of eight bytes, FNV-1a with a fold.
[[nodiscard]] inline std::uint64_t checksum(std::string_view bytes) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const auto size = bytes.size() < sizeof word ? bytes.size() : sizeof word;
    std::memcpy(&word, bytes.data(), size);
    bytes.remove_prefix(size);
    hash = (hash ^ word) * 0x100000001b3ULL;
    hash ^= hash >> 29U;
  }
  return hash;
}

// Ends what was written behind `begin` with its checksum.
inline void seal(std::string& bytes, std::size_t begin) {
  const auto sum = checksum(std::string_view{bytes}.substr(begin));
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
}

// Takes the checksum off. False when it is not that of the bytes.
[[nodiscard]] inline bool unseal(std::string_view& bytes) noexcept {
  std::uint64_t sum = 0;
  if (bytes.size() < sizeof sum) return false;
  const auto content = bytes.substr(0, bytes.size() - sizeof sum);
  std::memcpy(&sum, bytes.data() + content.size(), sizeof sum);
  if (checksum(content) != sum) return false;
  bytes = content;
  return true;
}

// Types that name their members. Others are written as they lie in memory: they must have no padding.
template <class T, class Archive>
concept has_fields = requires(T& value, Archive& archive) {
  value.fields(archive);
};

class byte_writer {
public:
  static constexpr bool reading = false;
  explicit byte_writer(std::string& out)
      : out_(&out) {}

  template <class... Ts> void operator()(const Ts&... values) { (put(values), ...); }
  [[nodiscard]] bool ok() const noexcept { return true; }

private:
  template <class T> void put(const T& value) {
    if constexpr (has_fields<T, byte_writer>) {
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
    if constexpr (std::is_trivially_copyable_v<T> && !has_fields<T, byte_writer>)
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
    if constexpr (has_fields<T, byte_reader>) {
      value.fields(*this);
    } else {
      static_assert(std::is_trivially_copyable_v<T>);
      if (bytes_.size() < sizeof(T)) return fail();
      if constexpr (std::is_same_v<T, bool>)
        if (static_cast<unsigned char>(bytes_.front()) > 1) return fail();
      std::memcpy(&value, bytes_.data(), sizeof(T));
      bytes_.remove_prefix(sizeof(T));
    }
  }
  template <class T> void take(std::vector<T>& values) {
    std::uint64_t size = 0;
    take(size);
    if constexpr (std::is_trivially_copyable_v<T> && !has_fields<T, byte_reader>) {
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
