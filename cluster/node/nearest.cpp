#include "cluster/node/nearest.hpp"

#include <algorithm>
#include <array>

namespace forestage::cluster {

// Optimal string alignment, three rows at a time.
std::size_t typing_distance(std::string_view a, std::string_view b) {
  std::array<std::vector<std::size_t>, 3> rows;
  for (auto& row : rows)
    row.resize(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& now = rows[i % 3];
    const auto& before = rows[(i + 2) % 3];
    const auto& earlier = rows[(i + 1) % 3];
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], earlier[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::string_view nearest_name(std::string_view typed, const std::vector<std::string_view>& names) {
  std::string_view best;
  std::size_t least = 0;
  for (const auto name : names) {
    const auto bound = std::max<std::size_t>(2, name.size() / 3);
    // Far longer words are not looked at: what was typed may be anything.
    if (typed.size() > name.size() + bound) continue;
    const auto distance = typing_distance(typed, name);
    if (distance <= bound && (best.empty() || distance < least)) {
      best = name;
      least = distance;
    }
  }
  return best;
}

} // namespace forestage::cluster
