// What --report says of a replay. Pure.
#pragma once

#include "actors/shard/scoreboard.hpp"
#include "cluster/replay/scorecard.hpp"
#include "cluster/report/document.hpp"

namespace forestage::cluster {

[[nodiscard]] report_document make_report(const replay_options& options, const log_survey& survey,
                                          const models::trace_settings& traced, const scorecard& card,
                                          const actors::scoreboard& board);

} // namespace forestage::cluster
