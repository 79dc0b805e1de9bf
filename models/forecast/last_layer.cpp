#include "models/forecast/last_layer.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace forestage::models {

namespace {

constexpr std::size_t own_candidates = 2; // bands on the log scale, bands in values

// The mixture's path decides unless something else was cheaper; while little is known, the time of day.
std::vector<candidate_prior> priors() {
  return {{1, 0}, {0.05, 0}, {0.05, 1}, {0.02, 0}, {0.02, 0}, {0.05, 0}, {0.05, 0}};
}

std::vector<std::size_t> every_step(std::size_t horizon) {
  std::vector<std::size_t> steps(horizon);
  std::iota(steps.begin(), steps.end(), std::size_t{0});
  return steps;
}

} // namespace

judged_steps::judged_steps(std::span<const std::size_t> block_ends) {
  constexpr std::size_t most = 16;
  std::size_t begin = 0;
  for (const auto end : block_ends) {
    const auto length = end - begin, n = std::min(most, length);
    for (std::size_t i = 0; i < n; ++i)
      steps_.push_back(begin + (2 * i + 1) * length / (2 * n));
    ends_.push_back(steps_.size());
    begin = end;
  }
}

last_layer::last_layer(const horizon_knots& knots, std::size_t blocks, double memory)
    : knots_(knots)
    , errors_{error_bands{knots.size()}, error_bands{knots.size()}}
    , mixture_(priors(), blocks, memory)
    , correction_(blocks) {}

std::vector<float> last_layer::value_scales(const panel_member& own, std::size_t t) const {
  std::vector<float> out;
  for (std::size_t n = 0; n < knots_.size(); ++n)
    out.push_back(own.analogues().scale(own.seen(t) + knots_.step(n) - 1));
  return out;
}

void last_layer::learn(std::size_t knot, double log_error, double value_error, last_layer& pooled,
                       double memory) {
  errors_.logs.learn(knot, log_error, pooled.errors_.logs, memory);
  errors_.values.learn(knot, value_error, pooled.errors_.values, memory);
}

std::vector<float> last_layer::candidates(const panel_member& own, std::size_t t, std::span<const float> path,
                                          std::span<const double> qs, std::span<const std::size_t> steps,
                                          const last_layer& pooled) const {
  const auto h = path.size(), each = qs.size() * steps.size();
  const auto unit = static_cast<float>(own.relative_unit());
  std::vector<float> out((own_candidates + analogue_bands::count) * each);
  const std::span all{out};
  std::vector<float> scales(h), by_step(h), values(h);
  own.profile().scales(scales);
  const auto logs = errors_.logs.offsets(qs, pooled.errors_.logs);
  for (std::size_t i = 0; i < qs.size(); ++i) {
    knots_.spread(std::span{logs}.subspan(i * knots_.size(), knots_.size()), by_step);
    band_path(path, scales, by_step, own.scale_of_values(), values);
    for (std::size_t k = 0; k < steps.size(); ++k)
      out[i * steps.size() + k] = values[steps[k]];
  }
  std::fill(by_step.begin(), by_step.end(), 0.0F);
  band_path(path, by_step, by_step, own.scale_of_values(), values);
  const auto offsets = errors_.values.offsets(qs, pooled.errors_.values);
  for (std::size_t i = 0; i < qs.size(); ++i) {
    knots_.spread(std::span{offsets}.subspan(i * knots_.size(), knots_.size()), by_step);
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const auto s = steps[k];
      const float offset = by_step[s] * own.analogues().scale(own.seen(t) + s) * unit;
      out[each + i * steps.size() + k] = std::max(0.0F, values[s] + offset);
    }
  }
  const auto analogues = all.subspan(own_candidates * each);
  own.analogues().predict(own.relative_values().first(own.seen(t)), steps, qs, analogues);
  for (auto& v : analogues)
    v *= unit;
  return out;
}

std::vector<std::vector<float>> last_layer::candidate(std::size_t which, const panel_member& own,
                                                      std::size_t t, std::span<const float> path,
                                                      std::span<const double> qs,
                                                      const last_layer& pooled) const {
  const auto h = path.size();
  const auto said = candidates(own, t, path, qs, every_step(h), pooled);
  std::vector<std::vector<float>> out(qs.size(), std::vector<float>(h));
  for (std::size_t i = 0; i < qs.size(); ++i)
    for (std::size_t k = 0; k < h; ++k) {
      out[i][k] = own.to_possible(std::min(said[(which * qs.size() + i) * h + k], own.most_value()), t);
      if (i > 0) out[i][k] = std::max(out[i][k], out[i - 1][k]);
    }
  return out;
}

