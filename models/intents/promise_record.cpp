#include "models/intents/promise_record.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

constexpr double prior = 64;     // promised requests that the beginning is worth
constexpr double keeps = 0.9999; // of the past, per promised request

std::size_t place_of(std::int64_t ahead) {
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(ahead, 1, static_cast<std::int64_t>(promise_record::most_ahead)) - 1);
}

} // namespace

void promise_record::sums::add(double more_promised, double more_kept) noexcept {
  const auto left = std::pow(keeps, more_promised);
  promised = promised * left + more_promised;
  kept = kept * left + more_kept;
}

float promise_record::of_all() const noexcept {
  return static_cast<float>(std::min(1.0, (prior + all_.kept) / (prior + all_.promised)));
}

float promise_record::of(std::int64_t ahead) const noexcept {
  const auto& d = distances_[place_of(ahead)];
  const auto start = (prior + all_.kept) / (prior + all_.promised);
  return static_cast<float>(std::min(1.0, (prior * start + d.kept) / (prior + d.promised)));
}

void promise_record::observe(std::int64_t ahead, double promised, std::int64_t kept) noexcept {
  if (!(promised > 0) && kept == 0) return;
  distances_[place_of(ahead)].add(promised, static_cast<double>(kept));
  all_.add(promised, static_cast<double>(kept));
}

} // namespace forestage::models
