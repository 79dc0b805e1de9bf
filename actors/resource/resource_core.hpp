// The fold of one resource: its demand state in every region. No CAF.
//
// advance() folds the requests of a round's closed intervals, key by key: the demand model observes each
// interval (asleep, a gap at a time), then decides for the interval `horizon` later; the yardsticks follow
// from the counts. A key gets a demand model when it has been active in a few intervals of 14 days; until
// then nothing is ready for it, and it costs a few bytes. A key that is declared for gets a forward look
// (models/intents/intent_state.hpp), which works from the model's decisions and does not touch the model.
// Intervals whose count is not known, because the log leaves it open or its source had failed, are missed by
// the model. What the log leaves open is not scored either, neither here nor for any yardstick; a failure is
// only concluded, and what was decided for it is scored as the log says, with no demand.
// Deterministic: the result depends on the counts and the round contexts alone, not on other resources.
#pragma once

#include "actors/run.hpp"
#include "models/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::actors {

class resource_core {
public:
  resource_core() = default;
  // kind: what the catalogue says of the resource; it is no part of the state.
  explicit resource_core(models::kind_number kind)
      : kind_(kind) {}

  // `cells` by region; a region may be left out. regions: of the shard, by number. traced: what was said of
  // every interval goes into the result.
  [[nodiscard]] resource_result advance(const run_settings& settings, const round_context& round,
                                        const std::vector<region_cells>& cells, bool traced = false,
                                        const region_table& regions = {});

  // State as bytes; restored, it continues bit for bit.
  void write_to(std::string& bytes) const;
  // Errors: invalid_data, incompatible.
  [[nodiscard]] static models::result<resource_core>
  read_from(const run_settings& settings, std::string_view bytes, models::kind_number kind = 0);

  [[nodiscard]] std::size_t bytes() const noexcept;

private:
  struct key {
    region_number region{};
    std::unique_ptr<models::key_model> model;
    std::vector<models::cell> young; // until there is a model: the active intervals of 14 days
    models::yardstick_tracker yardsticks;
    std::unique_ptr<models::intent_state> intents;   // from the first declaration on
    std::unique_ptr<models::segment_watch> segments; // when the run tells segments apart
  };

  [[nodiscard]] key& key_of(region_number region);
  void advance_key(const run_settings& settings, const round_context& round, const region_facts& facts,
                   key& k, const region_cells* has, bool traced, resource_result& out);
  // Folds the round into the key's demand model, if it has one or gets one, and plans; or leaves that to the
  // forward look and says in decisions (when it is not null) what it would have planned.
  void advance_model(const run_settings& settings, const round_context& round, const region_facts& facts,
                     key& k, const region_cells* has, bool traced, std::vector<models::decision>* decisions,
                     region_result& region, resource_result& out);
  // Folds what the segments asked for in an interval.
  static void observe_segments(const run_settings& settings, const region_facts& facts, key& k,
                               const region_cells* has, interval_number t, std::uint32_t count,
                               bool evaluated, resource_result& out);
  // Folds the round into the key's forward look and plans. decisions: what the model decided without it.
  void advance_intents(const run_settings& settings, const round_context& round, const region_facts& facts,
                       key& k, const region_cells* has, std::span<const models::decision> decisions,
                       region_result& region, resource_result& out);

  models::kind_number kind_ = 0;
  std::vector<key> keys_; // by region
};

} // namespace forestage::actors
