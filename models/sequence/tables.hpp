// What all peers of a segment have taught: which resource follows which, how far to trust that, when peers
// come back, and whether predictions came true. See blend.hpp for the equations.
//
// Fold: fold(t, successions) once for every interval that brought any. All requests of an interval are judged
// by the tables as they stood before it, and only then counted; what is added is integers. So the result
// depends on which requests came in which interval, not on who gathered them: whoever shares peers out over
// threads, shards or nodes concatenates what they gathered and folds once. Value type; memory bounded by the
// settings.
#pragma once

#include "models/sequence/blend.hpp"
#include "models/sequence/context_table.hpp"
#include "models/sequence/resolution.hpp"
#include "models/sequence/settings.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace forestage::models {

// The last requests of a peer, the newest first.
struct recent_requests {
  static constexpr std::size_t most = 3;
  std::array<std::uint64_t, most> resources{};
  std::uint32_t count = 0; // of them, those that are known

  void push(std::uint64_t resource) noexcept;
  friend bool operator==(const recent_requests&, const recent_requests&) = default;
  template <class Archive> void fields(Archive& archive) { archive(resources, count); }
};

// A request, with what came before it.
struct succession {
  std::uint64_t peer = 0;
  std::uint32_t segment = 0;
  std::uint32_t place = 0; // among the peer's requests of the interval, from 0
  std::uint64_t resource = 0;
  recent_requests before;
  std::int64_t delay = 0;      // intervals since the peer's interval before; 0: none, or place > 0
  std::int64_t last_delay = 0; // the delay that had ended in that interval; 0: none

  template <class Archive> void fields(Archive& archive) {
    archive(peer, segment, place, resource, before, delay, last_delay);
  }
};

struct next_resource {
  std::uint64_t resource = 0;
  double probability = 0; // that the peer's next request is for it
  double popularity = 0;  // what the popularity in the segment alone would say
  double delay = 1;       // median intervals until a peer of the segment that comes back does so
};

// Outcomes of the predictions for an interval, by segment.
using outcomes_by_segment = std::map<std::uint32_t, outcome_sums>;

class sequence_tables {
public:
  // Pre: settings are valid.
  explicit sequence_tables(const sequence_settings& settings);

  // Pre: t rises. The order of `successions` does not matter.
  void fold(interval_number t, std::vector<succession> successions, const outcomes_by_segment& outcomes);

  // The likeliest next resources of a peer, at most `most`, the likeliest first (ties by resource);
  // probabilities sum to at most 1. A peer without requests gets its segment's popularity, an unknown segment
  // nothing. delay: the one that ended with the peer's last request, 0 for none.
  [[nodiscard]] std::vector<next_resource> predict(std::uint64_t peer, std::uint32_t segment,
                                                   const recent_requests& before, std::int64_t delay,
                                                   std::size_t most) const;
  // P(the next request is for `resource`), with that of popularity alone; "new" stands for all resources that
  // were never seen in the segment, and is what resource gets that is one of them.
  struct likelihood {
    double blend = 1, popularity = 1;
    bool is_new = true;
  };
  [[nodiscard]] likelihood judge(std::uint64_t peer, std::uint32_t segment, const recent_requests& before,
                                 std::uint64_t resource) const;

  // P(asks next `ahead` intervals after t | asked in t).
  [[nodiscard]] double comes_after(std::uint32_t segment, std::int64_t ahead, std::int64_t delay) const;
  [[nodiscard]] double worth(std::uint32_t segment, double p) const;
  // Whether the sequence says more than popularity, in the segment, or where that is too young, everywhere.
  [[nodiscard]] bool proven(std::uint32_t segment) const;
  // Bits a request that the sequence has gained over popularity, lately, over all segments.
  [[nodiscard]] double gain() const { return all_.gained.gain(); }
  [[nodiscard]] std::size_t contexts() const;
  [[nodiscard]] std::size_t bytes() const;

  template <class Archive> void fields(Archive& archive) {
    archive(clock_, now_, all_, overflow_);
    if constexpr (Archive::reading) {
      if (!clock_.fits(now_)) return archive.fail();
      unit_ = static_cast<double>(clock_.unit(now_));
    }
    std::uint64_t count = segments_.size();
    archive(count);
    if constexpr (Archive::reading) {
      if (count > settings_.most_segments) return archive.fail();
      for (std::uint64_t i = 0; i < count && archive.ok(); ++i) {
        std::uint32_t id = 0;
        archive(id);
        archive(segments_.try_emplace(id, settings_).first->second);
      }
      if (segments_.size() != count) archive.fail();
    } else {
      for (auto& [id, tables] : segments_)
        archive(id, tables);
    }
  }

private:
  static constexpr std::size_t patterns = 8; // which of three recent requests are the same
  using slot_counts = std::array<std::array<double, recent_requests::most>, patterns>;
  struct slot_sums {
    std::array<std::array<std::int64_t, recent_requests::most>, patterns> of{};
  };

  struct learned {
    interval_number folded{}; // sums are those after this interval; they rest while nothing comes
    blend_weights blend;
    slot_counts slots{};
    return_times returns;
    track_record record;
    skill gained;
    template <class Archive> void fields(Archive& archive) {
      archive(folded, blend, slots, returns, record, gained);
    }
  };
  struct segment_tables {
    explicit segment_tables(const sequence_settings& s)
        : popular(s.most_resources)
        , contexts(s.most_contexts, s.most_successors) {}
    popularity popular;
    context_table contexts;
    learned is;
    template <class Archive> void fields(Archive& archive) { archive(popular, contexts, is); }
  };
  // The sums of an interval, of a segment.
  struct interval_sums {
    blend_sums blend;
    slot_sums slots;
    delay_sums delays;
    skill_sums skill;
    outcome_sums outcomes;
    interval_sums& operator+=(const interval_sums& other);
  };
  // What the levels say about one peer: level by level from below; null or empty where one says nothing.
  struct view {
    const segment_tables* in = nullptr;
    std::array<const context*, sequence_levels> contexts{};
    std::array<double, sequence_levels> passes{}; // 1: says nothing
    std::array<std::size_t, sequence_levels> classes{};
    std::size_t pattern = patterns;
    double slots_total = 0;
    std::array<std::uint64_t, recent_requests::most> slots{}; // different recent resources
    std::size_t slot_count = 0;
  };

  [[nodiscard]] const segment_tables* tables_of(std::uint32_t segment) const;
  [[nodiscard]] segment_tables& make_tables(std::uint32_t segment);
  [[nodiscard]] view look(std::uint64_t peer, const segment_tables& in, const recent_requests& before) const;
  [[nodiscard]] double level_probability(const view& v, std::size_t level, std::uint64_t resource) const;
  [[nodiscard]] likelihood judge_in(const view& v, std::uint64_t resource) const;
  void score(const segment_tables& in, const succession& s, interval_sums& sums) const;
  void learn(segment_tables& in, const succession& s, std::uint64_t unit) const;
  void fade_and_add(learned& into, const interval_sums& sums) const;

  sequence_settings settings_;
  decay_clock clock_;
  interval_number now_{};
  double unit_ = 1'048'576; // weight of a request of interval now_
  learned all_;             // what all segments have learned; no tables
  segment_tables overflow_;
  std::map<std::uint32_t, segment_tables> segments_;
};

} // namespace forestage::models
