#include "cluster/node/node_text.hpp"

#include "models/units.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace forestage::cluster {

namespace {

constexpr std::int64_t ms_per_second = 1'000;

std::string minute_text(std::int64_t unix_seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

std::string address_of(const listener_section& section, std::uint16_t port) {
  const auto at = parse_endpoint(section.listen);
  const bool v6 = at && at->host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", section.tls_certificate.empty() ? "http" : "https", v6 ? "[" : "",
                     at ? at->host : "localhost", v6 ? "]" : "", port);
}

} // namespace

std::string start_text(const node_config& config, const node_status& status, models::interval_grid grid,
                       std::uint16_t public_port, std::uint16_t operator_port) {
  const auto operators = address_of(config.operators, operator_port);
  const auto open = minute_text(grid.start(status.open));
  return fmt::format("{} is up\n"
                     "  data      {}: {}\n"
                     "  public    {}   /v1/agent (WebSocket: reports), /healthz\n"
                     "  operator  {}   /v1/events, /v1/status, /v1/scores, /readyz, /metrics\n"
                     "  demand    counted in {}, closed {} after their end; {} shards; {}\n"
                     "  limits    10,000 events and 1 MiB a batch, {} connections a listener\n"
                     "\n"
                     "Tell it what is being asked for:\n"
                     "  curl -d '{{\"events\": [{{\"resource\": \"room/42\"}}]}}' {}/v1/events\n"
                     "Stop it with Ctrl-C or SIGTERM; what it has acknowledged is kept.\n",
                     config.node.name, config.node.data_dir,
                     status.rounds == 0 ? "a new history, from " + open + " UTC"
                                        : fmt::format("{} rounds, open from {} UTC", status.rounds, open),
                     address_of(config.open, public_port), operators,
                     models::milliseconds_text(config.demand.interval_ms),
                     models::milliseconds_text(config.demand.grace_ms), config.cluster.shards,
                     config.allocation.budget.empty() ? "no budgets" : "with budgets",
                     config.agents.max_connections, operators);
}

std::string span_text(const closing_round& round, models::interval_grid grid) {
  const auto from = grid.start(round.from), to = grid.start(round.to);
  return fmt::format("{} to {:%H:%M} UTC", minute_text(from), fmt::gmtime(static_cast<std::time_t>(to)));
}

std::string shape_text_of(const node_config& config) {
  return fmt::format("{{\"interval_seconds\":{},\"shards\":{}}}", config.demand.interval_ms / ms_per_second,
                     config.cluster.shards);
}

} // namespace forestage::cluster
