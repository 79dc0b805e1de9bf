#include "models/catalogue/catalogue.hpp"

#include "models/glob.hpp"

#include <algorithm>
#include <utility>

namespace forestage::models {

result<catalogue> catalogue::make(std::span<const catalogue_entry> entries) {
  catalogue made;
  if (!entries.empty()) made.kinds_.emplace_back();
  for (const auto& entry : entries) {
    auto at = std::find(made.kinds_.begin(), made.kinds_.end(), entry.kind);
    if (at == made.kinds_.end()) {
      if (made.kinds_.size() == most_kinds)
        return error{errc::limit_exceeded, "resource '" + entry.resource + "': the kind '" + entry.kind +
                                               "' is one too many; at most " +
                                               std::to_string(most_kinds - 1) +
                                               " kinds can be told apart, so join those that are alike"};
      at = made.kinds_.insert(made.kinds_.end(), entry.kind);
    }
    const auto kind = static_cast<kind_number>(at - made.kinds_.begin());
    if (is_glob(entry.resource)) {
      if (made.globs_.size() == most_globs)
        return error{errc::limit_exceeded, "resource '" + entry.resource +
                                               "': one glob too many, every new resource is tried against "
                                               "all; at most " +
                                               std::to_string(most_globs) +
                                               " are allowed, so join some or name resources"};
      made.globs_.emplace_back(entry.resource, kind);
      continue;
    }
    const auto [known, fresh] = made.names_.emplace(entry.resource, kind);
    if (!fresh && known->second != kind)
      return error{errc::invalid_data, "resource '" + entry.resource + "' is of the kind '" +
                                           made.kinds_[known->second] + "' and of '" + entry.kind +
                                           "'; keep one of the two rows"};
  }
  return made;
}

kind_number catalogue::kind_of(std::string_view resource) const {
  if (kinds_.empty()) return 0;
  if (const auto at = names_.find(std::string{resource}); at != names_.end()) return at->second;
  const auto at = std::find_if(globs_.begin(), globs_.end(),
                               [&](const auto& glob) { return matches_glob(glob.first, resource); });
  return at == globs_.end() ? kind_number{0} : at->second;
}

} // namespace forestage::models
