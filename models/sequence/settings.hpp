// What a sequence model is made with. Immutable afterwards.
#pragma once

#include "models/result.hpp"

#include <cstdint>

namespace forestage::models {

struct sequence_settings {
  // After so many intervals what was seen counts half. 1 to 1,000,000.
  std::int64_t half_life = 2'016; // a week of 300 s
  // The longest context, in requests of the peer: 0 to 3.
  std::uint32_t orders = 3;
  // Levels below the contexts: what the peer itself asked for before, and which of its last requests come
  // again.
  bool own = true;
  bool recency = true;

  // Bounds. Of a segment: contexts, and resources whose popularity is known; of a context: successors.
  std::uint32_t most_contexts = 65'536;  // 64 to 16,777,216
  std::uint32_t most_resources = 65'536; // 64 to 16,777,216
  std::uint32_t most_successors = 32;    // 1 to 255
  // Segments with tables of their own; the others share one. 1 to 65,536.
  std::uint32_t most_segments = 256;
  // Peers that are remembered: beyond, those whose last request is longest ago are forgotten. 64 to
  // 100,000,000.
  std::uint32_t most_peers = 100'000;
  // Requests of one interval that are learned from, and predictions for one interval that are kept until they
  // are known to have come true. 64 to 100,000,000.
  std::uint32_t most_open = 1'000'000;

  // Intents: for intervals `window_from` to `window_to` ahead (1 to 16), at most so many resources for a peer
  // (1 to 64), whose probability is at least `least_probability` (in (0, 1)) and `lift` (>= 1) times what the
  // popularity of the resource alone says.
  std::int64_t window_from = 1, window_to = 3;
  std::uint32_t most_per_peer = 4;
  double least_probability = 0.05;
  double lift = 1.25;

  friend bool operator==(const sequence_settings&, const sequence_settings&) = default;
  template <class Archive> void fields(Archive& archive) {
    archive(half_life, orders, own, recency, most_contexts, most_resources, most_successors, most_segments,
            most_peers, most_open, window_from, window_to, most_per_peer, least_probability, lift);
  }
};

// Errors: invalid_argument, with the setting's name and what is allowed.
[[nodiscard]] status validate(const sequence_settings& settings);

} // namespace forestage::models
