// A profile kept sparsely says the same as a plain array of means.
#include "models/bytes.hpp"
#include "models/demand/slot_profile.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

// The definition: each slot's mean, plain until 1 / visits falls below the least weight.
class reference_profile {
public:
  reference_profile(std::int64_t cycle, double least)
      : means_(static_cast<std::size_t>(cycle))
      , visits_(static_cast<std::size_t>(cycle))
      , least_(least) {}
  void observe(std::int64_t place, double count) {
    auto& mean = means_[static_cast<std::size_t>(place)];
    const auto n = ++visits_[static_cast<std::size_t>(place)];
    mean += std::max(1.0 / static_cast<double>(n), least_) * (count - mean);
  }
  [[nodiscard]] double mean(std::int64_t place) const { return means_[static_cast<std::size_t>(place)]; }

private:
  std::vector<double> means_;
  std::vector<std::int64_t> visits_;
  double least_;
};

struct stream {
  std::int64_t cycle, start;
  float least;
  double busy_slots, chance; // share of the slots that ever have a count, and how often they do
  std::int64_t length;
};

// Follows a stream; skips runs of zeros when it may. Returns the largest difference that was seen.
double largest_difference(const stream& given, std::uint64_t seed, bool skips, bool& became_dense) {
  random_source random{seed};
  std::vector<bool> busy(static_cast<std::size_t>(given.cycle));
  for (std::size_t i = 0; i < busy.size(); ++i)
    busy[i] = random.chance(given.busy_slots);
  slot_profile profile;
  reference_profile reference{given.cycle, static_cast<double>(given.least)};
  const auto at = [&](std::int64_t t) { return cycle_time{(given.start + t) % given.cycle, t, given.cycle}; };
  double worst = 0;
  for (std::int64_t t = 0; t < given.length;) {
    if (skips && random.chance(0.02)) {
      const auto gap = std::min(given.length - t, random.between(1, 3 * given.cycle));
      profile.skip(at(t), gap, given.least);
      for (std::int64_t i = 0; i < gap; ++i)
        reference.observe(at(t + i).place, 0);
      t += gap;
    } else {
      const auto place = at(t).place;
      const auto count = busy[static_cast<std::size_t>(place)] && random.chance(given.chance)
                             ? static_cast<float>(random.between(1, 9))
                             : 0.0F;
      profile.observe(at(t), count, given.least);
      reference.observe(place, static_cast<double>(count));
      ++t;
    }
    if (random.chance(0.05) || t == given.length)
      for (std::int64_t place = 0; place < given.cycle; ++place) {
        const double mean =
            static_cast<double>(profile.mean(static_cast<std::uint16_t>(place), at(t - 1), given.least));
        worst = std::max(worst, std::fabs(mean - reference.mean(place)) / (1 + reference.mean(place)));
        BOOST_REQUIRE(mean >= 0);
        if (given.cycle < 3) continue;
        const auto around = profile.means_around(static_cast<std::uint16_t>(place), at(t - 1), given.least);
        for (std::int64_t i = 0; i < 3; ++i) {
          const auto other = static_cast<std::uint16_t>((place + i - 1 + given.cycle) % given.cycle);
          BOOST_REQUIRE_EQUAL(around[static_cast<std::size_t>(i)],
                              profile.mean(other, at(t - 1), given.least));
        }
      }
    BOOST_REQUIRE(profile.fits(static_cast<std::size_t>(given.cycle)));
  }
  became_dense = profile.dense();
  return worst;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_sparse_profile_equals_the_plain_means) {
  const auto seed = forestage::tests::seed("slot profiles", 11);
  for (std::uint64_t i = 0; i < 24; ++i) {
    const stream given{i % 2 == 0 ? 24 : 168,   static_cast<std::int64_t>(i % 7), i % 3 == 0 ? 0.1F : 0.2F,
                       i % 4 < 2 ? 0.05 : 0.15, i % 4 == 0 ? 0.1 : 0.6,           24 * 60};
    bool dense = false;
    BOOST_TEST(largest_difference(given, seed + i, i % 2 == 1, dense) < 1e-5, "case " << i);
    BOOST_TEST(!dense, "case " << i);
  }
}

