// The records of a shard's log, made and read. No CAF.
#pragma once

#include "actors/ports/demand_log.hpp"
#include "actors/shard/shard_core.hpp"
#include "messages/record.pb.h"

#include <string>
#include <vector>

namespace forestage::actors {

// Parameters (when they differ from those in force), the counts, the close of the round. One append.
[[nodiscard]] std::vector<std::string> records_of(const round_context& round,
                                                  const messages::event_counts& counts, bool with_parameters,
                                                  const messages::intent_events& intents = {});
[[nodiscard]] std::string record_of(std::uint64_t round, std::span<const region_prices> prices,
                                    std::span<const region_outcome> outcomes, interval_number first_priced);
[[nodiscard]] std::string epoch_record(std::uint64_t number, const std::string& owner);

// The batch's counts, by interval.
[[nodiscard]] std::vector<stored_rollup> rollups_of(const messages::event_counts& counts);

// Reading. Errors: invalid_data.
[[nodiscard]] models::status read_parameters(const v1::Parameters& from, models::pool_parameters& pool,
                                             models::tuned_choice& tuned);
// A price for each of a round's `intervals`, in every region.
// both: of a run that prices the plan without declarations, too.
[[nodiscard]] models::result<std::vector<region_prices>> read_prices(const v1::Prices& from,
                                                                     std::int64_t intervals, bool both);
[[nodiscard]] models::result<std::vector<region_outcome>> read_outcomes(const v1::Prices& from);
[[nodiscard]] std::vector<models::outage> outages_of(const v1::Close& close);
// The round that a close ends: the one after `before`, of at most a day. The rest of it is that of `before`.
[[nodiscard]] models::result<round_context> read_close(const v1::Close& from, const run_settings& settings,
                                                       const round_context& before);

} // namespace forestage::actors
