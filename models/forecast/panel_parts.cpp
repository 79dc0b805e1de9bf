#include "models/forecast/panel_parts.hpp"

#include "models/forecast/segments.hpp"

#include <algorithm>

namespace forestage::models {

std::vector<segmentation> segmentations_of(std::span<const tracked_member> members,
                                           const panel_settings& settings, const lag_shape& shape,
                                           std::size_t at) {
  constexpr std::size_t least_per_segment = 5;
  std::vector<std::vector<double>> rows;
  for (const auto& m : members) {
    auto row =
        features_of(m.own.values().first(at > m.own.begin() ? at - m.own.begin() : 0), settings.seasons);
    if (row.empty()) row.assign(settings.seasons.long_season + 4, 0);
    rows.push_back(std::move(row));
  }
  std::vector<segmentation> out;
  for (std::size_t s = 0; s < settings.segmentations.size(); ++s) {
    const auto k = std::min(settings.segmentations[s], members.size() / least_per_segment);
    out.push_back({k_means(rows, k, settings.seed + s), std::vector<double>(k, 0),
                   std::vector<lag_statistics>(k, lag_statistics{shape}), std::vector<lag_weights>(k)});
  }
  return out;
}

void weigh_noise(segmentation& one, std::span<const tracked_member> members) {
  std::vector<double> count(one.statistics.size(), 0);
  std::fill(one.mean_precision.begin(), one.mean_precision.end(), 0.0);
  for (std::size_t i = 0; i < members.size(); ++i) {
    one.mean_precision[one.labels[i]] += 1 / members[i].own.noise();
    ++count[one.labels[i]];
  }
  for (std::size_t k = 0; k < count.size(); ++k)
    one.mean_precision[k] = count[k] > 0 ? one.mean_precision[k] / count[k] : 1;
}

} // namespace forestage::models
