// The sparse posterior: against enumeration of every case, and what must hold for any forecast.
#include "models/intents/posterior.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace forestage::models;

namespace {

// A number in [0, 1] with 16 bits.
double fraction() {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<int>(0, 65'537)) / 65'536.0;
}

std::vector<float> some_weights(std::size_t most) {
  std::vector<float> weights(*rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, most + 1)));
  for (auto& w : weights)
    w = static_cast<float>(fraction());
  return weights;
}

count_distribution some_prior() {
  std::vector<float> survival(*rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(1, 12)));
  float p = 1;
  for (auto& s : survival)
    s = p *= static_cast<float>(fraction());
  count_distribution out;
  to_distribution(survival, out);
  return out;
}

// Every one of the 2^n outcomes.
std::vector<double> enumerated(const std::vector<float>& weights) {
  std::vector<double> out(weights.size() + 1);
  for (std::uint32_t mask = 0; mask < (1U << weights.size()); ++mask) {
    double p = 1;
    std::size_t v = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const bool happens = (mask >> i & 1U) != 0;
      p *= happens ? static_cast<double>(weights[i]) : 1 - static_cast<double>(weights[i]);
      v += happens ? 1 : 0;
    }
    out[v] += p;
  }
  return out;
}

double choose(std::size_t n, std::size_t k) {
  double out = 1;
  for (std::size_t i = 0; i < k; ++i)
    out = out * static_cast<double>(n - i) / static_cast<double>(i + 1);
  return out;
}

// Bayes' rule as it is written, in double precision: mixture over v of P(y) C(y, v) q^v (1 - q)^(y - v).
std::vector<double> by_definition(const count_distribution& prior, const std::vector<double>& declared,
                                  double q) {
  std::vector<double> out(posterior_counts);
  for (std::size_t v = 0; v < declared.size(); ++v) {
    std::vector<double> joint(posterior_counts);
    double sum = 0;
    for (std::size_t y = v; y < posterior_counts; ++y)
      sum += joint[y] = static_cast<double>(prior[y]) * choose(y, v) * std::pow(q, static_cast<double>(v)) *
                        std::pow(1 - q, static_cast<double>(y - v));
    if (sum > 0)
      for (std::size_t y = v; y < posterior_counts; ++y)
        out[y] += declared[v] * joint[y] / sum;
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_number_of_kept_declarations_is_distributed_as_enumeration_says) {
  BOOST_TEST(rc::check("poisson_binomial against all 2^n outcomes", [] {
    const auto weights = some_weights(12);
    std::vector<float> out(weights.size() + 1);
    poisson_binomial(weights, out);
    const auto expected = enumerated(weights);
    for (std::size_t v = 0; v < out.size(); ++v)
      RC_ASSERT(std::fabs(static_cast<double>(out[v]) - expected[v]) < 1e-5);
  }));
}

BOOST_AUTO_TEST_CASE(the_posterior_is_bayes_rule) {
  BOOST_TEST(rc::check("thinned_posterior against the rule as written", [] {
    const auto prior = some_prior();
    const auto weights = some_weights(8);
    const double q = 0.01 + 0.97 * fraction();
    std::vector<float> declared(weights.size() + 1);
    poisson_binomial(weights, declared);
    count_distribution out;
    thinned_posterior(prior, declared, static_cast<float>(q), out);
    const auto expected = by_definition(prior, enumerated(weights), q);
    for (std::size_t y = 0; y < posterior_counts; ++y)
      RC_ASSERT(std::fabs(static_cast<double>(out[y]) - expected[y]) < 2e-3);
    const auto sum = std::accumulate(out.begin(), out.end(), 0.0);
    RC_ASSERT(std::fabs(sum - 1) < 1e-4);
  }));
}

BOOST_AUTO_TEST_CASE(a_certain_declaration_makes_its_request_certain_and_none_makes_requests_rarer) {
  BOOST_TEST(rc::check("declared and not declared", [] {
    const auto prior = some_prior();
    const auto q = static_cast<float>(0.05 + 0.9 * fraction());
    const auto n = *rc::gen::inRange<std::size_t>(1, 6);
    std::vector<float> declared(n + 1, 0.0F);
    declared[n] = 1;
    count_distribution out;
    thinned_posterior(prior, declared, q, out);
    for (std::size_t y = 0; y < n; ++y)
      RC_ASSERT(out[y] == 0.0F);
    const std::vector<float> nothing{1};
    thinned_posterior(prior, nothing, q, out);
    RC_ASSERT(mean_of(out) <= mean_of(prior) + 1e-4);
  }));
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_at_most_once_does_not_come_twice_because_it_is_declared) {
  count_distribution prior;
  to_distribution(std::vector<float>{0.2F}, prior);
  const std::vector<float> declared{0.1F, 0.9F};
  count_distribution out;
  thinned_posterior(prior, declared, 0.5F, out);
  BOOST_TEST(out[1] > 0.9F);
  BOOST_TEST(out[2] < 1e-6F);
}

BOOST_AUTO_TEST_CASE(surviving_probabilities_and_distributions_are_each_others_inverse) {
  BOOST_TEST(rc::check("survival -> distribution -> survival", [] {
    std::vector<float> survival(*rc::gen::inRange<std::size_t>(1, 20));
    float p = 1;
    for (auto& s : survival)
      s = p *= static_cast<float>(fraction());
    count_distribution d;
    to_distribution(survival, d);
    std::vector<float> back(survival.size() + 70);
    survival_of(d, back);
    for (std::size_t j = 0; j < survival.size(); ++j)
      RC_ASSERT(std::fabs(back[j] - survival[j]) < 1e-5F);
    for (std::size_t j = 1; j < back.size(); ++j)
      RC_ASSERT(back[j] <= back[j - 1]);
    RC_ASSERT(back.back() == 0.0F);
  }));
}

BOOST_AUTO_TEST_CASE(a_tilt_moves_the_quantile_to_where_it_is_asked_and_no_further_than_it_can) {
  BOOST_TEST(rc::check("tilt_to", [] {
    auto p = some_prior();
    const auto before = quantile_of(p, 0.9F);
    const auto wanted = *rc::gen::inRange<std::size_t>(0, 8);
    auto tilted = p;
    tilt_to(wanted, 0.9F, tilted);
    const auto after = quantile_of(tilted, 0.9F);
    // Where it cannot get there, it stays; where it can, it does not overshoot.
    if (tilted == p)
      RC_ASSERT(after == before);
    else
      RC_ASSERT((wanted > before ? after >= wanted : after <= wanted));
    const auto sum = std::accumulate(tilted.begin(), tilted.end(), 0.0);
    RC_ASSERT(std::fabs(sum - 1) < 1e-3);
  }));
}

BOOST_AUTO_TEST_CASE(nothing_is_divided_by_nothing) {
  count_distribution prior;
  to_distribution(std::vector<float>{0.0F}, prior); // never asked for
  std::vector<float> declared(most_visible + 1, 0.0F);
  declared.back() = 1;
  count_distribution out;
  thinned_posterior(prior, declared, 0.98F, out);
  for (const auto p : out)
    BOOST_TEST((std::isfinite(p) && p >= 0));
  BOOST_TEST(quantile_of(out, 0.9F) >= most_visible);
  BOOST_TEST(quantile_of(count_distribution{}, 0.9F) == posterior_counts - 1);
}
