// Small synthetic worlds for tests.
#pragma once

#include "models/synthetic/arrivals.hpp"
#include "models/synthetic/compose.hpp"

#include <vector>

namespace forestage::tests {

inline models::synthetic::rate_model world(const models::synthetic::options& wanted) {
  return std::move(models::synthetic::rate_model::make(models::synthetic::compose(wanted).value()).value());
}

inline std::vector<models::synthetic::request> draw_all(const models::synthetic::rate_model& model) {
  std::vector<models::synthetic::request> all;
  std::vector<models::synthetic::request> day;
  for (std::uint32_t d = 0; d < model.truth().days; ++d) {
    models::synthetic::draw_day(model, d, day);
    all.insert(all.end(), day.begin(), day.end());
  }
  return all;
}

// Two regions, one class with a peak at 10:00 local time, one resource that lives throughout.
inline models::synthetic::parameters one_resource(std::uint32_t days = 14) {
  models::synthetic::parameters all;
  all.first_day = 20'454; // a Thursday
  all.days = days;
  all.regions = {{models::region_id::make("here").value(), 60, 0, 10},
                 {models::region_id::make("there").value(), -330, 10, 5}};
  all.classes = {{"room", 0.05, {{{600, 60, 1}, {900, 60, 0.5}}}, 0.5}};
  all.resources = {
      {models::resource_id::make("room/1").value(), 0, 0.25, 0, all.span_minutes(), {7'000, 3'000}}};
  return all;
}

} // namespace forestage::tests
