// The fold of a shard's log. No CAF, no clock, no I/O.
//
// Records in, effects out. One round after the other:
//   1. fold_counts()     requests of the open round, de-duplicated by session and sequence; live: accept() at
//                        any time, and fold_gathered() of what has come for the round
//   2. begin_round()     the intervals [from, to) are complete: which resources have work, and with what
//   3. absorb()          what each of them answers, in any order
//   4. report()          when all have: what goes to the pool, and which regions want to be priced
//   5. answer(), offer() for the allocators of those regions, when there is a budget
//   6. settle()          prices in, plans fixed, the outcomes of [from, to) scored
// Invariants: a request is counted once however often it is sent; state after a round depends only on the
// records folded, not on the order of answers; everything summed over resources is an integer. A shard that
// has settled round n still reports on it until round n + 1 begins: that is what a restart of other shards
// needs.
#pragma once

#include "actors/resource/resource_core.hpp"
#include "actors/run.hpp"
#include "actors/shard/batch_inbox.hpp"
#include "actors/shard/scoreboard.hpp"
#include "actors/stage/plan.hpp"
#include "messages/convert.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace forestage::actors {

using resource_index = std::uint32_t;

struct due_resource {
  resource_index index = 0;
  std::vector<region_cells> cells; // by region
  bool traced = false;
};

// A shard's part of what is exchanged after a round.
struct round_report {
  std::uint64_t number = 0;
  models::pool_statistics pool;
  models::yardstick_sums warmup;          // of all rounds so far
  std::vector<models::region_id> regions; // that want prices or have yardsticks to be cut
  std::int64_t key_intervals = 0;         // worked on in this round
  std::size_t active_resources = 0;
};

// One resource's yardsticks and requests in a region, for the region's scorer.
struct offered_resource {
  models::resource_id resource;
  std::vector<models::allocation_run> runs;
  std::vector<models::allocation_run> threshold_runs;
  std::vector<models::cell> cells;
  std::vector<interval_number> missing{}; // rising: what it holds in these is not scored
};

// The outcome of a region's round under its budget, by policy index (scoreboard.hpp).
struct region_outcome {
  models::region_id region;
  std::array<models::unit_sums, policy_count> policies{};
};

// The plan that is allocated, and the one that would be if nothing had been declared.
enum class plan_kind : std::uint8_t { real = 0, without_intents = 1 };
inline constexpr std::size_t plan_kinds = 2;

struct region_prices {
  models::region_id region;
  std::vector<models::unit_price> prices; // of [from + horizon, to + horizon)
  // The same for the plan without declarations; empty in runs that do not price both.
  std::vector<models::unit_price> without_intents{};
};

class shard_core {
public:
  explicit shard_core(run_settings_ptr settings)
      : settings_(std::move(settings)) {
    if (settings_->trace) scores_.trace = models::trace{*settings_->trace};
    inbox_ = batch_inbox{settings_->models.settings.first(), settings_->inbox};
  }

  [[nodiscard]] std::uint64_t round() const noexcept { return context_.number; }
  // True once the round has been settled.
  [[nodiscard]] bool settled() const noexcept { return settled_; }
  [[nodiscard]] const models::resource_id& name(resource_index i) const { return resources_[i].id; }
  // What the catalogue says of it.
  [[nodiscard]] models::kind_number kind(resource_index i) const { return resources_[i].kind; }
  [[nodiscard]] const models::region_id& region(region_number number) const {
    return regions_[number.value()];
  }
  [[nodiscard]] std::size_t size() const noexcept { return resources_.size(); }

  // False when the batch was folded before. Requests outside [from, to) of the coming round are counted where
  // they belong only if they come before that round begins: replay sends each round's own.
  bool fold_counts(const messages::event_counts& counts);

  // The same of intents: a batch counts once. They belong to the coming round.
  bool fold_intents(const messages::intent_events& intents);

  // Live: a batch waits here until its intervals are closed.
  [[nodiscard]] inbox_answer accept(const messages::event_counts& batch) { return inbox_.accept(batch); }
  [[nodiscard]] inbox_answer accept(const messages::intent_events& batch) { return inbox_.accept(batch); }
  // Live: folds what has been gathered of the intervals before `to`; answers the counts.
  messages::event_counts fold_gathered(interval_number to);
  [[nodiscard]] const batch_inbox& inbox() const noexcept { return inbox_; }

  // Pre: the round before is settled; round.number is one more than its number.
  [[nodiscard]] std::vector<due_resource> begin_round(const round_context& round);
  // What the round's forecasters are told of the regions.
  [[nodiscard]] const std::shared_ptr<const region_table>& regions() const noexcept { return region_table_; }
  // The state that a resource was passivated with (empty for a new one); it is active from now on.
  [[nodiscard]] std::string activate(resource_index i);
  [[nodiscard]] bool active(resource_index i) const { return resources_[i].active; }
  void passivate(resource_index i, std::string state);
  [[nodiscard]] std::vector<resource_index> active_resources() const;

