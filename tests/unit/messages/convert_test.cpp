// Between protobuf and the models' types: everything survives, and nothing senseless is let in.
#include "messages/convert.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <google/protobuf/stubs/logging.h>

#include <limits>
#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::messages;
using forestage::tests::random_source;

namespace {

event_counts random_counts(random_source& random) {
  event_counts counts;
  counts.session = "s" + std::to_string(random.below(100));
  counts.sequence = random.next();
  counts.provenance = static_cast<v1::Provenance>(random.below(4));
  const auto resources = random.between(1, 6);
  const auto regions = random.between(1, 3);
  for (std::int64_t i = 0; i < resources; ++i)
    counts.resources.push_back(models::resource_id::make("caf\xc3\xa9/" + std::to_string(i)).value());
  for (std::int64_t i = 0; i < regions; ++i)
    counts.regions.push_back(models::region_id::make(std::string(static_cast<std::size_t>(i), 'x')).value());
  const auto base = random.between(-5'000'000, 5'000'000);
  for (auto n = random.below(20); n > 0; --n)
    counts.entries.push_back({static_cast<std::uint32_t>(random.below(resources)),
                              static_cast<std::uint32_t>(random.below(regions)),
                              {models::interval_number{base + random.below(4'000'000'000)},
                               static_cast<std::uint32_t>(random.below(std::int64_t{1} << 32))}});
  for (auto n = random.below(5); n > 0; --n)
    counts.missing.push_back({static_cast<std::uint32_t>(random.below(resources)),
                              static_cast<std::uint32_t>(random.below(regions)),
                              models::interval_number{base + random.below(4'000'000'000)}});
  return counts;
}

intent_events random_intents(random_source& random) {
  intent_events intents;
  intents.session = "s" + std::to_string(random.below(100));
  intents.sequence = random.next();
  const auto resources = random.between(1, 6);
  const auto regions = random.between(1, 3);
  for (std::int64_t i = 0; i < resources; ++i)
    intents.resources.push_back(models::resource_id::make("room/" + std::to_string(i)).value());
  for (std::int64_t i = 0; i < regions; ++i)
    intents.regions.push_back(models::region_id::make("r" + std::to_string(i)).value());
  const models::interval_number base{random.between(-5'000'000, 5'000'000)};
  const auto resource = [&] { return static_cast<std::uint32_t>(random.below(resources)); };
  const auto region = [&] { return static_cast<std::uint32_t>(random.below(regions)); };
  for (auto n = random.below(20); n > 0; --n) {
    const auto made = base + random.below(1'000);
    intents.declarations.push_back(
        {resource(),
         region(),
         {made, made + random.between(1, 500), random.next(),
          static_cast<std::uint32_t>(random.between(1, 4'294'967'295)), static_cast<float>(random.uniform()),
          static_cast<models::intent_source>(random.below(2))}});
  }
  for (auto n = random.below(20); n > 0; --n)
    intents.kept.push_back(
        {resource(),
         region(),
         {base + random.below(1'000), static_cast<std::int8_t>(random.between(-1, 1)), random.chance(0.5),
          static_cast<std::uint32_t>(random.between(1, 4'294'967'295))}});
  return intents;
}

models::price_answer random_answer(random_source& random) {
  models::price_answer answer;
  for (std::uint32_t bin = 0; bin < 6; ++bin)
    if (random.chance(0.6)) {
      const auto low = static_cast<std::uint64_t>(random.below(1'000));
      answer.bins.push_back({bin, 5, 2, low, low + 3});
    }
  for (std::uint64_t rank = 1; rank < 5; ++rank)
    if (random.chance(0.6)) answer.runs.push_back({rank, random.next(), "r" + std::to_string(rank), 1, 4});
  return answer;
}

} // namespace

BOOST_AUTO_TEST_CASE(event_counts_survive_the_wire) {
  random_source random{tests::seed("event counts", 161)};
  for (int trial = 0; trial < 200; ++trial) {
    const auto counts = random_counts(random);
    v1::EventBatch batch;
    BOOST_REQUIRE(batch.ParseFromString(to_proto(counts).SerializeAsString()));
    const auto back = from_proto(batch);
    BOOST_REQUIRE(back.ok());
    BOOST_TEST((*back == counts));
  }
  BOOST_TEST((from_proto(to_proto(event_counts{})).value() == event_counts{}));
}

BOOST_AUTO_TEST_CASE(missing_counts_of_what_is_not_listed_are_refused) {
  random_source random{tests::seed("missing counts", 164)};
  auto counts = random_counts(random);
  counts.missing = {{0, 0, models::interval_number{7}}};
  const auto good = to_proto(counts);
  BOOST_TEST(from_proto(good).ok());
  for (int wrong = 0; wrong < 4; ++wrong) {
    auto batch = good;
    if (wrong == 0) batch.set_missing_resource(0, 6);
    if (wrong == 1) batch.set_missing_region(0, 3);
    if (wrong == 2) batch.set_missing_interval(0, std::int64_t{1} << 60);
    if (wrong == 3) batch.add_missing_region(0);
    BOOST_TEST((from_proto(batch).failure().code == models::errc::invalid_data));
  }
}

BOOST_AUTO_TEST_CASE(intents_survive_the_wire) {
  random_source random{tests::seed("intents", 163)};
  for (int trial = 0; trial < 200; ++trial) {
    const auto intents = random_intents(random);
    v1::IntentBatch batch;
    BOOST_REQUIRE(batch.ParseFromString(to_proto(intents).SerializeAsString()));
    const auto back = from_proto(batch);
    BOOST_REQUIRE(back.ok());
    BOOST_TEST((*back == intents));
  }
  BOOST_TEST((from_proto(to_proto(intent_events{})).value() == intent_events{}));
}

BOOST_AUTO_TEST_CASE(intent_batches_that_contradict_themselves_are_refused) {
  intent_events intents;
  intents.resources.push_back(models::resource_id::make("room/42").value());
  intents.regions.push_back(models::region_id::make("eu").value());
  intents.declarations.push_back(
      {0,
       0,
       {models::interval_number{7}, models::interval_number{9}, 3, 1, 0.5F, models::intent_source::agent}});
  intents.kept.push_back({0, 0, {models::interval_number{9}, 1, true, 1}});
  const auto good = to_proto(intents);
  const auto refused = [&](auto change) {
    auto batch = good;
    change(batch);
    const auto read = from_proto(batch);
    return !read.ok() && read.failure().code == models::errc::invalid_data && !read.failure().text.empty();
  };
  BOOST_TEST(!refused([](v1::IntentBatch&) {}));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.add_resource(0); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.add_region(0); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.clear_made(); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.add_ahead(1); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.clear_peer(); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.add_weight(1); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.clear_source(); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.clear_came(); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.add_kept_in_time(true); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.set_resource(0, 1); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.set_kept_region(0, 1); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.set_expected(0, 0); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.set_source(0, static_cast<v1::IntentSource>(9)); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.set_kept_shift(0, 2); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.set_kept_count(0, 0); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.set_ahead(0, 0); }));
  BOOST_TEST(refused([](v1::IntentBatch& b) { b.add_regions("\xff"); }));
  for (const float weight :
       {-0.01F, 1.01F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    BOOST_TEST(refused([&](v1::IntentBatch& b) { b.set_weight(0, weight); }));
  BOOST_TEST(
      refused([](v1::IntentBatch& b) { b.set_base_interval(std::numeric_limits<std::int64_t>::max()); }));
}

BOOST_AUTO_TEST_CASE(event_batches_that_contradict_themselves_are_refused) {
  random_source random{162};
  auto counts = random_counts(random);
  counts.entries = {{0, 0, {models::interval_number{7}, 3}}};
  const auto good = to_proto(counts);
  const auto refused = [&](auto change) {
    auto batch = good;
    change(batch);
    const auto read = from_proto(batch);
    return !read.ok() && read.failure().code == models::errc::invalid_data && !read.failure().text.empty();
  };
  BOOST_TEST(!refused([](v1::EventBatch&) {}));
  BOOST_TEST(refused([](v1::EventBatch& b) { b.add_resource(0); }));
  BOOST_TEST(refused([](v1::EventBatch& b) { b.add_region(0); }));
  BOOST_TEST(refused([](v1::EventBatch& b) { b.add_interval_offset(0); }));
  BOOST_TEST(refused([](v1::EventBatch& b) { b.add_count(0); }));
  BOOST_TEST(refused([](v1::EventBatch& b) { b.clear_count(); }));
  BOOST_TEST(
      refused([](v1::EventBatch& b) { b.set_resource(0, static_cast<std::uint32_t>(b.resources_size())); }));
  BOOST_TEST(
      refused([](v1::EventBatch& b) { b.set_region(0, static_cast<std::uint32_t>(b.regions_size())); }));
  BOOST_TEST(refused([](v1::EventBatch& b) { b.add_resources(std::string(257, 'x')); }));
  BOOST_TEST(refused([](v1::EventBatch& b) { b.add_regions("\xff"); }));
  BOOST_TEST(
      refused([](v1::EventBatch& b) { b.set_base_interval(std::numeric_limits<std::int64_t>::max()); }));
  BOOST_TEST(
      refused([](v1::EventBatch& b) { b.set_base_interval(std::numeric_limits<std::int64_t>::min()); }));
}

BOOST_AUTO_TEST_CASE(prices_survive_the_wire) {
  random_source random{tests::seed("prices", 163)};
  for (int trial = 0; trial < 100; ++trial) {
    models::unit_price price;
    if (random.chance(0.8)) {
      price.value = models::benefit{static_cast<std::int32_t>(random.between(-1'073'741'824, 1'073'741'825))};
      price.line = {random.next(), "r" + std::to_string(trial),
                    static_cast<std::uint32_t>(random.below(100))};
    }
    BOOST_TEST((from_proto(to_proto(price)) == price));
  }
}

BOOST_AUTO_TEST_CASE(where_everything_stands_no_price_travels) {
  v1::Price stands;
  stands.set_stands(true);
  BOOST_TEST(to_proto(models::unit_price{}).SerializeAsString() == stands.SerializeAsString());
}

BOOST_AUTO_TEST_CASE(price_requests_survive_the_wire_and_unknown_forms_are_refused) {
  const auto region = models::region_id::make("eu").value();
  models::price_search search{5};
  const auto request = search.request();
  const auto proto = to_proto(request, region, models::interval_number{-9});
  BOOST_TEST(proto.region() == "eu");
  BOOST_TEST(proto.interval() == -9);
  const auto back = from_proto(proto);
  BOOST_REQUIRE(back.ok());
  BOOST_TEST((*back == request));
  const auto refused = [&](auto change) {
    auto wrong = proto;
    change(wrong);
    return !from_proto(wrong).ok();
  };
  BOOST_TEST(refused([](v1::PriceRequest& r) { r.set_form(2); }));
  BOOST_TEST(refused([](v1::PriceRequest& r) { r.set_field(2); }));
  BOOST_TEST(refused([](v1::PriceRequest& r) { r.set_shift(64); }));
  BOOST_TEST(refused([](v1::PriceRequest& r) { r.set_shift(256); }));
  BOOST_TEST(refused([](v1::PriceRequest& r) {
    r.set_first_rank(9);
    r.set_last_rank(8);
  }));
}

BOOST_AUTO_TEST_CASE(histograms_survive_the_wire_and_those_out_of_order_are_refused) {
  random_source random{tests::seed("histograms", 164)};
  const auto region = models::region_id::make("eu").value();
  for (int trial = 0; trial < 100; ++trial) {
    const auto answer = random_answer(random);
    const auto back = from_proto(to_proto(answer, region, models::interval_number{trial}));
    BOOST_REQUIRE(back.ok());
    BOOST_TEST((*back == answer));
  }
  models::price_answer answer;
  answer.bins = {{1, 5, 2, 0, 3}, {2, 5, 2, 4, 7}};
  answer.runs = {{1, 9, "a", 1, 4}, {2, 9, "b", 1, 4}};
  const auto good = to_proto(answer, region, models::interval_number{});
  const auto refused = [&](auto change) {
    auto wrong = good;
    change(wrong);
    return !from_proto(wrong).ok();
  };
  BOOST_TEST(!refused([](v1::BenefitHistogram&) {}));
  BOOST_TEST(refused([](v1::BenefitHistogram& h) { h.mutable_bins()->SwapElements(0, 1); }));
  BOOST_TEST(refused([](v1::BenefitHistogram& h) { h.mutable_bins(1)->set_bin(1); }));
  BOOST_TEST(refused([](v1::BenefitHistogram& h) { h.mutable_runs()->SwapElements(0, 1); }));
  BOOST_TEST(refused([](v1::BenefitHistogram& h) { h.mutable_runs(0)->set_first_unit(0); }));
  BOOST_TEST(refused([](v1::BenefitHistogram& h) { h.mutable_runs(0)->set_last_unit(0); }));
}

BOOST_AUTO_TEST_CASE(a_decision_becomes_a_point_of_a_curve) {
  models::decision d;
  d.mean = 2.5F;
  d.dispersion = 0.25F;
  d.allocation = 6;
  d.at_least = {0.75F, 0.5F, 0.25F};
  const auto point = to_proto(d);
  BOOST_TEST(point.mean() == 2.5F);
  BOOST_TEST(point.dispersion() == 0.25F);
  BOOST_TEST(point.allocation() == 6);
  BOOST_REQUIRE(point.at_least_size() == 3);
  BOOST_TEST(point.at_least(2) == 0.25F);
}

BOOST_AUTO_TEST_CASE(whatever_bytes_come_nothing_worse_than_a_refusal_happens) {
  const google::protobuf::LogSilencer silence;
  random_source random{tests::seed("any bytes", 165)};
  const auto region = models::region_id::make("eu").value();
  for (int trial = 0; trial < 2'000; ++trial) {
    auto bytes =
        trial % 2 == 0
            ? to_proto(random_counts(random)).SerializeAsString()
            : to_proto(random_answer(random), region, models::interval_number{3}).SerializeAsString();
    if (bytes.empty()) continue;
    for (auto n = random.between(1, 4); n > 0; --n)
      bytes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<char>(random.below(256));
    v1::EventBatch batch;
    if (batch.ParseFromString(bytes)) (void)from_proto(batch);
    v1::BenefitHistogram histogram;
    if (histogram.ParseFromString(bytes)) (void)from_proto(histogram);
    v1::PriceRequest request;
    if (request.ParseFromString(bytes)) (void)from_proto(request);
    (void)decode_record(bytes);
  }
}
