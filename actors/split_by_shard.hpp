// What is for several shards, taken apart by who owns the resources. No CAF.
#pragma once

#include "messages/convert.hpp"

#include <cstdint>
#include <vector>

namespace forestage::actors {

// The entries of each shard, with the names they use. Order within a shard is kept.
[[nodiscard]] std::vector<messages::event_counts> split_by_shard(const messages::event_counts& events,
                                                                 std::uint32_t shards);

// The same of intents.
[[nodiscard]] std::vector<messages::intent_events> split_intents(const messages::intent_events& intents,
                                                                 std::uint32_t shards);

} // namespace forestage::actors
