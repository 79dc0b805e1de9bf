#include "actors/log_keeper.hpp"

namespace forestage::actors {

namespace {

void commit(log_keeper_state& state) {
  std::vector<shard_append> group;
  group.reserve(state.queue.size());
  for (const auto& w : state.queue)
    group.push_back({w.order->shard, w.order->records, w.order->expected, w.order->rollups});
  const auto answers = state.log->append_group(group);
  for (std::size_t i = 0; i < state.queue.size(); ++i) {
    if (answers[i])
      state.queue[i].promise.deliver(answers[i]->value());
    else
      state.queue[i].promise.deliver(to_caf(answers[i].failure()));
  }
  state.queue.clear();
}

} // namespace

log_keeper_impl::behavior_type log_keeper(log_keeper_impl::stateful_pointer<log_keeper_state> self,
                                          std::shared_ptr<demand_log> log) {
  self->state.log = std::move(log);
  return {
      [self](atom::append, const local<append_order>& order) {
        auto promise = self->make_response_promise<std::uint64_t>();
        self->state.queue.push_back({order, promise});
        // The flush comes behind the appends that wait already: these join the group.
        if (self->state.queue.size() == 1) self->send(self, atom::flush::value);
        return promise;
      },
      [self](atom::read, std::uint32_t shard, std::uint64_t after,
             std::uint64_t limit) -> caf::result<local<std::vector<stored_record>>> {
        auto records = self->state.log->read(models::shard_id{shard}, log_position{after}, limit);
        if (!records) return to_caf(records.failure());
        return local{std::move(*records)};
      },
      [self](atom::load, std::uint32_t shard,
             std::uint64_t at_most) -> caf::result<local<std::optional<stored_snapshot>>> {
        auto snapshot = self->state.log->load_snapshot(models::shard_id{shard}, log_position{at_most});
        if (!snapshot) return to_caf(snapshot.failure());
        return local{std::move(*snapshot)};
      },
      [self](atom::save, const local<snapshot_order>& order) -> caf::result<std::uint64_t> {
        auto& kept_log = *self->state.log;
        if (auto saved = kept_log.save_snapshot(order->shard, order->position, order->state); !saved)
          return to_caf(saved.failure());
        if (auto dropped = kept_log.retain(order->shard, order->retention); !dropped)
          return to_caf(dropped.failure());
        return order->position.value();
      },
      [self](atom::progress, std::uint32_t shard) -> caf::result<std::uint64_t> {
        auto last = self->state.log->last_position(models::shard_id{shard});
        if (!last) return to_caf(last.failure());
        return last->value();
      },
      [self](atom::flush) { commit(self->state); },
  };
}

} // namespace forestage::actors
