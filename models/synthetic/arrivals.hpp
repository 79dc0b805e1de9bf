// Draws the requests of a day from a rate model: a non-homogeneous Poisson process. Pure. Every (resource,
// region, day), pulse and habit has its own stream of randomness, so a day's requests depend on the model
// alone: days may be drawn in any order, by any number of threads.
//
// Who asks: a habit's own peer; for a session, one of a small audience of its own; otherwise mostly one of
// the small audience that a resource has in a region, so that a peer has a few favourite resources, and
// sometimes anybody at home there.
#pragma once

#include "models/synthetic/rate_model.hpp"

#include <cstdint>
#include <vector>

namespace forestage::models::synthetic {

enum class request_source : std::uint8_t { background = 0, flash = 1, session = 2, habit = 3 };

struct request {
  std::uint32_t second = 0; // since the span's start
  std::uint32_t resource = 0;
  std::uint32_t peer = 0;
  std::uint16_t region = 0;
  request_source source = request_source::background;
  friend auto operator<=>(const request&, const request&) = default;
};

// The requests of one day (0 .. days - 1) in ascending order. `out` is overwritten; its memory is used again.
void draw_day(const rate_model& model, std::uint32_t day, std::vector<request>& out);

} // namespace forestage::models::synthetic
