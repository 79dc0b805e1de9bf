// How independent pieces of work are run: models/ has no threads, so whoever has some passes them in.
#pragma once

#include <cstddef>
#include <functional>

namespace forestage::models {

// Calls piece(0) to piece(count - 1), each once, in any order and on any threads, and returns when all have
// ended. Pieces write to places of their own: results are the same whatever runs them.
using executor = std::function<void(std::size_t count, const std::function<void(std::size_t)>& piece)>;

// One after the other, on the caller's thread.
inline void in_order(std::size_t count, const std::function<void(std::size_t)>& piece) {
  for (std::size_t i = 0; i < count; ++i)
    piece(i);
}

} // namespace forestage::models
