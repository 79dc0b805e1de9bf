// The name that somebody may have meant. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace forestage::cluster {

// How many letters must be put in, left out, changed or swapped with the next one.
[[nodiscard]] std::size_t typing_distance(std::string_view a, std::string_view b);

// The nearest of the names, the first of equals; empty when none is within a third of its letters (at least
// two).
[[nodiscard]] std::string_view nearest_name(std::string_view typed,
                                            const std::vector<std::string_view>& names);

} // namespace forestage::cluster
