// How a node is set up: plain values with their defaults, checked once. Where they are read from and what
// each key means: config_keys.hpp, config_file.hpp. The defaults are a node for trying out: everything
// embedded, on loopback, no tokens needed.
#pragma once

#include "models/glob.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forestage::cluster {

enum class run_mode : std::uint8_t { enforce, approve, shadow };
enum class node_clock : std::uint8_t { wall, log };
enum class token_policy : std::uint8_t { required, development };
enum class allocation_policy : std::uint8_t { cost, threshold };

struct node_section {
  std::string name = "node-1";
  run_mode mode = run_mode::enforce;
  std::string data_dir = "./forestage-data";
  node_clock clock = node_clock::wall;
};

struct listener_section {
  std::string listen; // parse_endpoint reads it
  std::string tls_certificate, tls_key;
  std::vector<std::string> hosts{"localhost", "127.0.0.1", "[::1]"}; // that a Host header may name
  std::vector<std::string> origins; // of pages that may connect, beside the listener's own
};

struct demand_section {
  std::int64_t interval_ms = 300'000;
  std::int64_t grace_ms = 30'000;
  std::int64_t season_ms = 0;                    // beside day and week; 0: none
  std::map<std::string, std::string> time_zones; // pattern of regions -> IANA name; UTC where none fits
};

struct allocation_section {
  allocation_policy policy = allocation_policy::cost;
  double threshold = 0.5;
  std::int64_t lead = 1;                      // intervals
  double cost_under = 9, cost_over = 1;       // of a cold request; of an idle unit in 300 s
  std::map<std::string, std::int64_t> budget; // pattern of regions -> units; no limit where none fits
  std::int64_t min_peers = 10;
};

// The limits are those of actors/peer/peer_session.hpp.
struct agents_section {
  std::int64_t max_connections = 10'000;
  std::int64_t reports = 32, events = 10'000, frame_bytes = 1 << 20;
  std::int64_t questions = 64, intents = 1'000;
  std::int64_t idle_ms = 90'000;
  token_policy tokens = token_policy::development;
  std::string keys = "./forestage-data/keys";
};

// The limits are those of actors/collection/collection_queue.hpp.
struct collections_section {
  std::int64_t messages = 256, bytes = 1 << 20, message_bytes = 64 << 10;
  std::int64_t keep_ms = 60'000, lease_ms = 5'000;
  std::int64_t pool = 16; // ready for any peer, in each region
};

struct retention_section {
  std::int64_t age_ms = 56LL * 86'400'000;
  std::int64_t bytes = 4LL << 30;
};

struct cluster_section {
  std::string name = "forestage"; // the audience of tokens
  std::int64_t shards = 64;
};

struct node_config {
  node_section node;
  listener_section open{
      .listen = "127.0.0.1:7400", .tls_certificate = {}, .tls_key = {}, .origins = {}}; // [public]
  listener_section operators{
      .listen = "127.0.0.1:7480", .tls_certificate = {}, .tls_key = {}, .origins = {}}; // [operator]
  demand_section demand;
  allocation_section allocation;
  agents_section agents;
  collections_section collections;
  retention_section retention;
  cluster_section cluster;
};

// What is wrong with which keys ("public.listen"), and what to do; the first key is where to look.
struct config_fault {
  std::vector<std::string> keys;
  std::string text;
};

// Everything that is wrong, not only the first. Empty: it can be used. Reads the names of time zones when
// some are named.
[[nodiscard]] std::vector<config_fault> validate(const node_config& config);

// The value of the longest pattern that a region matches (of equally long ones the first by name); null: none
// does.
template <class Value>
[[nodiscard]] const Value* value_for(const std::map<std::string, Value>& by_pattern,
                                     std::string_view region) {
  const std::pair<const std::string, Value>* best = nullptr;
  for (const auto& entry : by_pattern)
    if (models::matches_glob(entry.first, region) &&
        (best == nullptr || entry.first.size() > best->first.size()))
      best = &entry;
  return best == nullptr ? nullptr : &best->second;
}

struct endpoint {
  std::string host; // an address without brackets, or localhost
  std::uint16_t port = 0;
  bool loopback = false;
  bool any = false; // all addresses of the machine
};
// "127.0.0.1:7400", "[::1]:7400", "localhost:7400"; port 0: any that is free. Errors: invalid_argument.
[[nodiscard]] models::result<endpoint> parse_endpoint(std::string_view text);

} // namespace forestage::cluster
