#include "actors/pool.hpp"

#include <utility>

namespace forestage::actors {

pool_actor::behavior_type pool(pool_actor::stateful_pointer<pool_state> self,
                               const models::pool_parameters& initial) {
  self->state.parameters = initial;
  return {
      [self](atom::append, const local<models::pool_statistics>& statistics) {
        self->state.sum.merge(*statistics);
      },
      [self](atom::learn) {
        auto& state = self->state;
        if (state.sum != models::pool_statistics{})
          state.parameters = models::learn_parameters(state.sum, state.parameters);
        state.sum = {};
        return local{models::pool_parameters{state.parameters}};
      },
      [self](atom::restore, const local<models::pool_parameters>& restored) {
        self->state.sum = {}; // of a round that has failed
        self->state.parameters = *restored;
      },
  };
}

} // namespace forestage::actors
