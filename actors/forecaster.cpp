#include "actors/forecaster.hpp"

namespace forestage::actors {

forecaster_actor::behavior_type forecaster(forecaster_actor::stateful_pointer<forecaster_state> self,
                                           run_settings_ptr settings, std::uint32_t resource,
                                           local<resource_core> core, forecaster_listener listener) {
  self->state.settings = std::move(settings);
  self->state.core = std::move(*core);
  return {
      [self, resource, listener](atom::advance, const local<advance_order>& order) {
        auto& state = self->state;
        static const region_table none;
        const auto& regions = order->regions ? *order->regions : none;
        advance_answer answer{
            state.core.advance(*state.settings, *order->round, order->cells, order->traced, regions), {}};
        const bool idle = answer.result.idle;
        if (idle) state.core.write_to(answer.state);
        self->send(listener, atom::advanced::value, resource, local{std::move(answer)});
        if (idle) self->quit();
      },
      [self, resource, listener](atom::state) {
        std::string bytes;
        self->state.core.write_to(bytes);
        self->send(listener, atom::state::value, resource, std::move(bytes));
      },
      [self](atom::inspect) -> std::uint64_t { return self->state.core.bytes(); },
  };
}

} // namespace forestage::actors
