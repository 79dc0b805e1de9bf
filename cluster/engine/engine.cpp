#include "cluster/engine/engine.hpp"

#include "actors/intake.hpp"
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

struct engine::parts {
  explicit parts(std::size_t threads)
      : config(threads)
      , system(config) {}
  system_config config;
  caf::actor_system system;
  actors::log_keeper_actor keeper;
  actors::pool_actor pool;
  std::vector<actors::shard_actor> shards;
  actors::router_actor router;
  actors::intake_actor intake; // of a live run, and so are these
  actors::recorder_actor recorder;
  actors::provisioner_actor provisioner;
  actors::desk_actor desk;
  std::shared_ptr<actors::virtual_clock> event_time; // of a run without another clock: moved by the rounds
  std::int64_t seconds = 0;                          // of an interval
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

engine::engine(engine_options options)
    : parts_(std::make_unique<parts>(workers(options.threads))) {
  auto& p = *parts_;
  auto& system = p.system;
  const auto& settings = options.settings;
  p.self.emplace(system);
  // The disk makes the keeper wait: it has a thread of its own. Forecasters are many: they begin when first
  // spoken to.
  p.keeper = system.spawn<caf::detached>(actors::log_keeper, std::move(options.log));
  p.pool = system.spawn(actors::pool, models::pool_parameters{});
  const auto spawn_forecaster = [&system](actors::run_settings_ptr s, std::uint32_t resource,
                                          actors::local<actors::resource_core> core,
                                          actors::forecaster_listener listener) {
    return system.spawn<caf::lazy_init>(actors::forecaster, std::move(s), resource, std::move(core),
                                        std::move(listener));
  };
  for (std::uint32_t i = 0; i < settings->shards; ++i) {
    actors::shard_options shard;
    shard.id = models::shard_id{i};
    shard.settings = settings;
    shard.keeper = p.keeper;
    shard.durable = options.durable;
    shard.spawn_forecaster = spawn_forecaster;
    p.shards.push_back(system.spawn(actors::shard, std::move(shard)));
  }
  actors::router_options router;
  p.seconds = settings->models.settings.grid().seconds();
  if (!options.clock) p.event_time = std::make_shared<actors::virtual_clock>();
  router.settings = settings;
  router.clock_source = options.clock ? options.clock : p.event_time;
  router.shards = p.shards;
  router.pool = p.pool;
  router.budget_of = std::move(options.budget_of);
  router.spawn_allocator = [&system,
                            on_priced = std::move(options.on_priced)](actors::allocator_options allocator) {
    allocator.on_priced = on_priced;
    return system.spawn(actors::allocator, std::move(allocator));
  };
  p.router = system.spawn(actors::router, std::move(router));
  if (!settings->live) return;
  p.intake = system.spawn(actors::intake, actors::intake_options{p.shards});
  if (!options.stage) return;
  p.recorder = system.spawn(actors::recorder, actors::recorder_options{p.intake});
  options.desk.recorder = p.recorder;
  p.desk = system.spawn(actors::desk, std::move(options.desk));
  auto& stage = *options.stage;
  stage.spawn_collection = [&system](actors::message_collection_options collection) {
    return system.spawn(actors::message_collection, std::move(collection));
  };
  p.provisioner = system.spawn(actors::provisioner, std::move(stage));
}

engine::~engine() {
  auto& p = *parts_;
  const auto end = [](const auto& actor) { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); };
  if (p.provisioner) end(p.provisioner);
  if (p.desk) end(p.desk);
  if (p.recorder) end(p.recorder);
  if (p.intake) end(p.intake);
  end(p.router);
  for (const auto& shard : p.shards)
    end(shard);
  end(p.pool);
  end(p.keeper);
  p.provisioner = nullptr;
  p.desk = nullptr;
  p.recorder = nullptr;
  p.intake = nullptr;
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

models::result<std::uint64_t> engine::restore() {
  return ask<std::uint64_t>(*parts_->self, parts_->router, actors::atom::restore::value);
}

models::result<actors::run_standing> engine::standing() {
  auto answer =
      ask<actors::local<actors::run_standing>>(*parts_->self, parts_->router, actors::atom::progress::value);
  if (!answer) return answer.failure();
  return **answer;
}

void engine::send(actors::routed_round round) {
  auto& p = *parts_;
  if (p.event_time) p.event_time->advance_to(round.to.value() * p.seconds);
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

models::result<actors::round_summary> engine::collect() {
  if (!parts_->pending) return actors::round_summary{};
  return std::exchange(parts_->pending, {})();
}

models::status engine::snapshot() {
  auto answer = ask<std::uint64_t>(*parts_->self, parts_->router, actors::atom::snapshot::value);
  if (!answer) return answer.failure();
  return models::success();
}

models::result<actors::run_scores> engine::scores() {
  auto answer =
      ask<actors::local<actors::run_scores>>(*parts_->self, parts_->router, actors::atom::scores::value);
  if (!answer) return answer.failure();
  return std::move(**answer);
}

models::result<std::vector<actors::interval_plan>> engine::plans() {
  auto answer = ask<actors::local<std::vector<actors::interval_plan>>>(*parts_->self, parts_->router,
                                                                       actors::atom::plan::value);
  if (!answer) return answer.failure();
  return std::move(**answer);
}

void engine::carry_out(std::vector<actors::interval_plan> plans) {
  if (parts_->provisioner)
    caf::anon_send(parts_->provisioner, actors::atom::plan::value, actors::local{std::move(plans)});
}

models::result<std::string> engine::credibilities() {
  return ask<std::string>(*parts_->self, parts_->desk, actors::atom::save::value);
}

void engine::tick_stage() {
  if (!parts_->provisioner) return;
  caf::anon_send(parts_->provisioner, actors::atom::tick::value);
  caf::anon_send(parts_->desk, actors::atom::tick::value);
  caf::anon_send(parts_->recorder, actors::atom::retry::value);
}

namespace {

// An actor for the length of a question: whoever asks from outside has none.
template <class Answer, class Handle, class... Question>
void ask_aside(caf::actor_system& system, const Handle& actor, std::chrono::seconds patience,
               std::function<void(models::result<Answer>)> then, const Question&... question) {
  const auto asker = [=](caf::event_based_actor* self, const Handle& whom) {
    self->request(whom, patience, question...)
        .then([then](const actors::local<Answer>& answer) { then(Answer{*answer}); },
              [then](const caf::error& failure) { then(actors::from_caf(failure)); });
  };
  system.spawn(asker, actor);
}

} // namespace

void engine::submit(actors::live_batch batch, batch_function then) {
  // The intake answers before this: patience is for one that has gone.
  constexpr std::chrono::seconds patience{45};
  auto& p = *parts_;
  ask_aside(p.system, p.intake, patience, std::move(then), actors::atom::batch::value,
            actors::local{std::move(batch)});
}

actors::peer_proxy_actor engine::open_proxy(actors::peer_proxy_options options) {
  options.intake = parts_->intake;
  options.recorder = parts_->recorder;
  options.provisioner = parts_->provisioner;
  options.desk = parts_->desk;
  return parts_->system.spawn(actors::peer_proxy, std::move(options));
}
void engine::tell(const actors::peer_proxy_actor& proxy, actors::agent_bytes frame) {
  caf::anon_send(proxy, actors::atom::frame::value, actors::local{std::move(frame)});
}
void engine::tick(const actors::peer_proxy_actor& proxy) {
  caf::anon_send(proxy, actors::atom::tick::value);
}
void engine::drain(const actors::peer_proxy_actor& proxy) {
  caf::anon_send(proxy, actors::atom::drain::value);
}
void engine::close(const actors::peer_proxy_actor& proxy) {
  caf::anon_send(proxy, actors::atom::close::value);
}

void engine::ask_stage(stage_function then) {
  static constexpr std::chrono::seconds patience{15};
  auto& p = *parts_;
  const auto ask_all = [provisioner = p.provisioner, recorder = p.recorder, then = std::move(then)](
                           caf::event_based_actor* self, const actors::desk_actor& desk) {
    const auto report = std::make_shared<stage_report>();
    const auto missing = std::make_shared<int>(3);
    const auto got = [then, report, missing] {
      if (--*missing == 0) then(*report);
    };
    // Whoever does not answer leaves the question without one: it is asked again soon.
    self->request(provisioner, patience, actors::atom::counts::value)
        .then([=](const actors::local<actors::stage_view>& is) {
          report->stage = *is;
          got();
        });
    self->request(recorder, patience, actors::atom::recorded::value)
        .then([=](const actors::local<actors::recorder_counts>& is) {
          report->recorded = *is;
          got();
        });
    self->request(desk, patience, actors::atom::intents::value)
        .then([=](const actors::local<actors::desk_counts>& is) {
          report->intents = *is;
          got();
        });
  };
  p.system.spawn(ask_all, p.desk);
}

void engine::ask_plans(plans_function then) {
  constexpr std::chrono::seconds patience{45};
  auto& p = *parts_;
  ask_aside(p.system, p.router, patience, std::move(then), actors::atom::plan::value);
}

void engine::ask_scores(scores_function then) {
  constexpr std::chrono::seconds patience{45};
  auto& p = *parts_;
  ask_aside(p.system, p.router, patience, std::move(then), actors::atom::scores::value);
}

} // namespace forestage::cluster
