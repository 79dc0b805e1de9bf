// A replay: the actors of a node over a request log, in virtual time.
//
// The composition root of `forestage replay`: it opens the log twice (survey, rounds), builds the actor
// system, drives the router round by round and adds the shards' scores up. The only place that chooses spawn
// options. Results do not depend on threads or shards; speed does.
#pragma once

#include "cluster/replay/options.hpp"
#include "cluster/replay/scorecard.hpp"
#include "cluster/report/document.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace forestage::cluster {

struct replay_speed {
  double survey_seconds = 0, replay_seconds = 0;
  std::int64_t key_intervals = 0; // that a demand model worked on
  std::uint64_t rows = 0;         // of one pass
  std::size_t threads = 0;
  std::uint32_t shards = 0;
  std::size_t most_active_resources = 0;
  std::int64_t peak_rss_bytes = 0;
  std::uint64_t resumed_after_round = 0;
};

struct replay_outcome {
  scorecard card;
  std::optional<report_document> report; // when asked for
  replay_speed speed;
  std::vector<std::string> notes;    // what was assumed about the log
  std::vector<std::string> bad_rows; // the first ones
};

// Errors: of the options, the log, the data directory; interrupted.
[[nodiscard]] models::result<replay_outcome> replay(const replay_options& options,
                                                    const progress_function& progress);

[[nodiscard]] std::string to_json(const replay_speed& speed);

} // namespace forestage::cluster
