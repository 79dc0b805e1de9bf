#include "cluster/node/config_keys.hpp"

#include "adapters/time_zones/time_zones.hpp"
#include "cluster/node/key_kinds.hpp"

namespace forestage::cluster {

namespace {

// What an accessor looks like: a reference into a config, const or not.
#define AT(path)                                                                                             \
  [](auto& c) -> auto& {                                                                                     \
    return c.path;                                                                                           \
  } // NOLINT: a lambda per key cannot be a function

constexpr std::int64_t second = 1'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
constexpr std::int64_t kib = 1 << 10, mib = 1 << 20, gib = 1 << 30;

std::string name_rule(std::string_view text) {
  if (text.empty() || text.size() > models::max_name_bytes) return "a name must have 1 to 256 bytes";
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "a name must not have control characters";
  return models::is_utf8(text) ? std::string{} : "a name must be UTF-8";
}

std::string path_rule(std::string_view text) {
  if (text.size() > 4'095 || text.find('\0') != std::string_view::npos) return "that is not a path";
  return {};
}

std::string needed_path_rule(std::string_view text) {
  return text.empty() ? "a directory must be named" : path_rule(text);
}

std::string listen_rule(std::string_view text) {
  const auto parsed = parse_endpoint(text);
  return parsed ? std::string{} : parsed.failure().text;
}

std::string host_rule(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.find_first_of("/@ *") != std::string_view::npos)
    return adapters::toml_quoted(text) + " is not the name of a host: write \"forestage.example.org\" or an "
                                         "address, without port and scheme";
  return {};
}

std::string origin_rule(std::string_view text) {
  const auto scheme = text.find("://");
  const auto host = scheme == std::string_view::npos ? std::string_view{} : text.substr(scheme + 3);
  if ((!text.starts_with("https://") && !text.starts_with("http://")) || host.empty() ||
      host.find_first_of("/@ *") != std::string_view::npos)
    return adapters::toml_quoted(text) +
           " is not an origin: write it as browsers do, such as \"https://app.example.org\", without a path";
  return {};
}

std::string pattern_rule(std::string_view text) {
  if (text.size() > models::max_name_bytes) return "a pattern of regions has at most 256 bytes";
  return {};
}

template <class Section>
void add_listener(std::vector<config_key>& keys, const std::string& name, const std::string& who,
                  Section section) {
  keys.push_back(text_key(
      {name, "listen"}, "address:port, such as \"127.0.0.1:7400\"",
      "Where " + who +
          " connect. Port 0: any that is free. Anything but loopback needs tls_certificate, tls_key, hosts "
          "and agents.tokens = \"required\".",
      [section](auto& c) -> auto& { return section(c).listen; }, listen_rule));
  keys.push_back(text_key(
      {name, "tls_certificate"}, "the path of a PEM file, or \"\"",
      "The certificate and its chain. Empty: no TLS.",
      [section](auto& c) -> auto& { return section(c).tls_certificate; }, path_rule));
  keys.push_back(text_key(
      {name, "tls_key"}, "the path of a PEM file, or \"\"",
      "The certificate's private key.", [section](auto& c) -> auto& { return section(c).tls_key; },
      path_rule));
  keys.push_back(list_key(
      {name, "hosts"}, "a list of at most 256 names of hosts",
      "Names under which this node may be called (the Host header, without port). Others are refused, which "
      "stops pages that rebind a name to this node.",
      [section](auto& c) -> auto& { return section(c).hosts; }, host_rule));
  keys.push_back(list_key(
      {name, "origins"}, "a list of at most 256 origins, such as \"https://app.example.org\"",
      "Pages that may connect (the Origin header), beside the listener's own.",
      [section](auto& c) -> auto& { return section(c).origins; }, origin_rule));
}

void add_node(std::vector<config_key>& keys) {
  keys.push_back(text_key({"node", "name"}, "a name of 1 to 256 bytes",
                          "What this node is called in logs and metrics; different on each.", AT(node.name),
                          name_rule));
  keys.push_back(choice_key<run_mode>(
      {"node", "mode"},
      "enforce: plans are carried out; approve: each waits for an operator; shadow: they are only made and "
      "scored.",
      AT(node.mode),
      {{"enforce", run_mode::enforce}, {"approve", run_mode::approve}, {"shadow", run_mode::shadow}}));
  keys.push_back(text_key({"node", "data_dir"}, "the path of a directory",
                          "The demand log and snapshots. Relative paths begin where the node is started.",
                          AT(node.data_dir), needed_path_rule));
  keys.push_back(choice_key<node_clock>({"node", "clock"},
                                        "wall: intervals end by the clock; log: by the times that agents "
                                        "report, so that a recorded day runs as fast as it is sent.",
                                        AT(node.clock),
                                        {{"wall", node_clock::wall}, {"log", node_clock::log}}));
}

void add_demand(std::vector<config_key>& keys) {
  keys.push_back(
      time_key({"demand", "interval"},
               "What demand is counted in; it must divide a day. Another interval is another history.",
               AT(demand.interval_ms), minute, day));
  keys.push_back(time_key({"demand", "grace"}, "How long after its end an interval waits for late reports.",
                          AT(demand.grace_ms), 0, hour));
  keys.push_back(time_key({"demand", "season"},
                          "A rhythm beside the day and the week, such as \"12h\" for shifts.",
                          AT(demand.season_ms), minute, 28 * day, true));
  keys.push_back(map_key<std::string>(
      {"demand", "time_zones"},
      "a table of patterns of regions and names of time zones, such as { \"eu-*\" = \"Europe/Berlin\" }",
      "In whose days and weeks a region lives, daylight saving included. The longest pattern that fits "
      "decides; UTC where none does.",
      AT(demand.time_zones),
      [](const adapters::toml_value& v) {
        return v.kind == adapters::toml_kind::text ? std::optional{v.text} : std::nullopt;
      },
      [](const std::string& pattern, const std::string& zone) {
        if (auto wrong = pattern_rule(pattern); !wrong.empty()) return wrong;
        const auto offsets = adapters::offsets_of(zone, 0, 1);
        return offsets ? std::string{} : offsets.failure().text;
      },
      [](const std::string& zone) { return adapters::toml_quoted(zone); }));
}

void add_allocation(std::vector<config_key>& keys) {
  keys.push_back(choice_key<allocation_policy>(
      {"allocation", "policy"},
      "cost: what is worth more than it costs; threshold: the rounded mean where it is above "
      "allocation.threshold.",
      AT(allocation.policy),
      {{"cost", allocation_policy::cost}, {"threshold", allocation_policy::threshold}}));
  keys.push_back(real_key({"allocation", "threshold"},
                          "Requests per interval, for policy = \"threshold\" only.", AT(allocation.threshold),
                          0, 1e6));
  keys.push_back(
      whole_key({"allocation", "lead"},
                "Whole intervals from a decision to what is ready, until a backend's own is learned.",
                AT(allocation.lead), 0, 1'000));
  keys.push_back(real_key({"allocation", "cost_under"}, "What a cold request costs, in any money.",
                          AT(allocation.cost_under), 1e-6, 1e9));
  keys.push_back(real_key({"allocation", "cost_over"}, "What an idle unit costs in 300 s, in the same money.",
                          AT(allocation.cost_over), 1e-6, 1e9));
  keys.push_back(map_key<std::int64_t>(
      {"allocation", "budget"},
      "a table of patterns of regions and whole numbers from 0 to 1000000000, such as { \"eu-*\" = 120, "
      "\"*\" = 40 }",
      "Units that a region may hold at once; the longest pattern that fits decides. No limit where none "
      "fits.",
      AT(allocation.budget),
      [](const adapters::toml_value& v) {
        return v.kind == adapters::toml_kind::integer ? std::optional{v.integer} : std::nullopt;
      },
      [](const std::string& pattern, std::int64_t units) {
        return units < 0 || units > 1'000'000'000 ? "a budget is a whole number from 0 to 1000000000"
                                                  : pattern_rule(pattern);
      },
      [](std::int64_t units) { return std::to_string(units); }));
  keys.push_back(whole_key({"allocation", "min_peers"},
                           "Peers that a segment must have to be modelled apart (privacy).",
                           AT(allocation.min_peers), 1, 1'000'000));
}

void add_agents(std::vector<config_key>& keys) {
  keys.push_back(whole_key({"agents", "max_connections"},
                           "Agents that are connected at once; more are told to come back later.",
                           AT(agents.max_connections), 1, 1'000'000));
  keys.push_back(whole_key({"agents", "reports"}, "Reports of an agent that are not in the log yet.",
                           AT(agents.reports), 1, 32));
  keys.push_back(whole_key({"agents", "events"}, "Events in a report.", AT(agents.events), 1, 100'000));
  keys.push_back(size_key({"agents", "frame_bytes"}, "The largest message of an agent.",
                          AT(agents.frame_bytes), 4 * kib, 16 * mib));
  keys.push_back(whole_key({"agents", "questions"}, "Questions of an agent that are not answered yet.",
                           AT(agents.questions), 1, 10'000));
  keys.push_back(
      whole_key({"agents", "intents"}, "Intents of an agent that stand.", AT(agents.intents), 0, 100'000));
  keys.push_back(time_key({"agents", "idle"}, "An agent that is silent for so long is gone.",
                          AT(agents.idle_ms), 5 * second, hour));
  keys.push_back(choice_key<token_policy>(
      {"agents", "tokens"},
      "required: every agent needs a signed token (forestage token); development: none does, on loopback "
      "only.",
      AT(agents.tokens), {{"required", token_policy::required}, {"development", token_policy::development}}));
  keys.push_back(text_key({"agents", "keys"}, "the path of a directory",
                          "The public keys of tokens, KID.pem each.", AT(agents.keys), needed_path_rule));
}

void add_collections(std::vector<config_key>& keys) {
  keys.push_back(whole_key({"collections", "messages"}, "Messages that a collection holds.",
                           AT(collections.messages), 1, 1'000'000));
  keys.push_back(size_key({"collections", "bytes"}, "Bytes of payload that a collection holds.",
                          AT(collections.bytes), kib, gib));
  keys.push_back(size_key({"collections", "message_bytes"}, "The largest payload.",
                          AT(collections.message_bytes), 1, 8 * mib));
  keys.push_back(time_key({"collections", "keep"}, "A message that is older is dropped, and counted.",
                          AT(collections.keep_ms), second, day));
  keys.push_back(
      time_key({"collections", "lease"},
               "A message that was handed out and not acknowledged for so long is handed out again.",
               AT(collections.lease_ms), 100, hour));
  keys.push_back(whole_key({"collections", "pool"},
                           "Peer collections that each region keeps ready for whoever comes.",
                           AT(collections.pool), 0, 100'000));
}

std::vector<config_key> make_keys() {
  std::vector<config_key> keys;
  add_node(keys);
  add_listener(keys, "public", "agents and pages", AT(open));
  add_listener(keys, "operator", "operators, dashboards and metrics", AT(operators));
  add_demand(keys);
  add_allocation(keys);
  add_agents(keys);
  add_collections(keys);
  keys.push_back(time_key({"retention", "age"}, "How far the history reaches back that is kept.",
                          AT(retention.age_ms), day, 3'650 * day));
  keys.push_back(size_key({"retention", "bytes"}, "What the data directory may take; the oldest goes first.",
                          AT(retention.bytes), 64 * mib, 256 * 1'024 * gib));
  keys.push_back(text_key({"cluster", "name"}, "a name of 1 to 256 bytes",
                          "What tokens are for (their aud); the same on every node.", AT(cluster.name),
                          name_rule));
  keys.push_back(whole_key({"cluster", "shards"},
                           "Parts that the resources are divided into. Another number is another history.",
                           AT(cluster.shards), 1, 4'096));
  return keys;
}

#undef AT

} // namespace

const std::vector<config_section>& config_sections() {
  static const std::vector<config_section> sections{
      {"node", "The node itself."},
      {"public", "The listener for agents: WebSocket and staged content."},
      {"operator", "The listener for operators: API, metrics and dashboard."},
      {"demand", "How demand is counted."},
      {"allocation", "What is made ready, and what it may cost."},
      {"agents", "What an agent may do on one connection."},
      {"collections", "Message collections, embedded in the node."},
      {"retention", "How much history is kept; whichever limit comes first."},
      {"cluster", "What all nodes agree about."},
  };
  return sections;
}

const std::vector<config_key>& config_keys() {
  static const std::vector<config_key> keys = make_keys();
  return keys;
}

} // namespace forestage::cluster
