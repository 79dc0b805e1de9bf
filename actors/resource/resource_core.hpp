// The fold of one resource: its demand state in every region. No CAF.
//
// advance() folds the requests of a round's closed intervals, key by key: the demand model observes each
// interval (asleep, a gap at a time), then decides for the interval `horizon` later; the yardsticks follow
// from the counts. A key gets a demand model when it has been active in a few intervals of 14 days; until
// then nothing is ready for it, and it costs a few bytes. Deterministic: the result depends on the counts and
// the round contexts alone, not on other resources.
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
  // `cells` by region; a region may be left out. traced: what was said of every interval goes into the
  // result.
  [[nodiscard]] resource_result advance(const run_settings& settings, const round_context& round,
                                        const std::vector<region_cells>& cells, bool traced = false);

  // State as bytes; restored, it continues bit for bit.
  void write_to(std::string& bytes) const;
  // Errors: invalid_data, incompatible.
  [[nodiscard]] static models::result<resource_core> read_from(const run_settings& settings,
                                                               std::string_view bytes);

  [[nodiscard]] std::size_t bytes() const noexcept;

private:
  struct key {
    region_number region{};
    std::unique_ptr<models::key_model> model;
    std::vector<models::cell> young; // until there is a model: the active intervals of 14 days
    models::yardstick_tracker yardsticks;
  };

  [[nodiscard]] key& key_of(region_number region);
  void advance_key(const run_settings& settings, const round_context& round, key& k,
                   std::span<const models::cell> cells, bool traced, resource_result& out);
  // Folds the round into the key's demand model, if it has one or gets one, and plans.
  void advance_model(const run_settings& settings, const round_context& round, key& k,
                     std::span<const models::cell> cells, bool traced, region_result& region,
                     resource_result& out);

  std::vector<key> keys_; // by region
};

} // namespace forestage::actors
