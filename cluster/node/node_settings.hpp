// What a node's configuration means for its actors. Pure.
#pragma once

#include "actors/run.hpp"
#include "cluster/node/config.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <string>

namespace forestage::cluster {

// first: the first interval that the node ever watched. Errors: invalid_argument.
[[nodiscard]] models::result<actors::run_settings_ptr> settings_of(const node_config& config,
                                                                   models::interval_number first);

// Units of a region: the longest pattern that fits; without one as good as none.
[[nodiscard]] std::int64_t budget_of(const node_config& config, const models::region_id& region);

// What a history rests on, in words: a node goes on with a history only where this is the same.
[[nodiscard]] std::string history_text(const node_config& config);

} // namespace forestage::cluster
