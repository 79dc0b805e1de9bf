#include "models/demand/slot_profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace forestage::models {

namespace {

// Powers of what a zero leaves. The profiles' own weights leave nothing of a long gap; slow averages do.
float power(float kept, std::int64_t n) {
  if (n <= 0) return 1;
  if (n == 1) return kept;
  if (n == 2) return kept * kept;
  if (n > 400 && kept < 0.95F) return 0;
  return static_cast<float>(std::pow(static_cast<double>(kept), static_cast<double>(n)));
}

constexpr float negligible = 1e-6F;

} // namespace

float left_after_zeros(float least, std::int64_t seen, std::int64_t count) {
  if (count <= 0) return 1;
  float left = 1;
  // While the mean is plain, zeros number n .. m leave (n - 1) / m.
  const auto plain_until = static_cast<std::int64_t>(1 / least + 1e-3F);
  if (seen <= plain_until) {
    const auto last = std::min(plain_until, seen + count - 1);
    left = static_cast<float>(seen - 1) / static_cast<float>(last);
    count -= last - seen + 1;
  }
  return left * power(1 - least, count);
}

std::vector<slot_profile::kept>::const_iterator slot_profile::find(std::uint16_t slot) const {
  return std::lower_bound(kept_.begin(), kept_.end(), slot,
                          [](const kept& k, std::uint16_t s) { return k.slot < s; });
}

void slot_profile::observe(const cycle_time& now, float count, float least) {
  const auto slot = static_cast<std::uint16_t>(now.place);
  if (dense()) {
    // After 1 / least visits the weight is the least one: no need to count them.
    const bool settled = static_cast<float>(now.since_first) * least > static_cast<float>(now.cycle);
    const float weight = settled ? least : visit_weight(least, now.visits_of(slot));
    means_[slot] += weight * (count - means_[slot]);
    return;
  }
  if (count == 0) return; // reading accounts for it
  const auto seen = now.visits_of(slot);
  auto at = find(slot);
  if (at == kept_.end() || at->slot != slot) {
    if (kept_.size() == kept_.capacity() && !kept_.empty()) {
      forget_faded(now, least);
      // By a quarter: many keys have many slots.
      if (kept_.size() == kept_.capacity()) kept_.reserve(kept_.size() + kept_.size() / 4 + 4);
    }
    at = kept_.insert(find(slot), {slot, 0, static_cast<std::int32_t>(seen - 1)});
  }
  auto& k = kept_[static_cast<std::size_t>(at - kept_.begin())];
  const float before = k.mean * left_after_zeros(least, k.seen + 1, seen - 1 - k.seen);
  k.mean = before + visit_weight(least, seen) * (count - before);
  k.seen = static_cast<std::int32_t>(seen);

  const auto cycle = static_cast<std::size_t>(now.cycle);
  if (kept_.size() * 3 <= cycle) return;
  std::vector<float> all(cycle, 0.0F);
  for (const auto& each : kept_)
    all[each.slot] = mean(static_cast<std::uint16_t>(each.slot), now, least);
  means_ = std::move(all);
  kept_ = {};
}

void slot_profile::hold(const cycle_time& now, float least) {
  if (dense()) return;
  const auto slot = static_cast<std::uint16_t>(now.place);
  const auto at = find(slot);
  if (at == kept_.end() || at->slot != slot) return;
  // As if the mean itself had been counted.
  auto& k = kept_[static_cast<std::size_t>(at - kept_.begin())];
  const auto seen = now.visits_of(slot);
  k.mean *= left_after_zeros(least, k.seen + 1, seen - 1 - k.seen);
  k.seen = static_cast<std::int32_t>(seen);
}

void slot_profile::forget_faded(const cycle_time& now, float least) {
  std::erase_if(kept_, [&](const kept& k) {
    return k.mean * left_after_zeros(least, k.seen + 1, now.visits_of(k.slot) - k.seen) < negligible;
  });
}

float slot_profile::mean(std::uint16_t slot, const cycle_time& newest, float least) const {
  if (dense()) return means_[slot];
  if (kept_.empty()) return 0;
  const auto at = find(slot);
  if (at == kept_.end() || at->slot != slot) return 0;
  return at->mean * left_after_zeros(least, at->seen + 1, newest.visits_of(slot) - at->seen);
}

std::array<float, 3> slot_profile::means_around(std::uint16_t slot, const cycle_time& newest,
                                                float least) const {
  const auto last = static_cast<std::uint16_t>(newest.cycle - 1);
  const auto before = slot == 0 ? last : static_cast<std::uint16_t>(slot - 1);
  const auto after = slot == last ? std::uint16_t{0} : static_cast<std::uint16_t>(slot + 1);
  if (dense()) return {means_[before], means_[slot], means_[after]};
  if (kept_.empty()) return {};
  if (before > after)
    return {mean(before, newest, least), mean(slot, newest, least), mean(after, newest, least)};
  std::array<float, 3> out{};
  for (auto at = find(before); at != kept_.end() && at->slot <= after; ++at)
    out[at->slot - before] =
        at->mean * left_after_zeros(least, at->seen + 1, newest.visits_of(at->slot) - at->seen);
  return out;
}

void slot_profile::skip(const cycle_time& from, std::int64_t length, float least) {
  if (!dense()) return;
  std::int64_t last_seen = -1;
  std::int64_t last_count = -1;
  float factor = 1; // the same few serve nearly all slots
  for (std::int64_t place = 0; place < from.cycle; ++place) {
    auto& mean_of_slot = means_[static_cast<std::size_t>(place)];
    const auto count = visits(place, from.place, length, from.cycle);
    if (count == 0 || mean_of_slot == 0) continue;
    const auto ahead = (place - from.place + from.cycle) % from.cycle;
    const auto seen = (from.since_first + ahead) / from.cycle + 1;
    if (seen != last_seen || count != last_count) {
      factor = left_after_zeros(least, seen, count);
      last_seen = seen;
      last_count = count;
    }
    mean_of_slot *= factor;
  }
}

bool slot_profile::fits(std::size_t cycle) const noexcept {
  const auto is_mean = [](float m) { return std::isfinite(m) && m >= 0; };
  if (dense())
    return means_.size() == cycle && kept_.empty() && std::all_of(means_.begin(), means_.end(), is_mean);
  constexpr std::int32_t most_visits = 1 << 30;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    const auto& k = kept_[i];
    if (k.slot >= cycle || k.seen < 0 || k.seen > most_visits || !is_mean(k.mean)) return false;
    if (i > 0 && kept_[i - 1].slot >= k.slot) return false;
  }
  return true;
}

} // namespace forestage::models
