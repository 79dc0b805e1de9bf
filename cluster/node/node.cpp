#include "cluster/node/node.hpp"

#include "adapters/gateway/server.hpp"
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "adapters/tokens/key_ring.hpp"
#include "cluster/engine/engine.hpp"
#include "cluster/node/agent_links.hpp"
#include "cluster/node/alive_mark.hpp"
#include "cluster/node/node_api.hpp"
#include "cluster/node/node_settings.hpp"
#include "cluster/node/node_state.hpp"
#include "cluster/node/node_text.hpp"
#include "cluster/node/round_schedule.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace forestage::cluster {

namespace gateway = adapters::gateway;
using models::errc;
using models::interval_number;
using models::result;

namespace {

using namespace std::chrono_literals;

constexpr auto tick = 100ms;
constexpr std::uint64_t snapshot_every = 12; // rounds
constexpr std::int64_t ms_per_second = 1'000;
constexpr auto first_key = "node.first", history_key = "node.history", shape_key = "log.shape";

std::int64_t wall_ms() {
  using namespace std::chrono;
  return floor<milliseconds>(system_clock::now().time_since_epoch()).count();
}
std::int64_t steady_ms() {
  using namespace std::chrono;
  return floor<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

result<gateway::listener_options> options_of(const listener_section& section, std::string name,
                                             const agents_section& agents, std::string agent_path) {
  auto at = parse_endpoint(section.listen);
  if (!at) return at.failure();
  gateway::listener_options out;
  out.name = std::move(name);
  out.address = at->host == "localhost" ? "127.0.0.1" : at->host;
  out.port = at->port;
  out.certificate_file = section.tls_certificate;
  out.key_file = section.tls_key;
  out.hosts = section.hosts;
  out.origins = section.origins;
  out.agent_path = std::move(agent_path);
  out.bounds.connections = static_cast<std::size_t>(agents.max_connections);
  out.bounds.message_bytes = static_cast<std::size_t>(agents.frame_bytes);
  return out;
}

// What the configuration may say and this version does not do yet is refused, never ignored.
models::status supported(const node_config& config) {
  const auto refused = [](const std::string& key, const std::string& what) {
    return models::status{errc::invalid_argument, key + ": " + what};
  };
  if (config.node.clock == node_clock::log)
    return refused("node.clock", "\"log\" is not served by this version; leave it at \"wall\"");
  if (config.node.mode == run_mode::approve)
    return refused("node.mode", "plans cannot be approved in this version; use \"enforce\" or \"shadow\"");
  if (config.demand.season_ms != 0)
    return refused("demand.season", "a node of this version knows days and weeks only; leave it at \"none\"");
  if (!config.demand.time_zones.empty())
    return refused("demand.time_zones", "a node of this version counts days in UTC; leave it out");
  if (const auto at = parse_endpoint(config.operators.listen); at && !at->loopback)
    return refused("operator.listen",
                   "the operators' API has no tokens in this version and stays on loopback; "
                   "use 127.0.0.1 and a tunnel");
  return models::success();
}

// The first interval that this data directory ever watched; settles it at a first start. Errors:
// incompatible.
result<interval_number> first_of(adapters::sqlite_demand_log& log, const node_config& config,
                                 interval_number now) {
  const auto history = history_text(config);
  auto known = log.get(history_key);
  if (!known) return known.failure();
  if (known->has_value() && **known != history)
    return {errc::incompatible,
            config.node.data_dir +
                " keeps a history of other settings, and another interval, lead, cost or number "
                "of shards is another history; set them back, or name an empty node.data_dir\n"
                "  there: " +
                **known + "\n  here:  " + history};
  auto shape = log.get(shape_key);
  if (!shape) return shape.failure();
  if (!known->has_value() && shape->has_value())
    return {errc::incompatible, config.node.data_dir + " holds a replay, not a node's history; name an empty "
                                                       "node.data_dir"};
  auto first = log.get(first_key);
  if (!first) return first.failure();
  if (first->has_value()) return interval_number{std::strtoll((*first)->c_str(), nullptr, 10)};
  const auto shape_text = shape_text_of(config);
  for (const auto& [key, value] :
       {std::pair{shape_key, shape_text}, {history_key, history}, {first_key, std::to_string(now.value())}})
    if (auto put = log.put(key, value); !put) return put.failure();
  return now;
}

// What this node gets ready. Collections of another run of it are others.
actors::provisioner_options stage_of(const node_config& config, models::interval_grid grid) {
  const auto& c = config.collections;
  actors::provisioner_options out;
  out.stage.grid = grid;
  out.stage.life = fmt::format("{:x}", wall_ms());
  out.stage.pool = static_cast<std::uint32_t>(c.pool);
  out.stage.keep_ms = config.demand.interval_ms;
  out.limits.messages = static_cast<std::uint32_t>(c.messages);
  out.limits.bytes = static_cast<std::uint64_t>(c.bytes);
  out.limits.message_bytes = static_cast<std::uint32_t>(c.message_bytes);
  out.limits.keep_ms = c.keep_ms;
  out.limits.lease_ms = c.lease_ms;
  out.first_incarnation = static_cast<std::uint64_t>(wall_ms()) * 1'000; // opened since: fewer than that
  out.unix_ms = wall_ms;
  out.steady_ms = steady_ms;
  return out;
}

// The rounds of a live node, on the thread that calls it.
class round_driver {
public:
  round_driver(const node_config& config, engine& running, node_api& api, node_state& state,
               models::interval_grid grid, interval_number first)
      : config_(config)
      , engine_(running)
      , api_(api)
      , state_(state)
      , grid_(grid)
      , schedule_(grid, config.demand.grace_ms, first)
      , first_(first)
      , wall_(wall_ms())
      , steady_(steady_ms()) {}

  // Folds the demand log and serves from there. down_from_ms: since when nobody has counted.
  models::status begin(std::int64_t down_from_ms) {
    auto restored = engine_.restore();
    if (!restored) return restored.failure();
    auto standing = engine_.standing();
    if (!standing) return standing.failure();
    ahead_ = standing->ahead;
    rounds_ = standing->round;
    schedule_.closed(standing->round > 0 ? standing->to : first_);
    const auto now = wall_ms();
    if (now > down_from_ms) downs_.push_back({down_from_ms, now});
    state_.change([&](node_status& s) {
      s.phase = node_phase::serving;
      s.reason.clear();
      s.open = schedule_.open();
      s.rounds = rounds_;
    });
    // What had been planned before the node stopped is got ready before anybody is let in.
    if (auto staged = carry_out(); !staged) return staged;
    api_.attach(&engine_);
    return models::success();
  }

  // Everything that is due now. After an error the node fails until it could be restored.
  void step() {
    look_at_clocks();
    mark_alive();
    if (auto trouble = state_.take_trouble(); !trouble.empty() && !failed_) fail(trouble);
    if (failed_) return try_again();
    while (const auto next = due()) {
      if (auto done = close(*next); !done) return fail(done.failure().text);
      mark_alive();
    }
  }

  // What is folded is saved, so that a restart is quick; the log has it anyway.
  void end() {
    if (!failed_)
      if (auto saved = engine_.snapshot(); !saved)
        spdlog::warn("no snapshot at the end: {}", saved.failure().text);
    mark_alive(true);
  }

private:
  [[nodiscard]] std::optional<closing_round> due() const {
    // Some shard has closed it before a restart: it can only be this one.
    if (ahead_) return closing_round{ahead_->from, ahead_->to};
    return schedule_.due(wall_);
  }

  models::status close(const closing_round& next) {
    const auto begin = steady_ms();
    actors::routed_round round;
    round.number = rounds_ + 1;
    round.from = next.from;
    round.to = next.to;
    round.outages = outages_in(next, grid_, downs_);
    const auto outages = ahead_ ? ahead_->outages : round.outages;
    engine_.send(std::move(round));
    auto summary = engine_.collect();
    if (!summary) return summary.failure();
    ++rounds_;
    ahead_.reset();
    schedule_.closed(next.to);
    forget_downs();
    const auto took = steady_ms() - begin;
    std::int64_t down = 0;
    for (const auto& o : outages)
      down += o.to - o.from;
    state_.change([&](node_status& s) {
      s.open = schedule_.open();
      s.rounds = rounds_;
      s.last_round_ms = took;
      s.key_intervals += summary->key_intervals;
      s.down_intervals += down;
    });
    spdlog::info("round {} closed: {}, {} resources active, {} ms{}", rounds_, span_text(next, grid_),
                 summary->active_resources, took,
                 down > 0 ? "; not learned from: " + std::to_string(down) + " (the node was down)" : "");
    if (auto staged = carry_out(); !staged) return staged;
    if (rounds_ % snapshot_every == 0)
      if (auto saved = engine_.snapshot(); !saved) return saved;
    return models::success();
  }

  models::status carry_out() {
    if (config_.node.mode != run_mode::enforce) return models::success();
    auto plans = engine_.plans();
    if (!plans) return plans.failure();
    std::size_t planned = 0;
    for (const auto& plan : *plans)
      planned += plan.resources.size();
    state_.change([planned](node_status& s) { s.planned_resources = planned; });
    engine_.carry_out(std::move(*plans));
    return models::success();
  }

  void fail(const std::string& why) {
    failed_ = true;
    failed_from_ms_ = wall_ms();
    wait_ms_ = ms_per_second;
    again_at_ms_ = steady_ms() + wait_ms_;
    state_.enter(node_phase::failed, why + "; nothing is acknowledged until it can be written again");
    spdlog::error("{}: nothing is acknowledged; trying again", why);
  }
  void try_again() {
    constexpr std::int64_t longest_ms = 30'000;
    if (steady_ms() < again_at_ms_) return;
    if (auto begun = begin(failed_from_ms_); !begun) {
      wait_ms_ = std::min(2 * wait_ms_, longest_ms);
      again_at_ms_ = steady_ms() + wait_ms_;
      spdlog::error("still failing: {}", begun.failure().text);
      return;
    }
    failed_ = false;
    state_.change([](node_status& s) { ++s.restores; });
    spdlog::info("serving again");
  }

  // A wall clock that runs away from the steady one has slept, or was set: nobody has counted meanwhile.
  void look_at_clocks() {
    constexpr std::int64_t most_drift_ms = 5'000;
    const auto wall = wall_ms(), steady = steady_ms();
    if ((wall - wall_) - (steady - steady_) > most_drift_ms) {
      downs_.push_back({wall_, wall});
      spdlog::warn("the clock has jumped {} s ahead: these intervals are not learned from",
                   (wall - wall_) / ms_per_second);
    }
    wall_ = wall;
    steady_ = steady;
  }
  void forget_downs() {
    const auto open_ms = grid_.start(schedule_.open()) * ms_per_second;
    std::erase_if(downs_, [&](const down_span& d) { return d.to_ms <= open_ms; });
  }
  void mark_alive(bool now = false) {
    const auto ms = wall_ms();
    if (failed_ || (!now && ms - marked_ms_ < alive_every_ms)) return;
    marked_ms_ = ms;
    if (auto written = write_alive(config_.node.data_dir, ms); !written)
      spdlog::warn("{}", written.failure().text);
  }

  const node_config& config_;
  engine& engine_;
  node_api& api_;
  node_state& state_;
  models::interval_grid grid_;
  round_schedule schedule_;
  interval_number first_;
  std::int64_t wall_, steady_, marked_ms_ = 0;
  std::vector<down_span> downs_;
  std::optional<actors::closed_round> ahead_;
  std::uint64_t rounds_ = 0;
  bool failed_ = false;
  std::int64_t failed_from_ms_ = 0, wait_ms_ = 0, again_at_ms_ = 0;
};

// Services that wait for an answer get it, and agents have time to hear that they are to come back.
void drain(const node_api& api, const agent_links& agents, std::chrono::milliseconds most) {
  const auto until = std::chrono::steady_clock::now() + most;
  while ((api.on_way() > 0 || agents.connected() > 0) && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(10ms);
}

} // namespace

models::status run_node(const node_config& config, const node_hooks& hooks) {
  if (auto able = supported(config); !able) return able;
  if (spdlog::get("node") == nullptr) spdlog::set_default_logger(spdlog::stderr_color_mt("node"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  const auto grid = models::interval_grid::make(config.demand.interval_ms / ms_per_second);
  if (!grid) return grid.failure();
  auto opened = adapters::sqlite_demand_log::open(config.node.data_dir);
  if (!opened) return opened.failure();
  const auto first = first_of(**opened, config, grid->at(wall_ms() / ms_per_second));
  if (!first) return first.failure();
  auto settings = settings_of(config, *first);
  if (!settings) return settings.failure();
  // A node without a past has not seen the beginning of its first interval.
  const auto down_from =
      read_alive(config.node.data_dir).value_or(std::min(wall_ms(), grid->start(*first) * ms_per_second));

  node_state state;
  std::optional<tokens::key_ring> keys;
  if (config.agents.tokens == token_policy::required) {
    auto loaded = tokens::key_ring::load(config.agents.keys, tokens::key_use::verify);
    if (!loaded) return loaded.failure();
    keys = std::move(*loaded);
  }
  agent_links agents{config, std::move(keys), wall_ms, steady_ms};
  node_api api{config, state, agents, wall_ms};
  std::vector<gateway::listener_options> listeners;
  for (const auto& [section, name] : {std::pair{&config.open, "public"}, {&config.operators, "operator"}}) {
    auto options = options_of(*section, name, config.agents, section == &config.open ? "/v1/agent" : "");
    if (!options) return options.failure();
    listeners.push_back(std::move(*options));
  }
  auto front = gateway::make(listeners, api);
  if (!front) return front.failure();
  api.watch(&*front);
  {
    engine running{{.settings = *settings,
                    .log = std::shared_ptr<actors::demand_log>{std::move(*opened)},
                    .durable = true,
                    .clock = std::make_shared<actors::wall_clock>(),
                    .budget_of = [&config](const models::region_id& r) { return budget_of(config, r); },
                    .stage = stage_of(config, *grid)}};
    round_driver driver{config, running, api, state, *grid, *first};
    if (auto begun = driver.begin(down_from); !begun) return begun;
    hooks.say(start_text(config, state.read(), *grid, front->port(public_listener),
                         front->port(operator_listener)));
    std::int64_t ticked_ms = 0;
    while (!hooks.stop_requested()) {
      driver.step();
      if (const auto now = steady_ms(); now - ticked_ms >= ms_per_second) {
        agents.tick();
        running.tick_stage();
        running.ask_stage([&state](const result<stage_report>& report) {
          if (report) state.change([&](node_status& s) { s.stage = *report; });
        });
        ticked_ms = now;
      }
      std::this_thread::sleep_for(tick);
    }
    spdlog::info("stopping: no new requests; {} batches on their way", api.on_way());
    state.enter(node_phase::stopping, "it was told to stop");
    api.attach(nullptr);
    agents.drain();
    drain(api, agents, 5s);
    front->begin_stop();
    driver.end();
    // The gateway's thread ends before the engine does (engine.hpp).
    api.watch(nullptr);
    front->stop();
  }
  spdlog::info("stopped");
  return models::success();
}

} // namespace forestage::cluster
