#include "cluster/node/config.hpp"

#include "cluster/node/config_keys.hpp"
#include "models/interval.hpp"
#include "models/units.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace forestage::cluster {

using models::errc;
using models::result;

namespace {

using faults = std::vector<config_fault>;

void check_listener(const std::string& section, const listener_section& listener,
                    const agents_section& agents, faults& out) {
  const auto name = [&](const char* key) { return section + "." + key; };
  if (listener.tls_certificate.empty() != listener.tls_key.empty()) {
    const bool no_key = listener.tls_key.empty();
    out.push_back(
        {{name(no_key ? "tls_certificate" : "tls_key"), name(no_key ? "tls_key" : "tls_certificate")},
         "a certificate and its key go together: name " + name(no_key ? "tls_key" : "tls_certificate") +
             " too, or neither"});
  }
  const auto where = parse_endpoint(listener.listen);
  if (!where || where.value().loopback) return;
  if (listener.tls_certificate.empty() && listener.tls_key.empty())
    out.push_back({{name("listen"), name("tls_certificate"), name("tls_key")},
                   listener.listen +
                       " can be reached from other machines, which is refused without TLS: name " +
                       name("tls_certificate") + " and " + name("tls_key") + ", or listen on 127.0.0.1"});
  if (agents.tokens != token_policy::required)
    out.push_back({{name("listen"), "agents.tokens"},
                   listener.listen +
                       " can be reached from other machines, which is refused without tokens: set "
                       "agents.tokens = \"required\" and make a key (forestage token keys new), or listen on "
                       "127.0.0.1"});
  constexpr std::array<std::string_view, 3> local{"localhost", "127.0.0.1", "[::1]"};
  if (std::all_of(listener.hosts.begin(), listener.hosts.end(), [&](const auto& host) {
        return std::find(local.begin(), local.end(), host) != local.end();
      }))
    out.push_back(
        {{name("hosts"), name("listen")},
         "nobody could reach " + listener.listen + " from another machine: " + name("hosts") +
             " must have the names that clients use for this node, such as \"forestage.example.org\""});
}

void check_ports(const node_config& c, faults& out) {
  const auto a = parse_endpoint(c.open.listen), b = parse_endpoint(c.operators.listen);
  if (!a || !b || a.value().port == 0 || a.value().port != b.value().port) return;
  if (a.value().host == b.value().host || a.value().any || b.value().any)
    out.push_back({{"operator.listen", "public.listen"},
                   "both listeners want port " + std::to_string(a.value().port) +
                       "; give one of them another, such as 7480"});
}

void check_demand(const node_config& c, faults& out) {
  const auto& d = c.demand;
  const auto grid =
      d.interval_ms % 1'000 == 0
          ? models::interval_grid::make(d.interval_ms / 1'000)
          : result<models::interval_grid>{errc::invalid_argument, "an interval must be whole seconds"};
  if (!grid) out.push_back({{"demand.interval"}, grid.failure().text});
  if (d.grace_ms > d.interval_ms)
    out.push_back(
        {{"demand.grace", "demand.interval"},
         "a grace longer than an interval holds back every plan; make it at most demand.interval, " +
             models::milliseconds_text(d.interval_ms)});
  if (d.season_ms != 0 && d.interval_ms > 0 &&
      (d.season_ms % d.interval_ms != 0 || d.season_ms < 2 * d.interval_ms))
    out.push_back(
        {{"demand.season", "demand.interval"},
         "a season must be whole intervals, at least two of " + models::milliseconds_text(d.interval_ms)});
}

void check_sizes(const node_config& c, faults& out) {
  constexpr std::int64_t frame_bytes_around = 1'024; // of the other fields of a Put
  if (c.collections.message_bytes > c.collections.bytes)
    out.push_back({{"collections.message_bytes", "collections.bytes"},
                   "a collection must hold at least one message; make collections.bytes larger or "
                   "message_bytes smaller"});
  if (c.collections.message_bytes > c.agents.frame_bytes - frame_bytes_around)
    out.push_back({{"collections.message_bytes", "agents.frame_bytes"},
                   "a message must fit into a frame, with 1KiB around it; make agents.frame_bytes larger or "
                   "collections.message_bytes smaller"});
  if (c.collections.lease_ms > c.collections.keep_ms)
    out.push_back({{"collections.lease", "collections.keep"},
                   "a message that is kept for less than its lease is never handed out again; make "
                   "collections.keep longer or lease shorter"});
}

} // namespace

std::vector<config_fault> validate(const node_config& config) {
  faults out;
  for (const auto& key : config_keys())
    if (auto wrong = key.check(config); !wrong.empty()) out.push_back({{key.full_name()}, std::move(wrong)});
  check_listener("public", config.open, config.agents, out);
  check_listener("operator", config.operators, config.agents, out);
  check_ports(config, out);
  check_demand(config, out);
  check_sizes(config, out);
  return out;
}

result<endpoint> parse_endpoint(std::string_view text) {
  const auto refused = [&] {
    return models::error{errc::invalid_argument,
                         "'" + std::string{text} +
                             "' is not an address to listen on: write address:port, such as "
                             "127.0.0.1:7400, [::1]:7400 or 0.0.0.0:7400"};
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refused();
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  endpoint out;
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (failure != std::errc{} || end != port.data() + port.size()) return refused();
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  out.host = host;
  in_addr four{};
  in6_addr six{};
  if (out.host.find('\0') != std::string::npos) return refused(); // inet_pton would stop there
  if (!bracketed && host == "localhost") {
    out.loopback = true;
  } else if (!bracketed && ::inet_pton(AF_INET, out.host.c_str(), &four) == 1) {
    out.loopback = (ntohl(four.s_addr) >> 24U) == 127;
    out.any = four.s_addr == 0;
  } else if (bracketed && ::inet_pton(AF_INET6, out.host.c_str(), &six) == 1) {
    out.loopback = IN6_IS_ADDR_LOOPBACK(&six);
    out.any = IN6_IS_ADDR_UNSPECIFIED(&six);
  } else {
    return refused();
  }
  return out;
}

} // namespace forestage::cluster
