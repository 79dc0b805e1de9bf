#include "adapters/truth/truth_file.hpp"

#include <nlohmann/json.hpp>

namespace forestage::truth {
namespace {

using json = nlohmann::ordered_json;
using namespace models::synthetic;

json header(const rate_model& model) {
  const auto& all = model.truth();
  return {{"format", "forestage-truth"},
          {"version", 1},
          {"first_day", all.first_day},
          {"days", all.days},
          {"seed", all.seed},
          {"regions", all.regions.size()},
          {"classes", all.classes.size()},
          {"resources", all.resources.size()},
          {"pulses", all.pulses.size()},
          {"habits", all.habits.size()},
          {"expected_requests", model.expected_requests()}};
}

json line(const region& item) {
  return {{"region", item.name.text()},
          {"utc_offset_minutes", item.utc_offset_minutes},
          {"first_peer", item.first_peer},
          {"peers", item.peers}};
}

json line(const resource_class& item) {
  auto peaks = json::array();
  for (const auto& peak : item.peaks)
    peaks.push_back(json::array({peak.minute, peak.width_minutes, peak.height}));
  return {
      {"class", item.name}, {"floor", item.floor}, {"peaks", peaks}, {"weekend_factor", item.weekend_factor}};
}

json line(const resource& item) {
  return {{"resource", item.name.text()},
          {"class", item.class_number},
          {"rate", item.rate},
          {"life", json::array({item.born, item.dies})},
          {"shares", item.shares}};
}

json line(const pulse& item) {
  return {{"pulse", item.what == pulse::kind::flash ? "flash" : "session"},
          {"resource", item.resource},
          {"region", item.region},
          {"first_minute", item.first_minute},
          {"minutes", item.minutes},
          {"period_minutes", item.period_minutes},
          {"decay_minutes", item.decay_minutes},
          {"height", item.height}};
}

json line(const habit& item) {
  return {{"habit", item.peer},    {"resource", item.resource},     {"region", item.region},
          {"minute", item.minute}, {"spread", item.spread_minutes}, {"strength", item.strength}};
}

} // namespace

models::status write_truth(const rate_model& model, files::output& to) {
  const auto& all = model.truth();
  if (auto ok = to.write(header(model).dump() + "\n"); !ok) return ok;
  const auto write_all = [&](const auto& items) {
    for (const auto& item : items)
      if (auto ok = to.write(line(item).dump() + "\n"); !ok) return ok;
    return models::success();
  };
  if (auto ok = write_all(all.regions); !ok) return ok;
  if (auto ok = write_all(all.classes); !ok) return ok;
  if (auto ok = write_all(all.resources); !ok) return ok;
  if (auto ok = write_all(all.pulses); !ok) return ok;
  return write_all(all.habits);
}

models::status write_truth(const rate_model& model, const std::string& path) {
  auto to = files::output::open(path);
  if (!to) return to.failure();
  if (auto ok = write_truth(model, *to); !ok) return ok;
  return to->commit();
}

} // namespace forestage::truth
