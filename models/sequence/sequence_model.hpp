// The next resource of a peer, from its recent ones: a variable-order Markov model per segment.
//
// Fold: observe() every request as it comes, close(t) when interval t has ended. Between two closings the
// peers' recent requests move on, what is learned of them does not: the order in which independent peers
// come inside an interval changes nothing (within the bounds of peers and of an interval). predict() answers
// at any time. close() also answers with intents: for the peers that asked for something in t, the resources
// that the sequence (not their popularity alone) makes likely within the next intervals. Every prediction is
// held against what came, and the probability that an intent carries is what such predictions have been
// worth: a model that says no more than popularity ends up silent. Memory is bounded by the settings,
// whatever comes. Value type; no clock, no randomness.
#pragma once

#include "models/sequence/tables.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace forestage::models {

// The sequence says: this peer will ask for this resource in interval `target`.
struct sequence_intent {
  std::uint64_t peer = 0;
  std::uint64_t resource = 0;
  std::uint32_t segment = 0;
  interval_number made{}, target{};
  double probability = 0; // calibrated
  friend bool operator==(const sequence_intent&, const sequence_intent&) = default;
};

struct sequence_closing {
  std::vector<sequence_intent> made; // by peer; per peer by target, then by probability
  std::vector<sequence_intent> kept; // of those made before, for t: they came
  std::int64_t missed = 0;           // and those that did not
};

class sequence_model {
public:
  // Errors: invalid_argument.
  [[nodiscard]] static result<sequence_model> make(const sequence_settings& settings);

  // A request. Interval: later than the last one closed; a later one than before closes those between, and
  // what they would have answered is lost. Others are late: counted and left out.
  void observe(std::uint64_t peer, std::uint32_t segment, std::uint64_t resource, interval_number interval);
  // Interval t, and all before it, have ended. Pre: t rises; otherwise nothing happens.
  sequence_closing close(interval_number t);

  // The likeliest next resources, at most `most`. A peer that is not known: the popularity of `segment`.
  [[nodiscard]] std::vector<next_resource> predict(std::uint64_t peer, std::uint32_t segment,
                                                   std::size_t most = 8) const;
  // See sequence_tables::judge.
  [[nodiscard]] sequence_tables::likelihood judge(std::uint64_t peer, std::uint32_t segment,
                                                  std::uint64_t resource) const;

  [[nodiscard]] const sequence_tables& tables() const noexcept { return tables_; }
  [[nodiscard]] std::size_t peers() const noexcept { return peers_.size(); }
  [[nodiscard]] bool knows(std::uint64_t peer) const { return peers_.count(peer) != 0; }
  [[nodiscard]] std::size_t bytes() const;
  // Requests that came late; and requests or predictions beyond most_open.
  [[nodiscard]] std::uint64_t late() const noexcept { return late_; }
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }

  // State, sealed; what is restored goes on bit for bit. Errors: incompatible (another version, or other
  // settings), invalid_data.
  [[nodiscard]] std::string snapshot() const;
  [[nodiscard]] static result<sequence_model> restore(const sequence_settings& settings,
                                                      std::string_view bytes);

private:
  explicit sequence_model(const sequence_settings& settings);

  struct peer_state {
    std::uint64_t peer = 0;
    recent_requests recent;
    std::uint32_t segment = 0;
    std::uint32_t place = 0; // requests in interval `last`
    interval_number last{};
    std::int64_t delay = 0; // between `last` and the interval before it; 0: none
    template <class Archive> void fields(Archive& archive) {
      archive(peer, recent, segment, place, last, delay);
    }
  };
  struct prediction {
    sequence_intent is;
    double said = 0; // before calibration
    bool emitted = false;
    template <class Archive> void fields(Archive& archive) {
      archive(is.peer, is.resource, is.segment, is.made, is.target, is.probability, said, emitted);
    }
  };

  template <class Archive> void fields(Archive& archive);
  void forget_peers();
  void resolve(interval_number t, sequence_closing& out, outcomes_by_segment& outcomes);
  void look_ahead(interval_number t, const std::vector<std::uint64_t>& active, sequence_closing& out);

  sequence_settings settings_;
  sequence_tables tables_;
  std::unordered_map<std::uint64_t, peer_state> peers_;
  std::vector<succession> open_;               // of interval open_interval_
  std::vector<std::vector<prediction>> ahead_; // by target modulo window_to + 1
  interval_number open_interval_{}, closed_{};
  bool begun_ = false, has_closed_ = false;
  std::uint64_t late_ = 0, left_out_ = 0;
};

} // namespace forestage::models
