#include "cluster/backtest/forecast_file.hpp"

#include <fmt/format.h>

#include <iterator>

namespace forestage::cluster {

namespace {

// As a CSV field: quoted where it must be.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

} // namespace

models::result<forecast_file> forecast_file::open(const std::string& path,
                                                  std::span<const double> quantiles) {
  auto file = files::output::open(path);
  if (!file) return file.failure();
  std::string header = "series,origin,step,mean";
  for (const double q : quantiles)
    header += fmt::format(",q{}", q);
  forecast_file out{std::move(*file)};
  if (auto written = out.file_.write(header + "\n"); !written) return written.failure();
  return out;
}

models::status forecast_file::add(const std::string& name, const models::panel_forecast& f) {
  const auto series = field(name);
  std::string text;
  for (std::size_t k = 0; k < f.mean.size(); ++k) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{}", series, f.origin, k + 1, f.mean[k]);
    for (const auto& band : f.bands)
      fmt::format_to(std::back_inserter(text), ",{}", band[k]);
    text += '\n';
  }
  return file_.write(text);
}

} // namespace forestage::cluster
