// Takes a small run through the cores by hand, without actors: what the actors have to come to.
//
// It also keeps what it saw on the way, in the plainest form, for tests that recompute it: every unit that
// was wanted with its benefit, and every plan.
#pragma once

#include "actors/region/region_core.hpp"
#include "actors/resource/resource_core.hpp"
#include "actors/router.hpp"
#include "actors/shard/shard_core.hpp"
#include "tests/support/small_run.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace forestage::tests {

struct hand_options {
  std::uint64_t order_seed = 0; // of the order in which resources answer
  bool passivates = true;       // idle resources are turned to bytes, and back when they are asked for
  bool restarts = false;        // after every round, shards and resources are turned to bytes and back
};

class hand_driver {
public:
  hand_driver(const small_run& run, hand_options options = {})
      : run_(run)
      , options_(options)
      , random_(options.order_seed) {
    for (std::uint32_t i = 0; i < run.settings->shards; ++i)
      shards_.push_back(std::make_unique<actors::shard_core>(run.settings));
    forecasters_.resize(shards_.size());
  }

  // What a resource wanted in a region and interval; under a budget with the benefit of each unit, falling.
  struct wish {
    models::resource_id resource;
    std::int64_t units = 0;
    std::vector<std::int32_t> worth;
  };
  // What was to be planned, in all: without a budget every wish, under one the exact greedy choice over all
  // shards.
  std::map<counted_key, std::int64_t> plans;
  std::size_t scarce = 0;     // intervals of a region in which not all wishes fit
  std::size_t checked = 0;    // plans of intervals still to come that were looked up in the shards
  std::size_t mismatches = 0; // of them, those that were something else
  std::size_t passivated = 0, woken = 0;
  std::vector<actors::round_report> reports; // of all shards, of the newest round

  void round(const actors::routed_round& order) {
    const auto& settings = *run_.settings;
    if (order.from == settings.evaluation()) tuned_ = models::choose_tuned(warmup_, settings.yardsticks);
    actors::round_context context{order.number, order.from, order.to, parameters_, tuned_, outages_};
    context.add_outages(order.outages);
    outages_ = context.outages;
    const auto parts = actors::split_by_shard(order.events, settings.shards);
    const auto intents = actors::split_intents(order.intents, settings.shards);
    models::pool_statistics pooled;
    warmup_ = {};
    reports.clear();
    std::set<models::region_id> regions;
    if (settings.live) send_live(order);
    for (std::size_t s = 0; s < shards_.size(); ++s) {
      if (settings.live) {
        (void)shards_[s]->fold_gathered(order.to);
      } else {
        shards_[s]->fold_counts(parts[s]);
        shards_[s]->fold_intents(intents[s]);
      }
      fold(s, context);
      reports.push_back(shards_[s]->report());
      pooled.merge(reports.back().pool);
      warmup_ += reports.back().warmup;
      regions.insert(reports.back().regions.begin(), reports.back().regions.end());
    }
    std::vector<actors::region_prices> prices;
    std::vector<actors::region_outcome> outcomes;
    if (settings.budgeted)
      for (const auto& region : regions)
        price(context, region, prices, outcomes);
    for (std::size_t s = 0; s < shards_.size(); ++s) {
      std::vector<actors::region_outcome> kept;
      for (const auto& o : outcomes)
        if (o.region.hash() % shards_.size() == s) kept.push_back(o);
      std::vector<actors::region_prices> own;
      for (const auto& p : prices)
        if (std::ranges::find(reports[s].regions, p.region) != reports[s].regions.end()) own.push_back(p);
      shards_[s]->settle(own, kept);
    }
    note_plans(context);
    if (pooled != models::pool_statistics{}) parameters_ = models::learn_parameters(pooled, parameters_);
    if (options_.restarts) restart();
  }

  // The same with one budget for every region.
  void round_with_budget(const actors::routed_round& order, std::int64_t budget) {
    budget_ = budget;
    round(order);
    budget_.reset();
  }

  void all() {
    for (const auto& r : run_.rounds)
      round(r);
  }

