// The bytes of one message of each kind, and the names of CAF's carriers: what other nodes and old logs hold.
//
// A line of tests/golden/messages.txt is a name and the bytes in hexadecimal. It only grows: a change of a
// line means that logs and nodes of before are no longer understood.
#include "messages/caf/protobuf_message.hpp"
#include "messages/event.pb.h"
#include "messages/intent.pb.h"
#include "messages/plan.pb.h"
#include "messages/record.pb.h"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system_config.hpp>

#include <fstream>
#include <map>
#include <string>

using namespace forestage;

namespace {

std::string hex(const std::string& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::map<std::string, std::string> golden(const std::string& file) {
  std::map<std::string, std::string> lines;
  std::ifstream in(std::string{FORESTAGE_SOURCE_DIR} + "/tests/golden/" + file);
  for (std::string name, value; in >> name >> value;)
    lines[name] = value;
  return lines;
}

void fill(v1::EventBatch& b) {
  b.set_session("replay");
  b.set_sequence(3);
  b.set_provenance(v1::PROVENANCE_IMPORTED);
  b.add_resources("room/42");
  b.add_resources("");
  b.add_regions("eu");
  b.set_base_interval(-2);
  b.add_resource(0);
  b.add_resource(1);
  b.add_region(0);
  b.add_region(0);
  b.add_interval_offset(0);
  b.add_interval_offset(300);
  b.add_count(1);
  b.add_count(4'294'967'295);
}

void fill(v1::Price& p) {
  p.set_value(-12'345);
  p.set_line_hash(0x0123456789abcdefULL);
  p.set_line_resource("room/42");
  p.set_line_unit(7);
}

void fill(v1::RegionPrices& r) {
  r.set_region("eu");
  r.set_first_interval(500);
  r.add_prices()->set_stands(true);
  fill(*r.add_prices());
}

void fill(v1::IntentBatch& b) {
  b.set_session("s");
  b.set_sequence(4);
  b.add_resources("room/42");
  b.add_regions("eu");
  b.set_base_interval(-2);
  b.add_resource(0);
  b.add_region(0);
  b.add_made(1);
  b.add_ahead(3);
  b.add_peer(0x0123456789abcdefULL);
  b.add_expected(2);
  b.add_weight(0.75F);
  b.add_source(v1::INTENT_SOURCE_OPERATOR);
  b.add_kept_resource(0);
  b.add_kept_region(0);
  b.add_came(5);
  b.add_kept_shift(-1);
  b.add_kept_in_time(true);
  b.add_kept_count(300);
}

std::map<std::string, std::string> samples() {
  std::map<std::string, std::string> out;
  const auto add = [&](const std::string& name, const google::protobuf::MessageLite& m) {
    out[name] = hex(m.SerializeAsString());
  };
  v1::EventBatch batch;
  fill(batch);
  add("EventBatch", batch);

  v1::IntentBatch intents;
  fill(intents);
  add("IntentBatch", intents);

  v1::Curve curve;
  curve.set_resource("room/42");
  curve.set_region("eu");
  curve.set_first_interval(500);
  auto& point = *curve.add_points();
  point.set_mean(2.5F);
  point.set_dispersion(0.25F);
  for (const float p : {0.75F, 0.5F, 0.125F})
    point.add_at_least(p);
  point.set_allocation(4);
  add("Curve", curve);

  v1::PriceRequest request;
  request.set_region("eu");
  request.set_interval(500);
  request.set_form(1);
  request.set_field(1);
  request.set_first_rank(10);
  request.set_last_rank(20);
  request.set_shift(3);
  request.set_tied(-5);
  add("PriceRequest", request);

  v1::BenefitHistogram histogram;
  histogram.set_region("eu");
  histogram.set_interval(500);
  auto& bin = *histogram.add_bins();
  bin.set_bin(1);
  bin.set_units(2);
  bin.set_runs(3);
  bin.set_lowest_rank(4);
  bin.set_highest_rank(5);
  auto& run = *histogram.add_runs();
  run.set_benefit_rank(6);
  run.set_hash(7);
  run.set_resource("room/42");
  run.set_first_unit(8);
  run.set_last_unit(9);
  add("BenefitHistogram", histogram);

  v1::RegionPrices prices;
  fill(prices);
  add("RegionPrices", prices);

  v1::Plan plan;
  plan.set_region("eu");
  plan.set_interval(500);
  plan.set_version(2);
  auto& allocation = *plan.add_allocations();
  allocation.set_resource("room/42");
  allocation.set_units(3);
  add("Plan", plan);

  v1::LogRecord record;
  fill(*record.mutable_counts()->mutable_batch());
  add("LogRecord.counts", record);
  record.mutable_close()->set_round(9);
  record.mutable_close()->set_from_interval(-4);
  record.mutable_close()->set_to_interval(20);
  add("LogRecord.close", record);
  auto& parameters = *record.mutable_parameters();
  parameters.set_version(11);
  parameters.set_pool("\x01\x02");
  parameters.mutable_tuned()->set_window(1);
  parameters.mutable_tuned()->set_headroom(2);
  parameters.mutable_tuned()->set_week_headroom(3);
  add("LogRecord.parameters", record);
  record.mutable_prices()->set_round(9);
  fill(*record.mutable_prices()->add_regions());
  auto& outcome = *record.mutable_prices()->add_outcomes();
  outcome.set_region("eu");
  auto& policy = *outcome.add_policies();
  policy.set_policy("last-day");
  policy.set_used(1);
  policy.set_cold(2);
  policy.set_waste(3);
  add("LogRecord.prices", record);
  fill(*record.mutable_intents()->mutable_batch());
  add("LogRecord.intents", record);
  record.mutable_epoch()->set_number(5);
  record.mutable_epoch()->set_owner("node-7");
  add("LogRecord.epoch", record);
  return out;
}

struct config : caf::actor_system_config {
  config() { messages::add_message_types(*this); }
};

} // namespace

BOOST_AUTO_TEST_CASE(every_message_has_the_bytes_it_always_had) {
  const auto known = golden("messages.txt");
  const auto now = samples();
  BOOST_TEST(known.size() == now.size());
  for (const auto& [name, bytes] : now) {
    const auto at = known.find(name);
    BOOST_TEST((at != known.end() && at->second == bytes),
               "tests/golden/messages.txt: " << name << ' ' << bytes);
  }
}

BOOST_AUTO_TEST_CASE(the_carriers_announce_the_names_they_always_had) {
  const config c;
  const auto known = golden("carriers.txt");
  BOOST_TEST(known.size() == 6U);
  for (const auto& [name, kind] : known) {
    BOOST_TEST(kind == "message");
    BOOST_TEST(c.value_factories_by_name.count(name) == 1U, name);
  }
  std::size_t announced = 0;
  for (const auto& [name, factory] : c.value_factories_by_name)
    if (name.rfind("forestage.", 0) == 0) {
      ++announced;
      BOOST_TEST(known.count(name) == 1U, "tests/golden/carriers.txt: " << name << " message");
    }
  BOOST_TEST(announced == known.size());
}

BOOST_AUTO_TEST_CASE(a_carrier_parses_what_it_carries_and_refuses_what_it_cannot) {
  v1::Plan plan;
  plan.set_region("eu");
  const messages::protobuf_message<v1::Plan> carrier{plan};
  const auto back = carrier.parse();
  BOOST_REQUIRE(back.ok());
  BOOST_TEST(back->region() == "eu");
  BOOST_TEST((carrier == messages::protobuf_message<v1::Plan>{plan}));
  struct loader {
    using result_type = void;
    std::string bytes;
    void operator()(const caf::meta::type_name_t&, std::string& into) { into = bytes; }
  };
  messages::protobuf_message<v1::Plan> foreign;
  loader load{"\xff\xff"};
  inspect(load, foreign);
  const auto refused = foreign.parse();
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.failure().code == models::errc::invalid_data));
  BOOST_TEST(refused.failure().text.find("forestage.v1.Plan") != std::string::npos);
}
