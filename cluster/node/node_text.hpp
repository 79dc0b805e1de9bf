// What a node tells people about itself. Pure.
#pragma once

#include "cluster/node/config.hpp"
#include "cluster/node/node_state.hpp"
#include "cluster/node/round_schedule.hpp"
#include "models/interval.hpp"

#include <cstdint>
#include <string>

namespace forestage::cluster {

// What is on, where, with which limits.
[[nodiscard]] std::string start_text(const node_config& config, const node_status& status,
                                     models::interval_grid grid, std::uint16_t public_port,
                                     std::uint16_t operator_port);
// "2026-01-01 12:00 to 12:05 UTC".
[[nodiscard]] std::string span_text(const closing_round& round, models::interval_grid grid);
// How the demand log is cut, as a replay of the data directory reads it.
[[nodiscard]] std::string shape_text_of(const node_config& config);

} // namespace forestage::cluster
