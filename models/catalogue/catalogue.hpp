// The catalogue: what is known of resources before anybody asks for them. Today: their kind, from which a
// resource that is new takes the rhythm it begins with (demand/rhythm.hpp).
//
// A name stands for one resource, a glob for all that match it. A resource's own name decides before any
// glob; of globs, the first. Immutable; the numbers of kinds follow their first appearance, so the same rows
// give the same.
#pragma once

#include "models/demand/rhythm.hpp"
#include "models/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace forestage::models {

struct catalogue_entry {
  std::string resource; // a name, or a glob
  std::string kind;     // empty: none
  friend bool operator==(const catalogue_entry&, const catalogue_entry&) = default;
};

class catalogue {
public:
  catalogue() = default;
  static constexpr std::size_t most_globs = 1'000;

  // Errors: limit_exceeded (more kinds or globs than fit), invalid_data (a name that comes twice, with
  // different kinds); the text names the entry.
  [[nodiscard]] static result<catalogue> make(std::span<const catalogue_entry> entries);

  // 0: the catalogue does not say.
  [[nodiscard]] kind_number kind_of(std::string_view resource) const;
  // By number; the first, of none, is empty. An empty catalogue has none at all.
  [[nodiscard]] const std::vector<std::string>& kinds() const noexcept { return kinds_; }
  [[nodiscard]] bool empty() const noexcept { return kinds_.empty(); }

private:
  std::vector<std::string> kinds_;
  std::unordered_map<std::string, kind_number> names_;
  std::vector<std::pair<std::string, kind_number>> globs_; // in their order
};

} // namespace forestage::models
