// A shard's log, read again record by record after a restart. No CAF, no I/O.
//
// take() gives what a record says to the core: prices settle the open round at once; counts and intents wait
// for the close that they belong to (live: in the core's inbox, some of them for later ones). After a close,
// context() is that of the round which is to be begun.
#pragma once

#include "actors/shard/shard_core.hpp"

#include <vector>

namespace forestage::actors {

class tail_fold {
public:
  tail_fold() = default;
  // context: of the newest round that the core has folded.
  explicit tail_fold(round_context context)
      : context_(std::move(context)) {}

  // Errors: invalid_data, for a record that cannot follow those before.
  [[nodiscard]] models::status take(shard_core& core, const run_settings& settings,
                                    const v1::LogRecord& record);
  // Of the newest record.
  [[nodiscard]] const round_context& context() const noexcept { return context_; }

private:
  // Gives the counts since the last close to the core, which closes a round with them.
  [[nodiscard]] models::status close(shard_core& core, const run_settings& settings, const v1::Close& record);

  round_context context_;
  std::vector<messages::event_counts> counts_; // of the round that has not been closed yet
  std::vector<messages::intent_events> intents_;
};

} // namespace forestage::actors
