// Declarations that a log's peers might have made: what agents would be worth, before there are any.
//
// Of every request of the busiest keys a share p is declared, some intervals ahead, by one of `peers` honest
// peers. Around that: no-shows (a share of all declarations, within 12 intervals of real demand), jitter (a
// share aims one interval off), liars (a share of all peers; they declare like the honest and never come),
// floods (liars declare `flood` times as much for 6 of every 600 intervals, all on one of the 20 busiest
// keys), sybils (every lie under a fresh id), sleepers (a share of peers whose declarations count as kept
// until the evaluation part, and who lie and flood from then on), share noise (p wanders: AR(1), half-life
// 3 h). Requests of keys with ten or more an interval are declared by ten groups, as counts. Source: notes on
// allocation §6.
//
// Fold: add() the counts of every interval in order; take() an interval's events once `reach` more have been
// added. Everything is drawn from streams keyed by seed and interval. Pure, deterministic.
#pragma once

#include "models/intents/declaration.hpp"
#include "models/synthetic/random_stream.hpp"

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace forestage::models::synthetic {

struct intent_simulation {
  double p = 0;          // share of requests that is declared, 0 to 1
  double noshow = 0;     // share of declarations that is never kept, 0 to below 1
  double jitter = 0;     // share of kept declarations that is one interval off
  double liars = 0;      // share of peers that lies, 0 to below 1
  double liar_rate = -1; // liars declare as if honest peers declared this share; below 0: p
  double flood = 1;      // times as much as usual
  bool sybil = false;
  double sleepers = 0;                     // share of peers, 0 to below 1
  double share_noise = 0;                  // standard deviation of log p
  std::int64_t lead_from = 1, lead_to = 3; // intervals ahead, drawn evenly
  std::uint32_t peers = 2'000;
  std::uint32_t top = 100; // busiest keys that are declared for
  std::uint64_t seed = 1;

  friend bool operator==(const intent_simulation&, const intent_simulation&) = default;
};

struct simulated_span {
  interval_number first{}, evaluation{}, end{};
  std::int64_t horizon = 2;
  std::int64_t interval_seconds = 300;
};

// What becomes known in an interval.
struct simulated_events {
  struct made {
    std::uint32_t key = 0;
    declaration is; // without weight
  };
  struct resolved { // a peer's outcome
    std::uint32_t key = 0;
    interval_number target{}; // of what was declared
    std::uint64_t peer = 0;
    std::uint32_t declared = 0, kept = 0;
  };
  struct came {
    std::uint32_t key = 0;
    kept_intents is;
  };
  std::vector<made> declarations;
  std::vector<resolved> outcomes;
  std::vector<came> kept;
};

class declaration_simulator {
public:
  // means: requests an interval of each key in the warm-up part, the busiest first.
  declaration_simulator(const intent_simulation& options, const simulated_span& span,
                        std::span<const double> means);

  // Intervals that must have been added beyond one that is taken.
  [[nodiscard]] std::int64_t reach() const noexcept { return options_.lead_to + noshow_within + 1; }
  // The counts of interval t, by key. Pre: intervals come in order from span.first.
  void add(interval_number t, std::span<const std::uint32_t> counts);
  // Pre: intervals are taken in order.
  [[nodiscard]] simulated_events take(interval_number t);

private:
  static constexpr std::int64_t noshow_within = 12;
  static constexpr double dense_from = 10; // requests an interval
  static constexpr std::uint32_t groups = 10;

  [[nodiscard]] simulated_events* at(interval_number t);
  [[nodiscard]] std::int64_t draw_lead(random_stream& random) const;
  void declare(std::uint32_t key, std::uint64_t peer, interval_number target, std::int64_t ahead,
               std::uint32_t expected);
  void outcome(interval_number known, std::uint32_t key, interval_number target, std::uint64_t peer,
               std::uint32_t declared, std::uint32_t kept);
  void keep(std::uint32_t key, std::uint64_t peer, interval_number target, std::int64_t ahead,
            interval_number came, std::uint32_t count);
  void declare_sparse(std::uint32_t key, std::uint32_t count, interval_number t, double p,
                      random_stream& random);
  void declare_dense(std::uint32_t key, std::uint32_t count, interval_number t, double p,
                     random_stream& random);
  void miss(interval_number t, std::span<const std::uint32_t> counts, double p);
  void miss_dense(std::uint32_t key, std::size_t place, interval_number target, double p,
                  random_stream& random);
  void lie_sparse(interval_number t, bool sleeping, random_stream& random);
  void lie_dense(std::uint32_t key, interval_number t, random_stream& random);
  // The peers of a dishonest kind that stand beside the honest ones.
  [[nodiscard]] static std::uint32_t beside(std::uint32_t honest, double share);

  intent_simulation options_;
  simulated_span span_;
  std::vector<double> means_;
  std::vector<double> cumulative_; // of the sparse keys
  std::vector<std::uint32_t> sparse_keys_, dense_keys_;
  double sparse_mean_ = 0, drift_ = 0;
  std::uint64_t fresh_ = 0;
  std::deque<simulated_events> open_;           // from interval taken_ on
  std::deque<std::vector<std::uint32_t>> past_; // counts of the dense keys, the newest those of added_
  interval_number added_{};
  interval_number taken_;
};

} // namespace forestage::models::synthetic