  void absorb(resource_index i, resource_result result);
  [[nodiscard]] round_report report() const;

  // For the allocator of a region; errors: invalid_data.
  [[nodiscard]] models::result<std::vector<models::numbered_answer>>
  answer(const models::region_id& region, std::span<const models::numbered_request> requests,
         plan_kind kind = plan_kind::real);
  [[nodiscard]] std::vector<offered_resource> offer(const models::region_id& region) const;

  // Regions without prices stand as they are. Outcomes are kept for the scoreboard.
  void settle(std::span<const region_prices> prices, std::span<const region_outcome> outcomes);
  [[nodiscard]] const scoreboard& scores() const noexcept { return scores_; }
  // Of the newest round.
  [[nodiscard]] const round_context& context() const noexcept { return context_; }
  // Requests folded so far, warm-up included.
  [[nodiscard]] std::int64_t counted() const noexcept { return counted_; }
  // What is planned for intervals that are not closed, by interval. Pre: settled().
  [[nodiscard]] std::vector<interval_plan> plans() const;
  // Units that a resource holds in a region in an interval, if planned; for inspection and tests.
  [[nodiscard]] std::int64_t planned(const models::resource_id& resource, const models::region_id& region,
                                     interval_number t, plan_kind kind = plan_kind::real) const;

  // State between rounds. states: of the active resources, by index. Pre: settled().
  void write_to(std::string& bytes, const std::unordered_map<resource_index, std::string>& states) const;
  // Every resource is passive afterwards. Errors: invalid_data, incompatible.
  [[nodiscard]] static models::result<shard_core> read_from(run_settings_ptr settings,
                                                            std::string_view bytes);

private:
  struct region_state {
    region_number region{};
    std::vector<models::cell> cells;                 // of the open round
    std::vector<models::declaration> declarations{}; // the same
    std::vector<models::kept_intents> kept{};
    std::vector<interval_number> missing{}; // from begin_round() on: rising, none with a count
    std::vector<models::segment_cell> parts{};
    // By kind: fixed units of intervals not closed yet, then this round's wishes. The second one stays empty
    // unless the run prices both.
    std::array<key_plan, plan_kinds> plans{};
    std::vector<models::allocation_run> runs{}, threshold_runs{};
  };
  struct resource_state {
    models::resource_id id;
    bool active = false;
    bool woken = false;     // was active when its state was saved: it has work in the next round
    bool has_cells = false; // or intents
    bool traced = false;    // one of its keys is
    models::kind_number kind = 0;
    std::string passive; // empty: it has no state yet
    std::vector<region_state> regions;
  };
  struct region_view {
    // By kind, and by interval of the round, horizon later.
    std::array<std::vector<models::candidate_set>, plan_kinds> candidates;
  };

  [[nodiscard]] resource_index index_of(const models::resource_id& id);
  [[nodiscard]] region_number number_of(const models::region_id& id);
  [[nodiscard]] region_state& region_of(resource_state& resource, region_number region);
  [[nodiscard]] region_table facts_of_regions() const;
  [[nodiscard]] static const key_plan& plan_of(const region_state& region, plan_kind kind) {
    return region.plans[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] const std::vector<models::candidate_set>& candidates(const models::region_id& region,
                                                                     plan_kind kind);
  void price(const resource_state& resource, key_plan& plan,
             std::span<const models::unit_price> prices) const;
  // Scores what the plan held in the intervals that have closed, and drops it.
  [[nodiscard]] models::unit_sums score(key_plan& plan, const region_state& region) const;
  // Keeps what the log really leaves open of the round.
  static void close_missing(region_state& region);
  void score(region_state& region);
  void trace_outcome(const resource_state& resource, const region_state& region);

  run_settings_ptr settings_;
  std::vector<resource_state> resources_;
  std::unordered_map<models::resource_id, resource_index> indices_;
  std::vector<models::region_id> regions_;
  std::unordered_map<models::region_id, region_number> region_numbers_;
  std::map<std::string, std::uint64_t> sessions_; // the highest sequence folded
  batch_inbox inbox_;                             // empty but in live runs
  round_context context_;
  bool settled_ = true;
  models::pool_statistics pool_statistics_;
  models::yardstick_sums round_yardsticks_;
  models::unit_sums round_threshold_, round_cost_, round_no_intents_;
  std::int64_t round_requests_ = 0, round_worked_ = 0, round_left_out_ = 0, counted_ = 0;
  scoreboard scores_;
  std::shared_ptr<const region_table> region_table_;
  std::map<region_number, region_view> views_; // built on demand, for this round only
};

} // namespace forestage::actors
