// What holds of segments for any counts: shares are shares, no order changes anything, a snapshot continues
// bit for bit; and what they are for: hours and days that differ are found.
#define BOOST_TEST_MODULE property_models_segments
#include "models/bytes.hpp"
#include "models/demand/segments/segment_watch.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

using namespace forestage::models;

namespace {

template <class Value> std::string bytes_of(const Value& value) {
  std::string bytes;
  byte_writer write{bytes};
  write(value);
  return bytes;
}

template <class Value> Value restored(const std::string& bytes) {
  byte_reader read{bytes};
  Value value;
  read(value);
  RC_ASSERT(read.ok() && read.rest().empty());
  return value;
}

void check_shares(const segment_vector& shares, std::size_t segments) {
  RC_ASSERT(std::all_of(shares.begin(), shares.end(), [](float q) { return q >= 0 && q <= 1.0001F; }));
  RC_ASSERT(std::fabs(std::accumulate(shares.begin(), shares.end(), 0.0F) - 1) < 1e-4F);
  RC_ASSERT(std::all_of(shares.begin() + static_cast<std::ptrdiff_t>(segments), shares.end(),
                        [](float q) { return q == 0; }));
}

std::int64_t any_count() {
  return *rc::gen::element<std::int64_t>(0, 0, 1, 2, 30, 4'294'967'295);
}

model_context hourly() {
  demand_options options;
  options.interval_seconds = 3'600;
  options.first = interval_number{0};
  return model_context{demand_settings::make(options).value()};
}

} // namespace

BOOST_AUTO_TEST_CASE(for_any_counts_shares_sum_to_one_and_a_snapshot_continues_bit_for_bit) {
  BOOST_TEST(rc::check([] {
    const auto segments = static_cast<std::size_t>(*rc::gen::inRange(1, 17));
    segment_statistics sums;
    segment_parameters known;
    for (int i = *rc::gen::inRange(0, 40); i > 0; --i)
      sums.add(7, static_cast<segment_number>(*rc::gen::inRange<std::size_t>(0, segments)),
               *rc::gen::inRange<std::size_t>(0, rhythm_hours), any_count());
    known.learn(sums);
    const auto prior = known.prior_of(*rc::gen::element<std::uint64_t>(7, 8), segments);
    segment_shares shares;
    for (int i = *rc::gen::inRange(0, 30); i > 0; --i) {
      std::array<std::int64_t, most_segments> counts{};
      for (std::size_t s = 0; s < segments; ++s)
        counts[s] = any_count();
      const auto hour = *rc::gen::inRange<std::size_t>(0, rhythm_hours);
      const double hours = *rc::gen::element(0.0, 0.1, 5.0, 30.0, 1e9);
      const auto bytes = bytes_of(shares);
      auto copy = restored<segment_shares>(bytes);
      RC_ASSERT(copy.fits(segments));
      shares.observe(counts, hour, hours, prior);
      copy.observe(counts, hour, hours, prior);
      RC_ASSERT(bytes_of(copy) == bytes_of(shares));
      check_shares(shares.at(hour, prior), segments);
      check_shares(shares.flat(prior), segments);
      const auto weights = shares.weights();
      RC_ASSERT(std::fabs(std::accumulate(weights.begin(), weights.end(), 0.0F) - 1) < 1e-4F);
    }
    RC_ASSERT(restored<segment_parameters>(bytes_of(known)) == known);
  }));
}

BOOST_AUTO_TEST_CASE(sums_of_regions_do_not_depend_on_order_or_shards) {
  BOOST_TEST(rc::check([] {
    struct one {
      std::uint64_t region;
      segment_number segment;
      std::size_t hour;
      std::int64_t count;
    };
    std::vector<one> all;
    for (int i = *rc::gen::inRange(0, 60); i > 0; --i)
      all.push_back({*rc::gen::inRange<std::uint64_t>(0, 4),
                     static_cast<segment_number>(*rc::gen::inRange(0, 16)),
                     *rc::gen::inRange<std::size_t>(0, rhythm_hours), any_count()});
    segment_statistics straight;
    std::vector<segment_statistics> shards(3);
    for (const auto& o : all)
      straight.add(o.region, o.segment, o.hour, o.count);
    std::reverse(all.begin(), all.end());
    for (const auto& o : all)
      shards[static_cast<std::size_t>(*rc::gen::inRange(0, 3))].add(o.region, o.segment, o.hour, o.count);
    segment_statistics sum;
    for (const auto& shard : shards)
      sum.merge(shard);
    RC_ASSERT(sum == straight);
    RC_ASSERT(restored<segment_statistics>(bytes_of(sum)) == sum);
  }));
}

BOOST_AUTO_TEST_CASE(regions_are_bounded_and_the_rest_is_like_all_together) {
  segment_statistics sums;
  for (std::uint64_t region = 0; region < 2 * segment_parameters::most_regions; ++region)
    sums.add(region, 1, 5, 1'000);
  segment_parameters known;
  known.learn(sums);
  BOOST_TEST(bytes_of(known).size() < segment_parameters::most_regions * 2'000);
  const auto prior = known.prior_of(2 * segment_parameters::most_regions - 1, 3);
  BOOST_TEST(prior.overall[1] > 0.99F);
  BOOST_TEST(known.knows(0));
  BOOST_TEST(!known.knows(2 * segment_parameters::most_regions - 1));
}

BOOST_AUTO_TEST_CASE(states_that_no_counts_lead_to_are_refused) {
  const auto context = hourly();
  const auto prior = segment_parameters{}.prior_of(1, 2);
  segment_watch watch;
  watch.observe(context.settings, prior, interval_number{1}, 9, {}, nullptr);
  decision said;
  said.interval = interval_number{3};
  said.mean = 9;
  watch.decide(context, prior, said);
  const auto good = bytes_of(watch);
  const auto with = [&](std::size_t at, const auto& value) {
    auto bytes = good;
    bytes.replace(at, sizeof value, bytes_of(value));
    byte_reader read{bytes};
    segment_watch changed;
    read(changed);
    return read.ok() && changed.fits(2);
  };
  BOOST_REQUIRE(with(0, std::uint64_t{1}));
  // From the end: newest, the shares that were decided with, and before these and what was decided the
  // losses.
  const auto newest = good.size() - sizeof(std::int64_t);
  const auto flat = newest - sizeof(segment_vector);
  const auto shares = flat - sizeof(segment_vector);
  const auto losses =
      sizeof(std::uint64_t) + sizeof(std::uint32_t) + sizeof(float) * (1 + day_hours + rhythm_hours + 2);
  BOOST_TEST(with(newest, std::int64_t{2}));
  BOOST_TEST(!with(newest, std::numeric_limits<std::int64_t>::min()));
  for (const float share : {std::nanf(""), -0.1F, 1.1F, 1e30F}) {
    BOOST_TEST(!with(flat, share));
    BOOST_TEST(!with(shares + sizeof(float), share));
  }
  BOOST_TEST(!with(losses, std::array<float, segment_shares::beliefs>{1e30F, 1e30F, 1e30F, 1e30F}));
}

BOOST_AUTO_TEST_CASE(segments_that_come_at_other_hours_are_told_apart_by_hour_and_noise_is_not) {
  const auto context = hourly();
  const auto prior = segment_parameters{}.prior_of(1, 3);
  for (const bool differ : {true, false}) {
    segment_shares shares;
    std::uint32_t noise = 1;
    for (std::int64_t t = 0; t < 28 * 24; ++t) {
      noise = noise * 1'664'525 + 1'013'904'223;
      const auto first = differ ? (t % 24 < 12 ? 9 : 1) : 3 + static_cast<std::int64_t>(noise >> 30U);
      const std::array<std::int64_t, most_segments> counts{0, first, 10 - first};
      shares.observe(counts, rhythm_hour(context.settings, interval_number{t}), 1, prior);
    }
    const float morning = shares.at(8, prior)[1];
    const float evening = shares.at(20, prior)[1];
    if (differ) {
      BOOST_TEST(morning > 0.85F);
      BOOST_TEST(evening < 0.15F);
      BOOST_TEST(std::fabs(shares.flat(prior)[1] - 0.5F) < 0.05F);
    } else {
      BOOST_TEST(std::fabs(morning - evening) < 0.1F);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_key_that_is_new_has_the_shares_of_its_region) {
  segment_statistics sums;
  for (std::size_t h = 0; h < rhythm_hours; ++h)
    sums.add(1, h % 24 < 12 ? 1 : 2, h, 500);
  segment_parameters known;
  known.learn(sums);
  const auto prior = known.prior_of(1, 3);
  const segment_shares nothing;
  // Before anything came all beliefs weigh the same, that of even hours, too.
  BOOST_TEST(nothing.believed(8, prior)[2][1] > 0.95F);
  BOOST_TEST(nothing.at(8, prior)[1] > 0.85F);
  BOOST_TEST(nothing.at(20, prior)[2] > 0.85F);
}

BOOST_AUTO_TEST_CASE(what_was_decided_is_scored_when_it_is_known_and_parts_add_up) {
  const auto context = hourly();
  const auto prior = segment_parameters{}.prior_of(1, 3);
  segment_watch watch;
  segment_sums sums;
  std::int64_t requests = 0;
  for (std::int64_t t = 0; t < 200; ++t) {
    const std::vector<segment_cell> parts{{interval_number{t}, 6, 1}, {interval_number{t}, 2, 2}};
    const bool scored = t >= 100;
    watch.observe(context.settings, prior, interval_number{t}, 9, parts, scored ? &sums : nullptr);
    if (scored) requests += 9;
    decision said;
    said.interval = interval_number{t + 2};
    said.mean = 9;
    said.dispersion = 0.1F;
    watch.decide(context, prior, said);
    BOOST_REQUIRE(watch.fits(3));
  }
  BOOST_TEST(sums.together.requests() == requests);
  std::int64_t by_segment = 0;
  for (const auto& s : sums.of)
    by_segment += s.units.requests();
  BOOST_TEST(by_segment == requests);
  BOOST_TEST(sums.of[0].units.requests() == 100); // what no segment names
  BOOST_TEST(sums.of[1].units.requests() == 600);
  BOOST_TEST(sums.of[1].units.cold == 0);
  // Nothing was decided for what comes after a gap.
  segment_sums after;
  watch.observe(context.settings, prior, interval_number{500}, 4, {}, &after);
  BOOST_TEST(after.of[0].units.cold == 4);
  BOOST_TEST(after.together.cold == 4);
}

BOOST_AUTO_TEST_CASE(names_become_numbers_by_order_and_other_is_a_name_for_itself) {
  const auto made = segment_table::make({"web", "phone", "other", "web"});
  BOOST_REQUIRE(made.ok());
  BOOST_TEST(made->size() == 3U);
  BOOST_TEST((*made)[0] == "other");
  BOOST_TEST(made->number_of("phone") == 1);
  BOOST_TEST(made->number_of("web") == 2);
  BOOST_TEST(made->number_of("other") == 0);
  BOOST_TEST(made->number_of("console") == 0);
  BOOST_TEST(segment_table{}.number_of("x") == 0);
  std::vector<std::string> many;
  for (int i = 0; i < 16; ++i)
    many.push_back("s" + std::to_string(i));
  BOOST_TEST(!segment_table::make(many).ok());
}