void last_layer::score(const panel_member& own, std::size_t t, std::span<const float> said,
                       const judged_steps& judged, last_layer& pooled) {
  constexpr auto levels = quantile_mixture::levels;
  const auto steps = judged.all();
  const double unit = own.relative_unit();
  const auto came = own.relative_values().subspan(own.seen(t));
  std::vector<double> losses;
  losses.reserve(mixture_.size());
  for (std::size_t c = 0; c < mixture_.candidates(); ++c)
    for (std::size_t l = 0; l < levels.size(); ++l)
      for (std::size_t b = 0, k = 0; b < judged.blocks(); ++b) {
        const auto from = k;
        double sum = 0;
        for (; k < judged.end(b); ++k) {
          const double error =
              double{came[steps[k]]} - double{said[(c * levels.size() + l) * steps.size() + k]} / unit;
          sum += error >= 0 ? levels[l] * error : (levels[l] - 1) * error;
        }
        losses.push_back(sum / static_cast<double>(k - from));
      }
  mixture_.score(losses, pooled.mixture_);
}

std::vector<double> last_layer::averages(const panel_member& own, std::span<const float> said,
                                         const judged_steps& judged, const last_layer& pooled) const {
  constexpr auto levels = quantile_mixture::levels;
  const auto n = judged.all().size();
  const double unit = own.relative_unit();
  std::vector<double> out(levels.size() * n, 0);
  for (std::size_t l = 0; l < levels.size(); ++l)
    for (std::size_t b = 0; b < judged.blocks(); ++b) {
      const auto weights = mixture_.weights(levels[l], b, pooled.mixture_);
      for (auto k = judged.begin(b); k < judged.end(b); ++k) {
        auto& here = out[l * n + k];
        for (std::size_t c = 0; c < weights.size(); ++c)
          here += weights[c] * double{said[(c * levels.size() + l) * n + k]} / unit;
        if (l > 0) here = std::max(here, out[(l - 1) * n + k]);
      }
    }
  return out;
}

void last_layer::correct(const panel_member& own, std::size_t t, std::span<const double> averages,
                         const judged_steps& judged, std::size_t block, last_layer& pooled,
                         std::size_t members, double haste) {
  constexpr auto levels = quantile_mixture::levels;
  const auto steps = judged.all();
  const auto came = own.relative_values().subspan(own.seen(t));
  std::vector<distribution_place> places;
  std::array<double, levels.size()> quantiles{};
  for (auto k = judged.begin(block); k < judged.end(block); ++k) {
    for (std::size_t l = 0; l < levels.size(); ++l)
      quantiles[l] = averages[l * steps.size() + k];
    places.push_back(place_among(levels, quantiles, double{came[steps[k]]}, own.relative_step(t)));
  }
  correction_.learn(block, places, pooled.correction_, members, haste);
}

std::vector<std::vector<float>> last_layer::quantiles(const panel_member& own, std::size_t t,
                                                      std::span<const float> path, std::span<const double> qs,
                                                      std::span<const std::size_t> block_ends,
                                                      std::span<const float> median,
                                                      const last_layer& pooled) const {
  const auto h = path.size();
  const float most = own.most_value();
  std::vector<std::vector<float>> out(qs.size(), std::vector<float>(h));
  std::vector<double> asked(qs.size());
  for (std::size_t b = 0, begin = 0; b < block_ends.size(); begin = block_ends[b], ++b) {
    std::transform(qs.begin(), qs.end(), asked.begin(),
                   [&](double q) { return correction_.asked(q, b, pooled.correction_); });
    std::vector<std::size_t> steps(block_ends[b] - begin);
    std::iota(steps.begin(), steps.end(), begin);
    const auto said = candidates(own, t, path, asked, steps, pooled);
    for (std::size_t i = 0; i < qs.size(); ++i) {
      const auto weights = mixture_.weights(asked[i], b, pooled.mixture_);
      for (std::size_t k = 0; k < steps.size(); ++k) {
        double sum = 0;
        for (std::size_t c = 0; c < weights.size(); ++c)
          sum += weights[c] * double{said[(c * qs.size() + i) * steps.size() + k]};
        out[i][begin + k] = own.to_possible(std::min(static_cast<float>(sum), most), t);
      }
    }
  }
  for (std::size_t i = 0; i < qs.size(); ++i) {
    auto& values = out[i];
    for (std::size_t k = 0; k < median.size(); ++k) {
      if (qs[i] <= 0.5) values[k] = std::min(values[k], median[k]);
      if (qs[i] >= 0.5) values[k] = std::max(values[k], median[k]);
    }
    for (std::size_t k = 0; i > 0 && k < h; ++k)
      values[k] = std::max(values[k], out[i - 1][k]);
  }
  return out;
}

} // namespace forestage::models
