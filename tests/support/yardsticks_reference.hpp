// The yardsticks straight from their definitions, interval by interval: what the event-driven tracker must
// equal. Tests only: slow on purpose, and sharing no code with models/yardsticks but its plain types.
#pragma once

#include "models/yardsticks/yardstick.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace forestage::tests {

class yardsticks_reference {
public:
  // demand[i]: the count of the interval first + i.
  yardsticks_reference(const models::yardstick_settings& settings, models::tuned_choice choice,
                       std::vector<std::int64_t> demand)
      : settings_(settings)
      , choice_(choice)
      , demand_(std::move(demand))
      , static_q_(static_q()) {}

  // Units that a policy holds ready in the interval first + t.
  [[nodiscard]] std::int64_t allocation(models::yardstick policy, std::int64_t t) const {
    using models::yardstick;
    switch (policy) {
    case yardstick::none:
      return 0;
    case yardstick::reactive:
      return count(t - settings_.lead - 1);
    case yardstick::keepalive_3:
      return largest(t, 3);
    case yardstick::keepalive_6:
      return largest(t, 6);
    case yardstick::keepalive_12:
      return largest(t, 12);
    case yardstick::last_day:
      return ago(t, settings_.per_day);
    case yardstick::last_week:
      return ago(t, settings_.per_week);
    case yardstick::static_q:
      return evaluates(t) ? static_q_ : 0;
    case yardstick::tod14:
      return tod14(t);
    case yardstick::reactive_tuned:
      return evaluates(t) ? reactive_tuned(t, choice_.window, choice_.headroom) : 0;
    case yardstick::last_week_tuned:
      return evaluates(t) ? last_week_tuned(t, choice_.week_headroom) : 0;
    case yardstick::oracle:
      return count(t);
    }
    return 0;
  }

  // The sums of the intervals [first + from, first + to), those aside that are open.
  [[nodiscard]] models::yardstick_sums sums(std::int64_t from, std::int64_t to,
                                            const std::vector<bool>& open = {}) const {
    models::yardstick_sums out;
    for (auto t = from; t < to; ++t) {
      if (!open.empty() && open[static_cast<std::size_t>(t)]) continue;
      const auto d = count(t);
      out.requests += d;
      for (std::size_t i = 0; i < models::yardstick_count; ++i) {
        const auto policy = static_cast<models::yardstick>(i);
        if (only_evaluated(policy) && !evaluates(t)) continue;
        const auto a = allocation(policy, t);
        auto& sum = out.policies[i];
        sum.cold += std::max<std::int64_t>(d - a, 0);
        sum.waste += std::max<std::int64_t>(a - d, 0);
        sum.allocated += a;
        sum.used += std::min(a, d);
      }
      if (evaluates(t)) continue;
      for (std::size_t w = 0; w < windows.size(); ++w) {
        const auto most = largest(t, windows[w]);
        for (std::size_t h = 0; h < headrooms.size(); ++h)
          add(out.windows[w][h], with_headroom(most, h), d);
      }
      for (std::size_t h = 0; h < headrooms.size(); ++h)
        add(out.weeks[h], last_week_tuned(t, h), d);
    }
    return out;
  }

  [[nodiscard]] static bool only_evaluated(models::yardstick policy) {
    using models::yardstick;
    return policy == yardstick::static_q || policy == yardstick::reactive_tuned ||
           policy == yardstick::last_week_tuned;
  }
  [[nodiscard]] bool evaluates(std::int64_t t) const { return t >= settings_.evaluation - settings_.first; }

private:
  static constexpr std::array windows{1, 3, 6, 12, 48, 288};
  static constexpr std::array headrooms{1.0, 1.25, 1.5, 2.0, 3.0};

  static void add(models::candidate_sums& sum, std::int64_t a, std::int64_t d) {
    sum.cold += std::max<std::int64_t>(d - a, 0);
    sum.waste += std::max<std::int64_t>(a - d, 0);
  }
  [[nodiscard]] std::int64_t count(std::int64_t t) const {
    return t < 0 || t >= static_cast<std::int64_t>(demand_.size()) ? 0 : demand_[static_cast<std::size_t>(t)];
  }
  [[nodiscard]] std::int64_t ago(std::int64_t t, std::int64_t shift) const {
    return shift < settings_.lead + 1 ? 0 : count(t - shift);
  }
  [[nodiscard]] std::int64_t largest(std::int64_t t, std::int64_t window) const {
    std::int64_t most = 0;
    for (std::int64_t j = 0; j < window; ++j)
      most = std::max(most, count(t - settings_.lead - 1 - j));
    return most;
  }
  [[nodiscard]] std::int64_t fractile(std::vector<std::int64_t> values) const {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const auto rank =
        static_cast<std::int64_t>(std::ceil(settings_.tau() * static_cast<double>(values.size()) - 1e-9));
    return values[static_cast<std::size_t>(std::max<std::int64_t>(rank, 1) - 1)];
  }
  [[nodiscard]] std::int64_t static_q() const {
    std::vector<std::int64_t> all;
    for (std::int64_t t = 0; !evaluates(t); ++t)
      all.push_back(count(t));
    return fractile(all);
  }
  [[nodiscard]] std::int64_t tod14(std::int64_t t) const {
    std::vector<std::int64_t> known;
    for (std::int64_t j = 1; j <= 14; ++j) {
      const auto then = t - j * settings_.per_day;
      if (then >= 0 && then <= t - settings_.lead - 1) known.push_back(count(then));
    }
    return fractile(known);
  }
  [[nodiscard]] static std::int64_t with_headroom(std::int64_t x, std::size_t h) {
    return static_cast<std::int64_t>(std::ceil(headrooms[h] * static_cast<double>(x) - 1e-9));
  }
  [[nodiscard]] std::int64_t reactive_tuned(std::int64_t t, std::size_t window, std::size_t headroom) const {
    return with_headroom(largest(t, windows[window]), headroom);
  }
  [[nodiscard]] std::int64_t last_week_tuned(std::int64_t t, std::size_t headroom) const {
    return with_headroom(ago(t, settings_.per_week), headroom);
  }

  models::yardstick_settings settings_;
  models::tuned_choice choice_;
  std::vector<std::int64_t> demand_;
  std::int64_t static_q_;
};

} // namespace forestage::tests
