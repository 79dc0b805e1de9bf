#include "models/demand/pool.hpp"

namespace forestage::models {

void pool_statistics::merge(const pool_statistics& other) {
  for (std::size_t i = 0; i < pooled_models; ++i)
    grams[i].merge(other.grams[i]);
  recalibration.merge(other.recalibration);
  keys = saturating_add(keys, other.keys);
  intents += other.intents;
  rhythms.merge(other.rhythms);
  segments.merge(other.segments);
}

pool_parameters learn_parameters(const pool_statistics& merged, const pool_parameters& before) {
  pool_parameters next = before;
  ++next.version;
  if (merged.intents != intent_statistics{}) next.intents = learn_intents(merged.intents, before.intents);
  for (std::size_t i = 0; i < pooled_models; ++i) {
    auto g = merged.grams[i].to_gram();
    if (!(g.rows > 0)) continue; // nobody was active: what was known stays
    next.weights[i] = non_negative_weights(g, before.weights[i]);
    g.scale(prior_rows / g.rows);
    next.prior[i] = g;
  }
  if (!merged.rhythms.kinds.empty()) next.rhythms.learn(merged.rhythms);
  if (!merged.segments.regions.empty()) next.segments.learn(merged.segments);
  if (merged.keys > 0) next.recalibration = merged.recalibration.mean();
  return next;
}

} // namespace forestage::models