  [[nodiscard]] actors::run_scores scores() const {
    actors::run_scores sum;
    sum.tuned = tuned_;
    for (const auto& s : shards_) {
      sum.board.merge(s->scores());
      sum.counted += s->counted();
      sum.resources += s->size();
    }
    return sum;
  }
  [[nodiscard]] actors::shard_core& shard(std::size_t i) { return *shards_[i]; }
  [[nodiscard]] std::size_t shard_count() const { return shards_.size(); }

  // A shard with the states of its active resources.
  [[nodiscard]] std::string snapshot(std::size_t s) const {
    std::unordered_map<actors::resource_index, std::string> states;
    for (const auto& [i, core] : forecasters_[s])
      core.write_to(states[i]);
    std::string bytes;
    shards_[s]->write_to(bytes, states);
    return bytes;
  }
  void restart_from(std::size_t s, std::string_view bytes) {
    forecasters_[s].clear();
    auto read = actors::shard_core::read_from(run_.settings, bytes);
    if (!read) throw std::runtime_error(read.failure().text);
    *shards_[s] = std::move(*read);
  }

private:
  // As agents send: in batches of several sessions, each twice, half of them before the round before has been
  // closed.
  void send_live(const actors::routed_round& order) {
    constexpr std::uint32_t sessions = 4;
    const auto send = [&](const actors::routed_round& of, bool early) {
      const auto parts = actors::split_by_shard(of.events, run_.settings->shards);
      const auto intents = actors::split_intents(of.intents, run_.settings->shards);
      for (std::uint32_t i = early ? 0 : sessions / 2; i < (early ? sessions / 2 : sessions); ++i)
        for (std::size_t s = 0; s < shards_.size(); ++s)
          for (int again = 0; again < 2; ++again) {
            auto batch = parts[s];
            batch.session = "agent-" + std::to_string(i);
            batch.sequence = of.number;
            std::uint32_t at = 0;
            std::erase_if(batch.entries, [&](const auto&) { return at++ % sessions != i; });
            if (i != 0) batch.missing.clear();
            (void)shards_[s]->accept(batch);
            auto said = intents[s];
            said.session = "agent-" + std::to_string(i);
            said.sequence = of.number;
            if (i == of.number % sessions) (void)shards_[s]->accept(said);
          }
    };
    if (order.number == 1) send(order, true);
    send(order, false);
    if (order.number < run_.rounds.size()) send(run_.rounds[order.number], true);
  }

  void fold(std::size_t s, const actors::round_context& context) {
    auto& shard = *shards_[s];
    auto due = shard.begin_round(context);
    if (options_.order_seed != 0) random_.shuffle(due);
    for (auto& d : due) {
      auto at = forecasters_[s].find(d.index);
      if (at == forecasters_[s].end()) {
        const auto saved = shard.activate(d.index);
        actors::resource_core core;
        if (!saved.empty()) {
          ++woken;
          auto read = actors::resource_core::read_from(*run_.settings, saved);
          if (!read) throw std::runtime_error(read.failure().text);
          core = std::move(*read);
        }
        at = forecasters_[s].emplace(d.index, std::move(core)).first;
      }
      auto result = at->second.advance(*run_.settings, context, d.cells, d.traced, *shard.regions());
      const bool idle = result.idle;
      note_wishes(shard, d, result);
      shard.absorb(d.index, std::move(result));
      if (!idle || !options_.passivates) continue;
      std::string state;
      at->second.write_to(state);
      shard.passivate(d.index, std::move(state));
      forecasters_[s].erase(at);
      ++passivated;
    }
  }

  void note_wishes(const actors::shard_core& shard, const actors::due_resource& d,
                   const actors::resource_result& result) {
    for (const auto& region : result.regions)
      for (const auto& u : region.plan.units) {
        wish w{shard.name(d.index), u.units, {}};
        for (auto k = u.first_step; k < u.last_step; ++k)
          while (w.worth.size() < region.plan.steps[k].last_unit)
            w.worth.push_back(region.plan.steps[k].worth.fixed);
        wishes_[{shard.region(region.region), u.interval}].push_back(std::move(w));
      }
  }

