#include "models/demand/intent_pool.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

intent_statistics& intent_statistics::operator+=(const intent_statistics& other) noexcept {
  requests += other.requests;
  in_time += other.in_time;
  for (std::size_t i = 0; i < shifts.size(); ++i)
    shifts[i] += other.shifts[i];
  cost_without += other.cost_without;
  cost_with += other.cost_with;
  for (std::size_t s = 0; s < readings.size(); ++s)
    for (std::size_t i = 0; i < intent_readings; ++i)
      readings[s][i] += other.readings[s][i];
  beside += other.beside;
  for (std::size_t i = 0; i < burst_choices; ++i)
    burst_losses[i] += other.burst_losses[i];
  return *this;
}

float intent_parameters::in_time_share() const noexcept {
  return static_cast<float>(std::clamp(in_time / requests, 0.0, 1.0));
}

float intent_parameters::kernel(int shift) const noexcept {
  return static_cast<float>(shifts[static_cast<std::size_t>(shift + 1)] /
                            (shifts[0] + shifts[1] + shifts[2]));
}

float intent_parameters::cost_ratio() const noexcept {
  return cost_without > 0 ? static_cast<float>(cost_with / cost_without) : 1.0F;
}

intent_parameters learn_intents(const intent_statistics& sums, const intent_parameters& before) {
  auto next = before;
  const double kept = std::exp2(-1.0 / 7);
  // A pinch is never forgotten, so that shares stay defined.
  next.requests = std::max(1e-3, before.requests * kept) + static_cast<double>(sums.requests);
  next.in_time = before.in_time * kept + static_cast<double>(sums.in_time);
  std::int64_t came = 0;
  for (const auto n : sums.shifts)
    came += n;
  const double remembered = std::pow(0.9999, static_cast<double>(came));
  for (std::size_t i = 0; i < next.shifts.size(); ++i)
    next.shifts[i] = std::max(1e-3, before.shifts[i] * remembered) + static_cast<double>(sums.shifts[i]);
  next.cost_without = before.cost_without * kept + static_cast<double>(sums.cost_without);
  next.cost_with = before.cost_with * kept + static_cast<double>(sums.cost_with);
  for (std::size_t s = 0; s < next.readings.size(); ++s)
    for (std::size_t i = 0; i < intent_readings; ++i)
      next.readings[s][i] = before.readings[s][i] * kept +
                            static_cast<double>(sums.readings[s][i]) / intent_statistics::cost_unit;
  next.beside = before.beside * kept + static_cast<double>(sums.beside) / intent_statistics::burst_unit;
  for (std::size_t i = 0; i < burst_choices; ++i)
    next.burst_losses[i] = before.burst_losses[i] * kept +
                           static_cast<double>(sums.burst_losses[i]) / intent_statistics::burst_unit;
  return next;
}

} // namespace forestage::models
