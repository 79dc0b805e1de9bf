// What every policy of a run has come to so far. Exact sums: boards of shards are added in any order.
#pragma once

#include "actors/run.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace forestage::actors {

// The policies of a run: our own, then the yardsticks in their order.
inline constexpr std::size_t cost_policy = 0;
inline constexpr std::size_t threshold_index = 1;
inline constexpr std::size_t rate_oracle_index = 2;
inline constexpr std::size_t no_intents_index = 3; // ours without the forward look
inline constexpr std::size_t first_yardstick = 4;
inline constexpr std::size_t policy_count = first_yardstick + models::yardstick_count;

[[nodiscard]] std::string_view policy_name(std::size_t index) noexcept;
// Whether the shards of such a run score the policy; one that does not take part stays empty. (The
// rate-oracle is scored beside the shards, from a truth file.)
[[nodiscard]] bool takes_part(std::size_t index, const run_settings& settings) noexcept;

struct scoreboard {
  std::array<models::policy_score, policy_count> policies{};
  models::yardstick_sums warmup{}; // what the tuned yardsticks are chosen from
  forecast_sums forecast{};
  models::trace trace{};              // empty unless the run is traced
  models::hindsight_sample hindsight; // empty unless it was asked for
  intent_sums intents{};
  models::segment_sums segments{}; // empty unless segments are told apart
  std::int64_t left_out = 0;       // intervals of keys that no policy is scored in: the log leaves them open

  void merge(const scoreboard& other);
  void add_yardsticks(std::int64_t day, const models::yardstick_sums& sums);

  template <class Archive> void fields(Archive& archive) {
    for (auto& policy : policies) {
      std::vector<models::day_sums> days(policy.days().begin(), policy.days().end());
      archive(days);
      if constexpr (Archive::reading) {
        policy = {};
        for (const auto& d : days) {
          // What no day can come to is damage, and would overflow the sums.
          constexpr std::int64_t most = std::int64_t{1} << 50;
          for (const auto n : {d.sums.used, d.sums.cold, d.sums.waste})
            if (n < 0 || n > most) return archive.fail();
          policy.add(d.day, d.sums);
        }
      }
    }
    archive(warmup, forecast, trace, hindsight, intents, segments, left_out);
  }
};

} // namespace forestage::actors
