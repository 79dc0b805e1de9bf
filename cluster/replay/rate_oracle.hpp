// The rate oracle: a policy that knows the rates of a generated log, but not the arrivals. What no forecaster
// can beat.
//
// Requests of an interval are Poisson with the truth's mean m, so it holds the smallest a with P(d <= a) at
// least the critical fractile. Under a budget it holds the units that are worth most at these rates (the
// exact greedy choice, as our own plan): cut in proportion like the yardsticks, it would be no limit.
#pragma once

#include "actors/router.hpp"
#include "actors/run.hpp"
#include "models/synthetic/rate_model.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace forestage::cluster {

class rate_oracle {
public:
  using budget_function = std::function<std::int64_t(const models::region_id&)>;
  rate_oracle(models::synthetic::rate_model truth, actors::run_settings_ptr settings,
              budget_function budget_of)
      : truth_(std::move(truth))
      , settings_(std::move(settings))
      , budget_of_(std::move(budget_of)) {}

  // Scores a round of the evaluation part; others are passed over. Errors: invalid_argument (interval not of
  // whole minutes).
  [[nodiscard]] models::status score(const actors::routed_round& round);
  [[nodiscard]] const models::policy_score& total() const noexcept { return score_; }

private:
  models::synthetic::rate_model truth_;
  actors::run_settings_ptr settings_;
  budget_function budget_of_;
  models::policy_score score_;
};

// Smallest a with P(d <= a) >= level for a Poisson d of this mean.
[[nodiscard]] std::int64_t poisson_quantile(double mean, double level);
// P(d >= j) of it, for j = 1 .. most.
[[nodiscard]] std::vector<double> poisson_survival(double mean, std::int64_t most);

} // namespace forestage::cluster
