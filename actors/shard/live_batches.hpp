// How a live shard takes what agents send: append first, then fold into the inbox, then acknowledge.
//
// Batches that come while an append is on its way go together with the next one. After a failed append the
// shard acknowledges nothing more until it is restored: whether the log has the batches is open.
#pragma once

#include "actors/shard/shard.hpp"

namespace forestage::actors {

using shard_pointer = shard_actor::stateful_pointer<shard_state>;

// Errors: unavailable (not live, no room: send it again later), or that of the append.
[[nodiscard]] caf::result<local<batch_answer>> on_batch(shard_pointer self, const local<live_batch>& batch);

// Appends what waits, if nothing else is being appended and the log's tail has been folded.
void append_batches(shard_pointer self);

// Takes the batches at the front of the log's tail, which was read after a restart.
[[nodiscard]] models::status take_tail_batches(shard_state& state);
// The same up to and with the record that closes (prices) a round. Errors: invalid_data when the tail has
// none, or another span.
[[nodiscard]] models::status take_tail_close(shard_state& state, const round_context& round);
[[nodiscard]] models::status take_tail_prices(shard_state& state, std::uint64_t round);

// After a failed append: nothing more is appended until the shard is restored, and whoever waits for a turn
// hears why.
void stop_appending(shard_pointer self, const models::error& why);

// Answers everything that waits with an error.
void refuse_batches(shard_state& state, const models::error& why);

} // namespace forestage::actors
