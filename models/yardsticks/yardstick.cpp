#include "models/yardsticks/yardstick.hpp"

#include <cmath>
#include <string>

namespace forestage::models {

namespace {

status within(std::string_view name, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return success();
  return {errc::invalid_argument, std::string{name} + " is " + std::to_string(value) + "; allowed are " +
                                      std::to_string(least) + " to " + std::to_string(most)};
}

void add(candidate_sums& to, const candidate_sums& from) noexcept {
  to.cold += from.cold;
  to.waste += from.waste;
}

} // namespace

std::string_view to_string(yardstick policy) noexcept {
  switch (policy) {
  case yardstick::none:
    return "none";
  case yardstick::reactive:
    return "reactive";
  case yardstick::keepalive_3:
    return "keepalive-3";
  case yardstick::keepalive_6:
    return "keepalive-6";
  case yardstick::keepalive_12:
    return "keepalive-12";
  case yardstick::last_day:
    return "last-day";
  case yardstick::last_week:
    return "last-week";
  case yardstick::static_q:
    return "static-q";
  case yardstick::tod14:
    return "tod14";
  case yardstick::reactive_tuned:
    return "reactive-tuned";
  case yardstick::last_week_tuned:
    return "last-week-tuned";
  case yardstick::oracle:
    return "oracle";
  }
  return "unknown";
}

status validate(const yardstick_settings& settings) {
  if (auto checked = within("lead", settings.lead, 0, 1'000'000); !checked) return checked;
  if (auto checked = within("per_day", settings.per_day, 1, 86'400); !checked) return checked;
  if (auto checked = within("per_week", settings.per_week, 1, 604'800); !checked) return checked;
  if (settings.evaluation < settings.first)
    return {errc::invalid_argument, "the evaluation part starts before the log does"};
  const auto sum = settings.cost_under + settings.cost_over;
  if (!(settings.cost_under >= 0 && settings.cost_over >= 0 && sum > 0 && std::isfinite(sum)))
    return {errc::invalid_argument, "cost_under and cost_over must be at least 0, and not both 0"};
  return success();
}

yardstick_sums& yardstick_sums::operator+=(const yardstick_sums& other) noexcept {
  requests += other.requests;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    policies[i].cold += other.policies[i].cold;
    policies[i].waste += other.policies[i].waste;
    policies[i].allocated += other.policies[i].allocated;
    policies[i].used += other.policies[i].used;
  }
  for (std::size_t w = 0; w < windows.size(); ++w)
    for (std::size_t h = 0; h < weeks.size(); ++h)
      add(windows[w][h], other.windows[w][h]);
  for (std::size_t h = 0; h < weeks.size(); ++h)
    add(weeks[h], other.weeks[h]);
  return *this;
}

tuned_choice choose_tuned(const yardstick_sums& warmup, const yardstick_settings& settings) noexcept {
  const auto cost = [&](const candidate_sums& one) {
    return settings.cost_under * static_cast<double>(one.cold) +
           settings.cost_over * static_cast<double>(one.waste);
  };
  tuned_choice best;
  for (std::uint8_t h = 0; h < tuned_headroom_quarters.size(); ++h) {
    if (cost(warmup.weeks[h]) < cost(warmup.weeks[best.week_headroom])) best.week_headroom = h;
  }
  for (std::uint8_t w = 0; w < tuned_windows.size(); ++w)
    for (std::uint8_t h = 0; h < tuned_headroom_quarters.size(); ++h)
      if (cost(warmup.windows[w][h]) < cost(warmup.windows[best.window][best.headroom])) {
        best.window = w;
        best.headroom = h;
      }
  return best;
}

} // namespace forestage::models