  void price(const actors::round_context& context, const models::region_id& region,
             std::vector<actors::region_prices>& prices, std::vector<actors::region_outcome>& outcomes) {
    const std::vector<std::int64_t> budgets(static_cast<std::size_t>(context.to - context.from),
                                            budget_of(region));
    actors::region_prices p{region, {}, {}};
    p.prices = prices_of(region, budgets, actors::plan_kind::real);
    if (run_.settings->prices_both())
      p.without_intents = prices_of(region, budgets, actors::plan_kind::without_intents);
    prices.push_back(std::move(p));
    std::vector<actors::offered_resource> offers;
    for (const auto& shard : shards_)
      for (auto& o : shard->offer(region))
        offers.push_back(std::move(o));
    if (context.from >= run_.settings->evaluation())
      outcomes.push_back(
          actors::score_under_budget(*run_.settings, context, region, budget_of(region), offers));
  }

  std::vector<models::unit_price> prices_of(const models::region_id& region,
                                            const std::vector<std::int64_t>& budgets,
                                            actors::plan_kind kind) {
    models::price_batch batch{budgets};
    while (!batch.done()) {
      const auto requests = batch.requests();
      std::vector<models::numbered_answer> sum;
      for (auto& shard : shards_) {
        auto answers = shard->answer(region, requests, kind);
        if (!answers) throw std::runtime_error(answers.failure().text);
        models::merge(sum, *answers);
      }
      if (auto stepped = batch.step(sum); !stepped) throw std::runtime_error(stepped.failure().text);
    }
    std::vector<models::unit_price> out;
    for (std::size_t i = 0; i < batch.size(); ++i)
      out.push_back(batch[i].price());
    return out;
  }

  // The first units that fit: greater benefit first, then smaller hash, name, unit.
  void choose(const models::region_id& region, models::interval_number t, const std::vector<wish>& wishes) {
    std::vector<std::tuple<std::int64_t, std::uint64_t, models::resource_id, std::size_t>> units;
    for (const auto& w : wishes)
      for (std::size_t j = 0; j < w.worth.size(); ++j)
        units.emplace_back(-std::int64_t{w.worth[j]}, w.resource.hash(), w.resource, j);
    std::sort(units.begin(), units.end());
    const auto budget = static_cast<std::size_t>(budget_of(region));
    if (units.size() > budget) {
      units.resize(budget);
      ++scarce;
    }
    for (const auto& u : units)
      ++plans[{std::get<2>(u), region, t}];
  }

  void note_plans(const actors::round_context& context) {
    for (const auto& [place, wishes] : wishes_) {
      const auto& [region, t] = place;
      if (run_.settings->budgeted)
        choose(region, t, wishes);
      else
        for (const auto& w : wishes)
          plans[{w.resource, region, t}] += w.units;
      if (t < context.to) continue; // scored already
      for (const auto& w : wishes) {
        const auto shard = models::shard_of(w.resource, run_.settings->shards).value();
        const auto at = plans.find({w.resource, region, t});
        ++checked;
        if (shards_[shard]->planned(w.resource, region, t) != (at != plans.end() ? at->second : 0))
          ++mismatches;
      }
    }
    wishes_.clear();
  }
  [[nodiscard]] std::int64_t budget_of(const models::region_id& region) const {
    return budget_.value_or(small_run::budget_of(region));
  }

  void restart() {
    for (std::size_t s = 0; s < shards_.size(); ++s)
      restart_from(s, snapshot(s));
  }

  const small_run& run_;
  hand_options options_;
  random_source random_;
  std::vector<std::unique_ptr<actors::shard_core>> shards_;
  std::vector<std::map<actors::resource_index, actors::resource_core>> forecasters_;
  models::pool_parameters parameters_;
  std::vector<models::outage> outages_;
  models::tuned_choice tuned_;
  models::yardstick_sums warmup_;
  std::optional<std::int64_t> budget_;
  std::map<std::pair<models::region_id, models::interval_number>, std::vector<wish>>
      wishes_; // of the open round
};

} // namespace forestage::tests
