// Who may do what with a message collection: four verbs, default deny. Pure values.
//
// A resource collection lets requesters put and its provider get and purge; a peer collection lets the
// provider put and its one requester get and purge. A delegate is named like anybody else: it may put on a
// peer's behalf, and nothing more. Rules add up; there is no rule that takes away.
#pragma once

#include "models/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace forestage::actors {

enum class verb : std::uint8_t { create = 1, put = 2, get = 4, purge = 8 };

[[nodiscard]] std::string_view to_string(verb v) noexcept;

// A set of verbs.
class verbs {
public:
  constexpr verbs() = default;
  constexpr verbs(verb v) // NOLINT: one verb is a set
      : bits_(static_cast<std::uint8_t>(v)) {}
  [[nodiscard]] constexpr bool has(verb v) const noexcept {
    return (bits_ & static_cast<std::uint8_t>(v)) != 0;
  }
  [[nodiscard]] friend constexpr verbs operator|(verbs a, verbs b) noexcept {
    verbs out;
    out.bits_ = static_cast<std::uint8_t>(a.bits_ | b.bits_);
    return out;
  }
  friend constexpr bool operator==(verbs, verbs) = default;

private:
  std::uint8_t bits_ = 0;
};
[[nodiscard]] constexpr verbs operator|(verb a, verb b) noexcept {
  return verbs{a} | verbs{b};
}

class access_list {
public:
  static constexpr std::size_t most_rules = 65'536;

  // A peer by its id, or every peer that is let in at all. Errors: limit_exceeded beyond most_rules.
  [[nodiscard]] models::status allow(std::string_view peer, verbs what);
  void allow_everybody(verbs what) { everybody_ = everybody_ | what; }
  // What the peer was allowed by name.
  void forbid(std::string_view peer);

  [[nodiscard]] bool allows(std::string_view peer, verb what) const noexcept;
  [[nodiscard]] std::size_t rules() const noexcept { return rules_.size(); }

  friend bool operator==(const access_list&, const access_list&) = default;

private:
  std::map<std::string, verbs, std::less<>> rules_; // by peer
  verbs everybody_;
};

} // namespace forestage::actors
