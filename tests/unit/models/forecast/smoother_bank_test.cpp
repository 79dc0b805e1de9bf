// Double-seasonal smoothers: the equations by hand, constants, and seasons that repeat.
#include "models/forecast/smoother_bank.hpp"
#include "models/forecast/state_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(one_step_of_a_smoother_is_that_of_the_equations) {
  // Level 2, no season yet (the first season is flat). z = 3: u = 1, e = u - 0 = 1.
  const std::vector<smoother_weights> weights{{.level = 0.5F, .day = 0.25F, .week = 0, .ar = 0.5F}};
  auto bank = smoother_bank::make(weights, {2, 2}, std::vector<float>{2, 2}).value();
  bank.observe(3);
  std::vector<float> path(3);
  bank.predict(0, path);
  // level 2.5, day[0] .25, day[1] 0, echo .5, .25, .125
  BOOST_TEST(std::abs(path[0] - (2.5F + 0 + 0.5F)) < 1e-6F);
  BOOST_TEST(std::abs(path[1] - (2.5F + 0.25F + 0.25F)) < 1e-6F);
  BOOST_TEST(std::abs(path[2] - (2.5F + 0 + 0.125F)) < 1e-6F);
}

BOOST_AUTO_TEST_CASE(every_smoother_repeats_a_season_that_repeats) {
  const auto at = [](std::size_t t) { return static_cast<float>(t % 4 == 0 ? 3 : 1); };
  std::vector<float> first;
  for (std::size_t t = 0; t < 16; ++t)
    first.push_back(at(t));
  auto bank = smoother_bank::make(default_smoothers(), {4, 8}, first).value();
  for (std::size_t t = 0; t < 400; ++t)
    bank.observe(at(t));
  for (std::size_t s = 0; s < bank.size(); ++s) {
    std::vector<float> path(12);
    bank.predict(s, path);
    for (std::size_t k = 0; k < path.size(); ++k)
      BOOST_TEST(std::abs(path[k] - at(k)) < 0.05F);
  }
}

BOOST_AUTO_TEST_CASE(every_smoother_keeps_a_constant) {
  auto bank = smoother_bank::make(default_smoothers(), {24, 168}, std::vector<float>(48, 7)).value();
  for (int t = 0; t < 500; ++t)
    bank.observe(7);
  for (std::size_t s = 0; s < bank.size(); ++s) {
    std::vector<float> path(200);
    bank.predict(s, path);
    for (const float v : path)
      BOOST_TEST(std::abs(v - 7) < 1e-4F);
  }
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_bank_are_refused) {
  const std::vector<float> first{1};
  BOOST_TEST(!smoother_bank::make(default_smoothers(), {24, 100}, first).ok());
  BOOST_TEST(!smoother_bank::make(default_smoothers(), {0, 0}, first).ok());
  BOOST_TEST(!smoother_bank::make(default_smoothers(), {24, 168}, {}).ok());
  BOOST_TEST(!smoother_bank::make({}, {24, 168}, first).ok());
}

BOOST_AUTO_TEST_CASE(a_week_of_five_minutes_is_kept_in_sixteen_kilobytes_by_two_banks) {
  const smoother_bank bank{default_smoothers(), {288, 2'016}, std::vector<float>(4'032, 1)};
  BOOST_TEST(2 * snapshot(bank).size() <= 16'000U);
}

BOOST_AUTO_TEST_CASE(every_smoother_with_bins_repeats_a_day_that_repeats) {
  // Smooth within a quarter of an hour, as bins ask for. A week to begin with, one to learn.
  const auto at = [](std::size_t t) {
    return static_cast<float>(5 + std::sin(6.283185307 * static_cast<double>(t % 288) / 288));
  };
  std::vector<float> first;
  for (std::size_t t = 0; t < 2'016; ++t)
    first.push_back(at(t));
  auto bank = smoother_bank::make(default_smoothers(), {288, 2'016}, first).value();
  for (std::size_t t = 0; t < 2'016; ++t)
    bank.observe(at(t));
  for (std::size_t s = 0; s < bank.size(); ++s) {
    std::vector<float> path(2'016);
    bank.predict(s, path);
    for (std::size_t k = 0; k < path.size(); ++k)
      BOOST_TEST(std::abs(path[k] - at(k)) < 0.05F);
  }
}

BOOST_AUTO_TEST_CASE(bins_of_the_week_tell_one_day_from_another) {
  // Three days of 192, six bins each of 32 places; nothing but the week learns, all at once. Day 2 is at 1.
  const std::vector<smoother_weights> weights{{.level = 0, .day = 0, .week = 1, .ar = 0}};
  auto bank = smoother_bank::make(weights, {192, 576}, std::vector<float>(192, 0)).value();
  const auto at = [](std::size_t t) { return t >= 192 && t < 384 ? 1.0F : 0.0F; };
  for (int week = 0; week < 20; ++week)
    for (std::size_t t = 0; t < 576; ++t)
      bank.observe(at(t));
  std::vector<float> path(576);
  bank.predict(0, path);
  for (const std::size_t middle : {96U, 288U, 480U})
    BOOST_TEST(std::abs(path[middle] - at(middle)) < 0.1F);
}

BOOST_AUTO_TEST_CASE(a_bin_learns_the_mean_of_its_errors_when_time_leaves_it) {
  // A day of 192 in 96 bins of two; nothing but the day learns. After errors of 1 and 3 bin 0 is at 2 * .5.
  const std::vector<smoother_weights> weights{{.level = 0, .day = 0.5F, .week = 0, .ar = 0}};
  auto bank = smoother_bank::make(weights, {192, 576}, std::vector<float>(192, 0)).value();
  bank.observe(1);
  std::vector<float> path(192);
  bank.predict(0, path);
  for (const float v : path)
    BOOST_TEST(v == 0);
  bank.observe(3);
  bank.predict(0, path);
  BOOST_TEST(std::abs(path[190] - 0.75F) < 1e-6F); // a quarter of a bin before the middle of bin 0
  BOOST_TEST(std::abs(path[191] - 0.75F) < 1e-6F); // … and behind it
  BOOST_TEST(path[100] == 0);
}