BOOST_AUTO_TEST_CASE(a_profile_whose_slots_fill_up_becomes_an_array_of_the_same_means) {
  const auto seed = forestage::tests::seed("dense slot profiles", 12);
  for (std::uint64_t i = 0; i < 24; ++i) {
    const stream given{i % 2 == 0 ? 24 : 168,    static_cast<std::int64_t>(i % 5),
                       i % 3 == 0 ? 0.1F : 0.2F, 0.9,
                       i % 4 == 0 ? 0.2 : 0.9,   24 * 60};
    bool dense = false;
    BOOST_TEST(largest_difference(given, seed + i, i % 2 == 1, dense) < 1e-5, "case " << i);
    if (i % 2 == 0) BOOST_TEST(dense, "case " << i); // long gaps may leave too few slots with a count
  }
}

BOOST_AUTO_TEST_CASE(what_zeros_leave_of_a_mean_is_what_they_leave_one_by_one) {
  for (const float least : {0.1F, 0.2F, 0.004F})
    for (const std::int64_t seen : {1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 40, 249, 250, 251, 10'000}) {
      double left = 1;
      for (std::int64_t n = 0; n <= 300; ++n) {
        BOOST_TEST(std::fabs(static_cast<double>(left_after_zeros(least, seen, n)) - left) < 2e-6,
                   "least " << least << " seen " << seen << " count " << n);
        left *= 1 - std::max(1.0 / static_cast<double>(seen + n), static_cast<double>(least));
      }
    }
}

BOOST_AUTO_TEST_CASE(visits_of_a_place_are_counted_as_one_by_one) {
  for (std::int64_t cycle = 1; cycle <= 5; ++cycle)
    for (std::int64_t start = 0; start < cycle; ++start)
      for (std::int64_t length = 0; length < 13; ++length)
        for (std::int64_t place = 0; place < cycle; ++place) {
          std::int64_t counted = 0;
          for (std::int64_t t = 0; t < length; ++t)
            if ((start + t) % cycle == place) ++counted;
          BOOST_TEST(visits(place, start, length, cycle) == counted);
          if (length == 0) continue;
          const cycle_time newest{(start + length - 1) % cycle, length - 1, cycle};
          BOOST_TEST(newest.visits_of(place) == counted);
        }
}

BOOST_AUTO_TEST_CASE(a_faded_slot_is_forgotten_when_room_is_needed) {
  // A new slot every week or so, of 2016: without forgetting, 100 would be kept.
  slot_profile profile;
  constexpr std::int64_t cycle = 2'016;
  for (std::int64_t week = 0; week < 400; ++week)
    profile.observe({week % cycle, week * cycle + week % cycle, cycle}, week % 4 == 0 ? 1.0F : 0.0F, 0.2F);
  BOOST_TEST(!profile.dense());
  // 0.2 * 0.8^n falls below 1e-6 after 55 visits: 14 slots are alive, and growth doubles.
  BOOST_TEST(profile.bytes() <= 12 * 64);
}

BOOST_AUTO_TEST_CASE(a_profile_fits_its_own_cycle_only) {
  slot_profile sparse;
  for (std::int64_t t = 0; t < 200; t += 60)
    sparse.observe({t % 168, t, 168}, 1, 0.2F);
  BOOST_TEST(sparse.fits(168));
  BOOST_TEST(!sparse.fits(60));
  slot_profile dense;
  for (std::int64_t t = 0; t < 100; ++t)
    dense.observe({t % 168, t, 168}, 1, 0.2F);
  BOOST_TEST(dense.dense());
  BOOST_TEST(dense.fits(168));
  BOOST_TEST(!dense.fits(167));
  // Out of order, twice the same slot, a visit that never was: each in the bytes of a sparse profile.
  struct kept {
    std::uint32_t slot;
    float mean;
    std::int32_t seen;
  };
  const auto restored = [](const std::vector<kept>& slots) {
    std::string bytes;
    byte_writer write{bytes};
    write(std::vector<float>{}, slots);
    slot_profile profile;
    byte_reader read{bytes};
    read(profile);
    return profile;
  };
  BOOST_TEST(restored({{3, 1, 1}, {4, 1, 1}}).fits(168));
  BOOST_TEST(!restored({{4, 1, 1}, {3, 1, 1}}).fits(168));
  BOOST_TEST(!restored({{4, 1, 1}, {4, 1, 1}}).fits(168));
  BOOST_TEST(!restored({{4, 1, -1}}).fits(168));
  BOOST_TEST(!restored({{168, 1, 1}}).fits(168));
  BOOST_TEST(!restored({{4, 1, 0x7fffffff}}).fits(168));
  BOOST_TEST(!restored({{4, std::nanf(""), 1}}).fits(168));
  BOOST_TEST(!restored({{4, -1, 1}}).fits(168));
}
