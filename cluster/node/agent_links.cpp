#include "cluster/node/agent_links.hpp"

#include "adapters/tokens/token.hpp"

#include <utility>

namespace forestage::cluster {

namespace gateway = adapters::gateway;
using models::errc;
using models::result;

namespace {

constexpr std::int64_t ms_per_second = 1'000;
// RFC 6455, 7.4.1 and IANA's registry.
constexpr std::uint16_t normal = 1000, going_away = 1001, policy_violation = 1008, try_again_later = 1013;

std::uint16_t close_code(errc code) {
  switch (code) {
  case errc::ok:
    return normal;
  case errc::unavailable:
    return going_away;
  default:
    return policy_violation;
  }
}

actors::session_limits limits_of(const agents_section& agents) {
  actors::session_limits out;
  out.reports = static_cast<std::uint32_t>(agents.reports);
  out.events = static_cast<std::uint32_t>(agents.events);
  out.frame_bytes = static_cast<std::uint32_t>(agents.frame_bytes);
  out.questions = static_cast<std::uint32_t>(agents.questions);
  out.intents = static_cast<std::uint32_t>(agents.intents);
  out.idle_ms = agents.idle_ms;
  return out;
}

} // namespace

agent_links::agent_links(const node_config& config, std::optional<tokens::key_ring> keys,
                         std::function<std::int64_t()> unix_ms, std::function<std::int64_t()> steady_ms)
    : config_(config)
    , keys_(std::move(keys))
    , unix_ms_(std::move(unix_ms))
    , steady_ms_(std::move(steady_ms))
    , uses_(static_cast<std::size_t>(config.agents.max_connections)) {}

void agent_links::attach(engine* running) {
  const std::lock_guard lock{mutex_};
  engine_ = running;
}

actors::peer_connection agent_links::connection_of(const gateway::peer_link& link) {
  actors::peer_connection out;
  out.send = [link](std::string bytes, bool text) { (void)link.send(std::move(bytes), text); };
  out.release = [link] { link.release(); };
  out.hang_up = [link](errc code, std::string text) { link.close(close_code(code), std::move(text)); };
  out.verify = [this, id = link.id()](const std::string& token, const std::string& session,
                                      const v1::Profile& profile) {
    return verify(id, token, session, profile);
  };
  out.acknowledged = [this](std::uint64_t requests) {
    reports_.fetch_add(1);
    requests_.fetch_add(requests);
  };
  return out;
}

void agent_links::on_open(const gateway::peer_link& opened) {
  const std::lock_guard lock{mutex_};
  if (engine_ == nullptr) {
    opened.close(try_again_later, "the node does not serve yet, or is stopping: come back later");
    return;
  }
  actors::peer_proxy_options options;
  options.limits = limits_of(config_.agents);
  options.grid = models::interval_grid::make(config_.demand.interval_ms / ms_per_second).value();
  options.connection = connection_of(opened);
  options.number = opened.id();
  options.steady_ms = steady_ms_;
  options.unix_ms = unix_ms_;
  agents_.emplace(opened.id(), connected_agent{engine_->open_proxy(std::move(options)), {}, {}});
}

void agent_links::on_frame(const gateway::peer_link& from, std::string_view frame, bool text) {
  const std::lock_guard lock{mutex_};
  if (const auto at = agents_.find(from.id()); at != agents_.end())
    engine::tell(at->second.proxy, actors::agent_bytes{std::string{frame}, text});
}

void agent_links::on_close(const gateway::peer_link& closed) {
  const std::lock_guard lock{mutex_};
  const auto at = agents_.find(closed.id());
  if (at == agents_.end()) return;
  if (!at->second.token.empty()) uses_.release(at->second.token, at->second.session);
  engine::close(at->second.proxy);
  agents_.erase(at);
}

void agent_links::tick() {
  const std::lock_guard lock{mutex_};
  for (const auto& [id, agent] : agents_)
    engine::tick(agent.proxy);
}

void agent_links::drain() {
  const std::lock_guard lock{mutex_};
  for (const auto& [id, agent] : agents_)
    engine::drain(agent.proxy);
}

std::size_t agent_links::connected() const {
  const std::lock_guard lock{mutex_};
  return agents_.size();
}

result<actors::peer_claims> agent_links::verify(std::uint64_t link, const std::string& token,
                                                const std::string& session, const v1::Profile& profile) {
  auto claims = claims_of(link, token, session);
  if (!claims) return claims;
  if (auto region = models::region_id::make(profile.region()); !region)
    return {errc::invalid_data, "the profile's region: " + region.failure().text};
  return claims;
}

result<actors::peer_claims> agent_links::claims_of(std::uint64_t link, const std::string& token,
                                                   const std::string& session) {
  actors::peer_claims out;
  if (!keys_) { // on loopback, for trying out
    out.peer = "development/" + session;
    out.may_report = true;
    return out;
  }
  tokens::verify_options options;
  options.cluster = config_.cluster.name;
  const auto now_ms = unix_ms_(), steady_ms = steady_ms_();
  const auto claims = tokens::verify(*keys_, token, now_ms / ms_per_second, options);
  if (!claims) return claims.failure();
  out.peer = claims->peer;
  out.region = claims->region;
  out.may_report = claims->may_report;
  out.requester = claims->requester;
  out.provider = claims->provider;
  out.resources = claims->resources;
  out.expires_ms = steady_ms + (claims->expires + options.skew_seconds) * ms_per_second - now_ms;
  const std::lock_guard lock{mutex_};
  const auto at = agents_.find(link);
  if (at == agents_.end()) return {errc::unavailable, "the connection has ended"};
  if (auto admitted = uses_.admit(claims->id, session, out.expires_ms, steady_ms); !admitted)
    return admitted.failure();
  at->second.token = claims->id;
  at->second.session = session;
  return out;
}

} // namespace forestage::cluster
