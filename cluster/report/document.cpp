#include "cluster/report/document.hpp"

#include "cluster/report/page.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>

namespace forestage::cluster {

namespace {

using json = nlohmann::ordered_json;

constexpr int format = 2; // 2: hours and horizon
constexpr std::string_view marker = "@FORESTAGE_REPORT_DATA@";
constexpr std::int64_t seconds_per_day = 86'400;

json value_of(const std::optional<double>& v) {
  if (!v || !std::isfinite(*v)) return nullptr;
  // Counts are most of a document: whole numbers are written without a fraction.
  if (*v == std::floor(*v) && std::fabs(*v) < 1e15) return static_cast<std::int64_t>(*v);
  return *v;
}

json values_of(const std::vector<std::optional<double>>& values) {
  json out = json::array();
  for (const auto& v : values)
    out.push_back(value_of(v));
  return out;
}

json pairs_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json out = json::array();
  for (const auto& [name, value] : pairs)
    out.push_back({name, value});
  return out;
}

json days_of(const report_days& days) {
  json out;
  auto& dates = out["days"] = json::array();
  const std::size_t count = days.policies.empty() ? 0 : days.policies.front().days.size();
  for (std::size_t i = 0; i < count; ++i)
    dates.push_back((days.first + static_cast<std::int64_t>(i)) * seconds_per_day);
  auto& policies = out["policies"] = json::object();
  for (const auto& p : days.policies) {
    json warm = json::array(), cold = json::array(), waste = json::array();
    for (const auto& d : p.days) {
      warm.push_back(d.used);
      cold.push_back(d.cold);
      waste.push_back(d.waste);
    }
    policies[p.name] = {{"warm", std::move(warm)}, {"cold", std::move(cold)}, {"waste", std::move(waste)}};
  }
  return out;
}

json curve_of(const report_curve& c) {
  json out{{"name", c.name}};
  if (!c.region.empty()) out["region"] = c.region;
  if (c.requests) out["requests"] = *c.requests;
  out["start"] = c.start_seconds ? json(*c.start_seconds) : json(nullptr);
  out["step_seconds"] = c.step_seconds;
  out["levels"] = c.levels;
  out["actual"] = values_of(c.actual);
  if (!c.allocation.empty()) out["allocation"] = c.allocation;
  auto& forecasts = out["forecasts"] = json::array();
  for (const auto& f : c.forecasts) {
    json bands = json::array();
    for (const auto& band : f.bands)
      bands.push_back(values_of(band));
    forecasts.push_back({{"at", f.at}, {"mean", values_of(f.mean)}, {"bands", std::move(bands)}});
  }
  return out;
}

// Names come from logs. Escaped, they neither end the script element nor begin a comment in it.
std::string inside_html(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
    case '<':
      out += "\\u003c";
      break;
    case '>':
      out += "\\u003e";
      break;
    case '&':
      out += "\\u0026";
      break;
    default:
      out += c;
    }
  }
  return out;
}

} // namespace

std::string file_names(const std::vector<std::string>& paths) {
  std::string out;
  for (const auto& path : paths) {
    auto whole = std::filesystem::path{path}.lexically_normal();
    if (!whole.has_filename()) whole = whole.parent_path(); // "run1/"
    const auto name = whole.filename().string();
    if (!out.empty()) out += ", ";
    out += name.empty() ? path : name;
  }
  return out;
}

std::string to_json(const report_document& d) {
  json out{{"format", format},
           {"command", d.command},
           {"title", d.title},
           {"summary", d.summary},
           {"settings", pairs_of(d.settings)},
           {"versions", pairs_of(d.versions)}};
  out["card"] = json::parse(d.card, nullptr, false);
  if (d.days) out["days"] = days_of(*d.days);
  if (d.week)
    out["week"] = {{"policy", d.week->policy},
                   {"hours", d.week->hours},
                   {"requests", d.week->requests},
                   {"cold", d.week->cold}};
  if (d.hours) {
    auto& all = out["hours"] = json::array();
    for (const auto& m : *d.hours)
      all.push_back({{"label", m.label}, {"values", values_of(m.values)}});
  }
  if (d.horizon) {
    auto& models = out["horizon"] = {{"blocks", d.horizon->blocks}, {"models", json::object()}};
    for (const auto& [name, values] : d.horizon->models)
      models["models"][name] = values_of(values);
  }
  if (!d.curves.empty()) {
    auto& curves = out["curves"] = json::array();
    for (const auto& c : d.curves)
      curves.push_back(curve_of(c));
  }
  if (!d.calibration.empty()) {
    auto& all = out["calibration"] = json::array();
    for (const auto& c : d.calibration)
      all.push_back({{"name", c.name},
                     {"observations", c.observations},
                     {"levels", c.levels},
                     {"coverage", c.coverage}});
  }
  if (!d.ablations.empty()) {
    auto& all = out["ablations"] = json::array();
    for (const auto& a : d.ablations)
      all.push_back({{"name", a.name},
                     {"metric", a.metric},
                     {"with", a.with},
                     {"without", a.without},
                     {"better", a.lower_is_better ? "lower" : "higher"}});
  }
  return inside_html(out.dump(-1, ' ', true, json::error_handler_t::replace));
}

models::status report_available() {
  if (report_page().find(marker) != std::string_view::npos) return models::success();
  return {models::errc::not_found,
          "this forestage was built without the report page: install nodejs and npm (scripts/install), "
          "let npm reach its registry, and build again with -DFORESTAGE_REPORT=ON"};
}

models::result<std::string> to_html(const report_document& document) {
  if (auto available = report_available(); !available) return available.failure();
  const auto page = report_page();
  const auto at = page.find(marker);
  std::string out{page.substr(0, at)};
  out += to_json(document);
  out += page.substr(at + marker.size());
  return out;
}

} // namespace forestage::cluster
