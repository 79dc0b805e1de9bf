// How much a peer's word has been worth: the probability that its next declaration is kept.
//
//   c_i = (4 c_prior + h_i) / (4 + n_i)
//
// with n_i outcomes of peer i, h_i of them kept (both forgotten at 1/256 an outcome). c_prior: while a peer
// is unknown (n_i < 1), the share that first-time declarers of its source have kept (forgotten at .001 an
// outcome); later the share of all of its source (.0001). An unknown id is thus worth what unknown ids have
// been worth, and a flood of fresh ids dies on its own record. Who declares with a probability p promises p
// of an outcome: n_i counts what was promised, so an honest peer is worth 1 whatever it says. Source: notes
// on allocation §6.1; the estimate is the mean of a beta distribution with a prior worth four outcomes.
//
// Memory is bounded: peers with one outcome and peers with more live in two tables, each of two generations;
// a table that is full forgets the older generation, and counts whom it forgot. So a flood of ids that are
// used once never pushes out peers that came back. Value type; deterministic.
#pragma once

#include "models/intents/declaration.hpp"

#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace forestage::models {

struct credibility_options {
  std::size_t most_peers = 100'000; // in memory, at least 4
};

class credibility_book {
public:
  explicit credibility_book(credibility_options options = {});

  // In [0, 1].
  [[nodiscard]] float of(intent_source source, std::uint64_t peer) const;
  // `declared` requests have ended, each promised with a probability, `kept` of them came. Pre: kept <=
  // declared, 0 < probability <= 1.
  void observe(intent_source source, std::uint64_t peer, std::uint32_t declared, std::uint32_t kept,
               float probability = 1);

  // The kept share of first-time declarers, and of all declarers of a source.
  [[nodiscard]] float first_time(intent_source source) const;
  [[nodiscard]] float of_source(intent_source source) const;
  [[nodiscard]] std::size_t peers() const noexcept;
  // Peers that were forgotten for want of room.
  [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }

  // State; what is read is bit for bit what was written.
  template <class Archive> void fields(Archive& archive) {
    archive(forgotten_, priors_);
    for (auto* generation : {&once_.young, &once_.old, &known_.young, &known_.old}) {
      auto entries = sorted(*generation);
      archive(entries);
      if constexpr (Archive::reading) restore(*generation, entries);
    }
  }

private:
  struct record {
    float kept = 0, seen = 0;
    template <class Archive> void fields(Archive& archive) { archive(kept, seen); }
  };
  struct entry {
    std::uint64_t peer = 0;
    record is;
    template <class Archive> void fields(Archive& archive) { archive(peer, is); }
  };
  using table = std::unordered_map<std::uint64_t, record>;
  struct generations {
    table young, old;
  };
  struct prior {
    double first_kept = 1, first_seen = 2; // begins at a half
    double kept = 1, seen = 2;
    template <class Archive> void fields(Archive& archive) { archive(first_kept, first_seen, kept, seen); }
  };

  [[nodiscard]] static std::vector<entry> sorted(const table& from);
  static void restore(table& into, const std::vector<entry>& entries);
  [[nodiscard]] static const record* find(const generations& in, std::uint64_t key);
  void put(generations& in, std::uint64_t key, record value);

  std::size_t most_in_generation_;
  generations once_, known_;
  std::array<prior, intent_source_count> priors_{};
  std::uint64_t forgotten_ = 0;
};

} // namespace forestage::models
