// Strong ids. Names of resources and regions are UTF-8 of at most 256 bytes; the empty name is allowed (a log
// whose field is empty) and shown as "(none)". Numbers are dense, local to their owner, and never leave it.
#pragma once

#include "models/result.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace forestage::models {

inline constexpr std::size_t max_name_bytes = 256;

// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

// A 64-bit hash that is the same in every process, build and machine (FNV-1a, then the finalizer of
// SplitMix64).
[[nodiscard]] std::uint64_t stable_hash(std::string_view bytes) noexcept;

// The finalizer of SplitMix64: a bijection after which every bit depends on every bit.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
  x ^= x >> 30U;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27U;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

template <class Tag> class name {
public:
  name() = default;
  // Errors: invalid_data for more than 256 bytes or broken UTF-8.
  [[nodiscard]] static result<name> make(std::string_view text) {
    if (text.size() > max_name_bytes)
      return {errc::invalid_data,
              "an id of " + std::to_string(text.size()) + " bytes; at most 256 are allowed"};
    if (!is_utf8(text)) return {errc::invalid_data, "an id that is not valid UTF-8"};
    return name{std::string{text}};
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::uint64_t hash() const noexcept { return stable_hash(text_); }
  friend auto operator<=>(const name&, const name&) = default;

private:
  explicit name(std::string text)
      : text_(std::move(text)) {}
  std::string text_;
};

using resource_id = name<struct resource_tag>;
using region_id = name<struct region_tag>;
using segment_id = name<struct segment_tag>;

// A dense number. Explicit both ways.
template <class Tag> class number {
public:
  constexpr number() = default;
  explicit constexpr number(std::uint32_t value) noexcept
      : value_(value) {}
  [[nodiscard]] constexpr std::uint32_t value() const noexcept { return value_; }
  friend constexpr auto operator<=>(number, number) = default;

private:
  std::uint32_t value_ = 0;
};

using shard_id = number<struct shard_tag>;
using region_number = number<struct region_number_tag>;

// The shard that owns a resource among `shards` (>= 1) of them.
[[nodiscard]] shard_id shard_of(const resource_id& resource, std::uint32_t shards) noexcept;

} // namespace forestage::models

template <class Tag> struct std::hash<forestage::models::name<Tag>> {
  std::size_t operator()(const forestage::models::name<Tag>& id) const noexcept { return id.hash(); }
};
template <class Tag> struct std::hash<forestage::models::number<Tag>> {
  std::size_t operator()(forestage::models::number<Tag> id) const noexcept { return id.value(); }
};
