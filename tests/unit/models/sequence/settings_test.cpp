#include "models/sequence/sequence_model.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace forestage::models;

BOOST_AUTO_TEST_SUITE(sequence_settings_)

BOOST_AUTO_TEST_CASE(the_defaults_are_allowed) {
  BOOST_TEST(validate({}).ok());
}

BOOST_AUTO_TEST_CASE(a_setting_outside_its_bounds_is_refused_by_name) {
  const auto refused = [](auto change, std::string_view name) {
    sequence_settings s;
    change(s);
    const auto made = sequence_model::make(s);
    BOOST_REQUIRE(!made.ok());
    BOOST_TEST((made.failure().code == errc::invalid_argument));
    BOOST_TEST(made.failure().text.find(name) != std::string::npos, made.failure().text);
  };
  refused([](auto& s) { s.half_life = 0; }, "half_life");
  refused([](auto& s) { s.orders = 4; }, "orders");
  refused([](auto& s) { s.most_contexts = 63; }, "most_contexts");
  refused([](auto& s) { s.most_resources = 1; }, "most_resources");
  refused([](auto& s) { s.most_successors = 0; }, "most_successors");
  refused([](auto& s) { s.most_segments = 0; }, "most_segments");
  refused([](auto& s) { s.most_peers = 0; }, "most_peers");
  refused([](auto& s) { s.most_open = 0; }, "most_open");
  refused([](auto& s) { s.window_from = 0; }, "window_from");
  refused([](auto& s) { s.window_from = 4; }, "window_to");
  refused([](auto& s) { s.window_to = 17; }, "window_to");
  refused([](auto& s) { s.most_per_peer = 0; }, "most_per_peer");
  refused([](auto& s) { s.least_probability = 0; }, "least_probability");
  refused([](auto& s) { s.least_probability = std::numeric_limits<double>::quiet_NaN(); },
          "least_probability");
  refused([](auto& s) { s.lift = .5; }, "lift");
}

BOOST_AUTO_TEST_SUITE_END()
