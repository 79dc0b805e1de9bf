#include "cluster/replay/system.hpp"

#include "messages/caf/protobuf_message.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <latch>
#include <optional>
#include <thread>

namespace forestage::cluster {

namespace {

struct system_config : caf::actor_system_config {
  explicit system_config(std::size_t threads) {
    messages::add_message_types(*this);
    // One shared queue idles at no cost; bounded turns keep an actor with a long mailbox from holding its
    // worker.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", threads);
    set("scheduler.max-throughput", std::size_t{50});
  }
};

} // namespace

struct run_system::parts {
  explicit parts(std::size_t threads)
      : config(threads)
      , system(config) {}
  system_config config;
  caf::actor_system system;
  actors::log_keeper_actor keeper;
  actors::pool_actor pool;
  std::vector<actors::shard_actor> shards;
  actors::router_actor router;
  std::shared_ptr<actors::virtual_clock> clock =
      std::make_shared<actors::virtual_clock>(); // moved by the log
  std::int64_t seconds = 0;                      // of an interval
  // The thread that drives the run, as an actor: it waits for answers.
  std::optional<caf::scoped_actor> self;
  std::function<models::result<actors::round_summary>()>
      pending; // waits for the answer to the round sent last
};

namespace {

std::size_t workers(std::size_t threads) {
  return threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

} // namespace

models::status try_threads(std::size_t threads) {
  constexpr std::size_t own = 6; // of the clock, the printer, the keeper, their spares
  const auto count = workers(threads) + own;
  std::latch all_there{1};
  std::vector<std::thread> started;
  std::string reason;
  try {
    started.reserve(count);
    while (started.size() < count)
      started.emplace_back([&all_there] { all_there.wait(); });
  } catch (const std::exception& failure) {
    reason = failure.what();
  }
  all_there.count_down();
  for (auto& thread : started)
    thread.join();
  if (started.size() == count) return models::success();
  return {models::errc::limit_exceeded,
          "cannot start " + std::to_string(count) + " threads: " + reason +
              "; choose fewer --threads, or raise the limits on processes and memory"};
}

run_system::run_system(actors::run_settings_ptr settings, std::shared_ptr<actors::demand_log> log,
                       bool durable, std::size_t threads,
                       std::function<std::int64_t(const models::region_id&)> budget_of,
                       std::function<void(const actors::priced_interval&)> on_priced)
    : parts_(std::make_unique<parts>(workers(threads))) {
  auto& p = *parts_;
  auto& system = p.system;
  p.self.emplace(system);
  // The disk makes the keeper wait: it has a thread of its own. Forecasters are many: they begin when first
  // spoken to.
  p.keeper = system.spawn<caf::detached>(actors::log_keeper, std::move(log));
  p.pool = system.spawn(actors::pool, models::pool_parameters{});
  const auto spawn_forecaster = [&system](actors::run_settings_ptr s, std::uint32_t resource,
                                          actors::local<actors::resource_core> core,
                                          actors::forecaster_listener listener) {
    return system.spawn<caf::lazy_init>(actors::forecaster, std::move(s), resource, std::move(core),
                                        std::move(listener));
  };
  for (std::uint32_t i = 0; i < settings->shards; ++i) {
    actors::shard_options options;
    options.id = models::shard_id{i};
    options.settings = settings;
    options.keeper = p.keeper;
    options.durable = durable;
    options.spawn_forecaster = spawn_forecaster;
    p.shards.push_back(system.spawn(actors::shard, std::move(options)));
  }
  actors::router_options router;
  p.seconds = settings->models.settings.grid().seconds();
  router.settings = settings;
  router.clock_source = p.clock;
  router.shards = p.shards;
  router.pool = p.pool;
  router.budget_of = std::move(budget_of);
  router.spawn_allocator = [&system, on_priced = std::move(on_priced)](actors::allocator_options options) {
    options.on_priced = on_priced;
    return system.spawn(actors::allocator, std::move(options));
  };
  p.router = system.spawn(actors::router, std::move(router));
}

run_system::~run_system() {
  auto& p = *parts_;
  const auto end = [](const auto& actor) { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); };
  end(p.router);
  for (const auto& shard : p.shards)
    end(shard);
  end(p.pool);
  end(p.keeper);
  p.router = nullptr;
  p.shards.clear();
  p.pool = nullptr;
  p.keeper = nullptr;
  p.self.reset(); // ~actor_system waits for every actor, this one included
}

namespace {

template <class Answer, class Handle, class... Question>
models::result<Answer> ask(caf::scoped_actor& self, const Handle& actor, Question&&... question) {
  std::optional<models::result<Answer>> out;
  self->request(actor, actors::request_timeout, std::forward<Question>(question)...)
      .receive([&](Answer& answer) { out.emplace(std::move(answer)); },
               [&](caf::error& failure) { out.emplace(actors::from_caf(failure)); });
  return std::move(*out);
}

} // namespace

models::result<std::uint64_t> run_system::restore() {
  return ask<std::uint64_t>(*parts_->self, parts_->router, actors::atom::restore::value);
}

void run_system::send(actors::routed_round round) {
  auto& p = *parts_;
  p.clock->advance_to(round.to.value() * p.seconds);
  auto handle = (*p.self)->request(p.router, actors::request_timeout, actors::atom::round::value,
                                   actors::local{std::move(round)});
  auto shared = std::make_shared<decltype(handle)>(std::move(handle));
  p.pending = [shared] {
    std::optional<models::result<actors::round_summary>> out;
    shared->receive([&](actors::local<actors::round_summary>& summary) { out.emplace(*summary); },
                    [&](caf::error& failure) { out.emplace(actors::from_caf(failure)); });
    return std::move(*out);
  };
}

models::result<actors::round_summary> run_system::collect() {
  if (!parts_->pending) return actors::round_summary{};
  return std::exchange(parts_->pending, {})();
}

models::status run_system::snapshot() {
  auto answer = ask<std::uint64_t>(*parts_->self, parts_->router, actors::atom::snapshot::value);
  if (!answer) return answer.failure();
  return models::success();
}

models::result<actors::run_scores> run_system::scores() {
  auto answer =
      ask<actors::local<actors::run_scores>>(*parts_->self, parts_->router, actors::atom::scores::value);
  if (!answer) return answer.failure();
  return std::move(**answer);
}

} // namespace forestage::cluster
