// Any bytes: parse_truth answers with a model whose rates are finite and not negative, or with an error. The
// same bytes as a compressed file: decompress answers.
#include "adapters/files/read_file.hpp"
#include "adapters/truth/truth_file.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace forestage;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  constexpr std::size_t limit = 1U << 20U;
  if (const auto bytes = files::decompress(std::string{text}, "input", limit); bytes && bytes->size() > limit)
    std::abort();
  const auto model = truth::parse_truth(text, "input");
  if (!model) {
    if (model.failure().text.empty()) std::abort();
    return 0;
  }
  const auto grid = models::interval_grid::make(3'600).value();
  std::vector<double> rates(26);
  const auto& all = model->truth();
  model->rates(grid, 0, 0, grid.at(all.first_day * models::seconds_per_day) - 1, rates);
  for (const double rate : rates)
    if (!std::isfinite(rate) || rate < 0) std::abort();
  return 0;
}
