#include "cluster/node/node_api.hpp"

#include "cluster/node/events_request.hpp"
#include "cluster/node/metrics_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <random>
#include <utility>

namespace forestage::cluster {

namespace gateway = adapters::gateway;
using models::errc;
using models::result;
using nlohmann::ordered_json;

namespace {

constexpr std::int64_t ms_per_second = 1'000;

gateway::response refusal(int status, std::string_view code, std::string_view text) {
  auto answer = gateway::error_response(status, code, text);
  if (status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

gateway::response answer_to(const models::error& failure) {
  switch (failure.code) {
  case errc::invalid_data:
  case errc::invalid_argument:
    return refusal(400, "bad_events", failure.text);
  case errc::limit_exceeded:
    return refusal(413, "too_many_events", failure.text);
  case errc::unavailable:
  case errc::timeout:
    return refusal(503, "unavailable", failure.text);
  case errc::storage_failed:
    return refusal(503, "storage_failed", failure.text);
  default:
    return refusal(500, to_string(failure.code), failure.text);
  }
}

std::string utc_of(std::int64_t unix_seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

std::string json_text(const ordered_json& value) {
  return value.dump(1) + "\n";
}

ordered_json to_json(const actors::run_scores& scores) {
  ordered_json policies = ordered_json::array();
  for (std::size_t i = 0; i < actors::policy_count; ++i) {
    const auto sums = scores.board.policies[i].total();
    const auto requests = sums.used + sums.cold;
    if (requests == 0 && sums.waste == 0) continue;
    policies.push_back({{"name", actors::policy_name(i)},
                        {"warm", sums.used},
                        {"cold", sums.cold},
                        {"idle_unit_intervals", sums.waste},
                        {"warm_ratio", requests == 0 ? ordered_json{}
                                                     : ordered_json(static_cast<double>(sums.used) /
                                                                    static_cast<double>(requests))}});
  }
  return {{"policies", std::move(policies)}};
}

ordered_json to_json(const stage_report& report) {
  const auto& s = report.stage;
  const auto& c = s.counts;
  return {{"collections", s.open},
          {"pooled", s.pooled},
          {"grants", s.held},
          {"requests", c.requests},
          {"warm", c.warm},
          {"planned", c.planned},
          {"used", c.used},
          {"late", c.late},
          {"unused", c.unused},
          {"refused", c.refused},
          {"held_on", c.held_on},
          {"unrecorded", report.recorded.waiting},
          {"dropped", report.recorded.dropped}};
}

// At most so many resources of an interval; the others are counted.
constexpr std::size_t most_shown = 1'000;

ordered_json to_json(const actors::interval_plan& plan, std::int64_t seconds, const std::string& resource) {
  std::size_t resources = 0;
  std::int64_t units = 0;
  ordered_json shown = ordered_json::array();
  for (const auto& r : plan.resources) {
    if (!resource.empty() && r.resource.text() != resource) continue;
    ++resources;
    units += r.units;
    if (shown.size() >= most_shown) continue;
    ordered_json one;
    one["resource"] = r.resource.text();
    one["region"] = r.region.text();
    one["units"] = r.units;
    shown.push_back(std::move(one));
  }
  ordered_json out;
  out["interval"] = utc_of(plan.interval.value() * seconds);
  out["resources"] = resources;
  out["units"] = units;
  out["plan"] = std::move(shown);
  return out;
}

ordered_json to_json(const node_status& status) {
  return {{"phase", to_string(status.phase)}, {"reason", status.reason}};
}

} // namespace

node_api::node_api(const node_config& config, node_state& state, agent_links& agents,
                   std::function<std::int64_t()> now_ms)
    : config_(config)
    , state_(state)
    , agents_(agents)
    , now_ms_(std::move(now_ms))
    , life_((std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}()) {
  const auto alive = [](const request&, responder with) {
    with.answer(gateway::json_response("{\"alive\":true}\n"));
  };
  public_.add("GET", "/healthz", alive);
  operators_.add("GET", "/healthz", alive)
      .add("GET", "/readyz", [this](const request&, responder with) { get_ready(std::move(with)); })
      .add("GET", "/metrics", [this](const request&, responder with) { get_metrics(std::move(with)); })
      .add("GET", "/v1/status", [this](const request&, responder with) { get_status(std::move(with)); })
      .add("GET", "/v1/scores", [this](const request&, responder with) { get_scores(std::move(with)); })
      .add("GET", "/v1/plan",
           [this](const request& asked, responder with) { get_plan(asked, std::move(with)); })
      .add("POST", "/v1/events",
           [this](const request& asked, responder with) { post_events(asked, std::move(with)); });
}

void node_api::attach(engine* running) {
  const std::lock_guard lock{mutex_};
  engine_ = running;
  agents_.attach(running);
}

void node_api::watch(const gateway::server* front) {
  const std::lock_guard lock{mutex_};
  front_ = front;
}

void node_api::on_request(request asked, responder with) {
  const auto& routes = asked.listener == operator_listener ? operators_ : public_;
  routes.answer(std::move(asked), std::move(with));
}

void node_api::on_open(const gateway::peer_link& opened, const request&) {
  agents_.on_open(opened);
}
void node_api::on_frame(const gateway::peer_link& from, std::string_view frame, bool text) {
  agents_.on_frame(from, frame, text);
}
void node_api::on_close(const gateway::peer_link& closed, const gateway::close_reason&) {
  agents_.on_close(closed);
}

template <class Use> void node_api::with_engine(responder with, Use use) {
  const auto status = state_.read();
  if (status.phase == node_phase::serving) {
    const std::lock_guard lock{mutex_};
    if (engine_ != nullptr) {
      use(*engine_, std::move(with));
      return;
    }
  }
  refused_.fetch_add(1);
  with.answer(refusal(503, status.phase == node_phase::failed ? "storage_failed" : "unavailable",
                      fmt::format("the node is {}: {}", to_string(status.phase), status.reason)));
}

// A batch without a name gets one that nobody else has: it counts once, and again when it is sent again.
std::string node_api::own_session() {
  return fmt::format("service-batch/{:016x}/{}", life_, nameless_.fetch_add(1));
}

void node_api::post_events(const request& asked, responder with) {
  const auto grid = models::interval_grid::make(config_.demand.interval_ms / ms_per_second).value();
  auto events = parse_events(asked.body, {.grid = grid, .received_ms = now_ms_()});
  if (!events) {
    refused_.fetch_add(1);
    with.answer(answer_to(events.failure()));
    return;
  }
  const bool named = !events->session.empty();
  actors::live_batch batch{std::move(events->counts)};
  batch.counts.session = named ? "service/" + events->session : own_session();
  batch.counts.sequence = named ? events->sequence : 1;
  with_engine(std::move(with), [&](engine& running, responder answer) {
    on_way_.fetch_add(1);
    batches_.fetch_add(1);
    const auto shared = std::make_shared<responder>(std::move(answer));
    running.submit(std::move(batch), [this, shared, named, requests = events->requests,
                                      ahead = events->ahead](const result<actors::batch_answer>& done) {
      on_way_.fetch_sub(1);
      if (!done) {
        auto failure = done.failure();
        if (failure.code == errc::storage_failed) state_.report_trouble(failure.text);
        if (!named)
          failure.text += " (some of it may count already: with session and sequence it would count once)";
        refused_.fetch_add(1);
        shared->answer(answer_to(failure));
        return;
      }
      const auto& counts = done->counts;
      const bool repeated = requests > 0 && counts.verdict == actors::inbox_verdict::repeated;
      (repeated ? repeated_ : requests_).fetch_add(repeated ? 1 : requests);
      shared->answer(gateway::json_response(json_text({{"requests", requests},
                                                       {"repeated", repeated},
                                                       {"counted", counts.counted},
                                                       {"late", counts.late},
                                                       {"early", counts.early},
                                                       {"clock_ahead", ahead}})));
    });
  });
}

void node_api::get_status(responder with) {
  const auto shared = std::make_shared<responder>(std::move(with));
  const auto describe = [this](const actors::run_scores* scores) {
    const auto status = state_.read();
    const auto seconds = config_.demand.interval_ms / ms_per_second;
    auto out = to_json(status);
    out["name"] = config_.node.name;
    out["interval_seconds"] = seconds;
    out["open_interval"] = status.rounds == 0 && status.phase == node_phase::restoring
                               ? ordered_json{}
                               : ordered_json(utc_of(status.open.value() * seconds));
    out["rounds"] = status.rounds;
    out["last_round_ms"] = status.last_round_ms;
    out["restores"] = status.restores;
    out["down_intervals"] = status.down_intervals;
    out["staged"] = to_json(status.stage);
    if (scores == nullptr) return out;
    const auto& in = scores->intake;
    out["requests"] = {
        {"counted", scores->counted}, {"waiting", in.waiting}, {"late", in.late}, {"early", in.early}};
    out["resources"] = scores->resources;
    out["sessions"] = in.sessions;
    return out;
  };
  const std::lock_guard lock{mutex_};
  if (engine_ == nullptr || state_.read().phase != node_phase::serving) {
    shared->answer(gateway::json_response(json_text(describe(nullptr))));
    return;
  }
  engine_->ask_scores([shared, describe](const result<actors::run_scores>& scores) {
    shared->answer(gateway::json_response(json_text(describe(scores ? &*scores : nullptr))));
  });
}

void node_api::get_scores(responder with) {
  with_engine(std::move(with), [](engine& running, responder answer) {
    const auto shared = std::make_shared<responder>(std::move(answer));
    running.ask_scores([shared](const result<actors::run_scores>& scores) {
      shared->answer(scores ? gateway::json_response(json_text(to_json(*scores)))
                            : answer_to(scores.failure()));
    });
  });
}

void node_api::get_plan(const request& asked, responder with) {
  const auto seconds = config_.demand.interval_ms / ms_per_second;
  const std::string resource{asked.where.parameter("resource")};
  with_engine(std::move(with), [&](engine& running, responder answer) {
    const auto shared = std::make_shared<responder>(std::move(answer));
    running.ask_plans([shared, seconds, resource](const result<std::vector<actors::interval_plan>>& plans) {
      if (!plans) {
        shared->answer(answer_to(plans.failure()));
        return;
      }
      ordered_json out = ordered_json::array();
      for (const auto& plan : *plans)
        out.push_back(to_json(plan, seconds, resource));
      shared->answer(gateway::json_response(json_text({{"intervals", std::move(out)}})));
    });
  });
}

void node_api::get_ready(responder with) const {
  const auto status = state_.read();
  with.answer(
      gateway::json_response(json_text(to_json(status)), status.phase == node_phase::serving ? 200 : 503));
}

void node_api::get_metrics(responder with) {
  const auto status = state_.read();
  metrics_text out;
  using enum metric_type;
  out.family("forestage_ready", gauge, "1 while the node takes and acknowledges requests.")
      .sample(status.phase == node_phase::serving ? 1 : 0)
      .family("forestage_rounds_total", counter, "Rounds closed in this data directory.")
      .sample(static_cast<double>(status.rounds))
      .family("forestage_last_round_seconds", gauge, "What closing the newest round took.")
      .sample(static_cast<double>(status.last_round_ms) / 1e3)
      .family("forestage_key_intervals_total", counter,
              "Demands forecast since the start, by key and interval.")
      .sample(static_cast<double>(status.key_intervals))
      .family("forestage_down_intervals_total", counter,
              "Intervals not learned from because the node was down.")
      .sample(static_cast<double>(status.down_intervals))
      .family("forestage_restores_total", counter,
              "Times that the demand log was read again after a failure.")
      .sample(static_cast<double>(status.restores))
      .family("forestage_batches_total", counter, "Batches of services handed to the shards.")
      .sample(static_cast<double>(batches_.load()))
      .family("forestage_batches_on_way", gauge, "Batches that are not in the demand log yet.")
      .sample(static_cast<double>(on_way_.load()))
      .family("forestage_batches_refused_total", counter, "Batches answered with an error.")
      .sample(static_cast<double>(refused_.load()))
      .family("forestage_batches_repeated_total", counter, "Batches that had been kept before.")
      .sample(static_cast<double>(repeated_.load()))
      .family("forestage_requests_acknowledged_total", counter, "Requests in the demand log since the start.")
      .sample(static_cast<double>(requests_.load()))
      .family("forestage_agents", gauge, "Agents connected now.")
      .sample(static_cast<double>(agents_.connected()))
      .family("forestage_agent_reports_total", counter,
              "Reports of agents in the demand log since the start.")
      .sample(static_cast<double>(agents_.reports()))
      .family("forestage_agent_requests_total", counter, "Requests in them.")
      .sample(static_cast<double>(agents_.requests()));
  const auto& [stage, recorded] = status.stage;
  out.family("forestage_acquired_total", counter, "Requests for resources, by whether all was ready.")
      .sample(static_cast<double>(stage.counts.warm), {{"ready", "warm"}})
      .sample(static_cast<double>(stage.counts.requests - stage.counts.warm), {{"ready", "cold"}})
      .family("forestage_staged_total", counter,
              "Resources of regions and intervals that were planned, by what came of it.")
      .sample(static_cast<double>(stage.counts.used), {{"end", "used"}})
      .sample(static_cast<double>(stage.counts.late), {{"end", "late"}})
      .sample(static_cast<double>(stage.counts.unused), {{"end", "unused"}})
      .family("forestage_acquisitions_refused_total", counter, "For want of room.")
      .sample(static_cast<double>(stage.counts.refused))
      .family("forestage_collections", gauge, "Message collections of resources that are open.")
      .sample(static_cast<double>(stage.open))
      .family("forestage_collections_pooled", gauge, "Peer collections that wait for a peer.")
      .sample(static_cast<double>(stage.pooled))
      .family("forestage_grants", gauge, "Grants that are held.")
      .sample(static_cast<double>(stage.held))
      .family("forestage_plans_held_on_total", counter, "Intervals that an earlier plan stood in for.")
      .sample(static_cast<double>(stage.counts.held_on))
      .family("forestage_requests_unrecorded", gauge, "Acquisitions that are not in the demand log yet.")
      .sample(static_cast<double>(recorded.waiting))
      .family("forestage_requests_unrecorded_dropped_total", counter,
              "Acquisitions that never came there: too many waited.")
      .sample(static_cast<double>(recorded.dropped));
  const std::lock_guard lock{mutex_};
  if (front_ != nullptr) {
    constexpr std::array<std::string_view, 2> names{"public", "operator"};
    const auto each = [&](std::string_view name, metric_type type, std::string_view help, auto read) {
      out.family(name, type, help);
      for (std::size_t i = 0; i < names.size(); ++i)
        out.sample(static_cast<double>(read(front_->counters(i))), {{"listener", names[i]}});
    };
    each("forestage_connections", gauge, "Connections open now.", [](const auto& c) { return c.open; });
    each("forestage_http_requests_total", counter, "HTTP requests.",
         [](const auto& c) { return c.requests; });
    each("forestage_bytes_in_total", counter, "Bytes received.", [](const auto& c) { return c.bytes_in; });
    each("forestage_bytes_out_total", counter, "Bytes sent.", [](const auto& c) { return c.bytes_out; });
    out.family("forestage_refused_total", counter,
               "Requests and connections refused by the gateway, by reason.");
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto counters = front_->counters(i);
      for (std::size_t r = 0; r < gateway::refusal_count; ++r)
        if (counters.refused[r] > 0)
          out.sample(static_cast<double>(counters.refused[r]),
                     {{"listener", names[i]}, {"reason", to_string(static_cast<gateway::refusal>(r))}});
    }
  }
  gateway::response answer;
  answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  answer.body = out.text();
  with.answer(std::move(answer));
}

} // namespace forestage::cluster
