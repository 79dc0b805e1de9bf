// Any bytes as a batch of events: refused with a sentence, or counts that are in bounds and come to what was
// said.
#include "cluster/node/events_request.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace forestage;

void require(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto grid = models::interval_grid::make(300).value();
  constexpr std::int64_t noon_ms = 1'767'268'800'000;
  const auto parsed = cluster::parse_events({reinterpret_cast<const char*>(data), size},
                                            {.grid = grid, .received_ms = noon_ms, .most_events = 20});
  if (!parsed) {
    require(!parsed.failure().text.empty());
    return 0;
  }
  const auto& counts = parsed->counts;
  std::uint64_t requests = 0;
  for (const auto& e : counts.entries) {
    require(e.resource < counts.resources.size() && e.region < counts.regions.size() && e.cell.count > 0);
    require(e.cell.interval <= grid.at(noon_ms / 1'000) + 1);
    requests += e.cell.count;
  }
  require(requests == parsed->requests && parsed->ahead <= requests);
  require(parsed->session.empty() == (parsed->sequence == 0));
  return 0;
}
