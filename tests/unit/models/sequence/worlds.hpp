// Peers with habits, for the tests of the sequence model.
#pragma once

#include "models/sequence/sequence_model.hpp"

#include <cstdint>
#include <initializer_list>

namespace forestage::tests {

// Asks for the resources in this order, one an interval, again and again. Returns the interval after.
inline std::int64_t repeat(models::sequence_model& model, std::uint64_t peer, std::uint32_t segment,
                           std::initializer_list<std::uint64_t> resources, int times, std::int64_t from) {
  for (int i = 0; i < times; ++i)
    for (const auto resource : resources) {
      model.observe(peer, segment, resource, models::interval_number{from});
      model.close(models::interval_number{from++});
    }
  return from;
}

inline double probability_of(const std::vector<models::next_resource>& said, std::uint64_t resource) {
  for (const auto& one : said)
    if (one.resource == resource) return one.probability;
  return 0;
}

} // namespace forestage::tests
