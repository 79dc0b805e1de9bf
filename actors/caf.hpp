// CAF as our actors use it: one place for what a later CAF would change. Headers of actors include this and
// no caf/ header.
//
// Within a process, actors pass domain values as local<T>: a shared pointer that never leaves the process.
// Errors are models::error inside and caf::error at an actor's edge, with the text kept.
#pragma once

#include "models/result.hpp"

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/behavior.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/make_message.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace forestage::actors {

template <class T> class local {
public:
  local() = default;
  explicit local(T value)
      : value_(std::make_shared<T>(std::move(value))) {}
  explicit local(std::shared_ptr<T> value)
      : value_(std::move(value)) {}
  [[nodiscard]] T& operator*() const noexcept { return *value_; }
  [[nodiscard]] T* operator->() const noexcept { return value_.get(); }

private:
  std::shared_ptr<T> value_;
};

// No actor waits longer for another one. A round of a large log on a slow disk stays far below.
inline constexpr std::chrono::minutes request_timeout{15};

namespace atom {
using progress = caf::atom_constant<caf::atom("progress")>;
using restore = caf::atom_constant<caf::atom("restore")>;
using round = caf::atom_constant<caf::atom("round")>;
using batch = caf::atom_constant<caf::atom("batch")>;
using advance = caf::atom_constant<caf::atom("advance")>;
using advanced = caf::atom_constant<caf::atom("advanced")>;
using state = caf::atom_constant<caf::atom("state")>;
using answer = caf::atom_constant<caf::atom("answer")>;
using price = caf::atom_constant<caf::atom("price")>;
using settle = caf::atom_constant<caf::atom("settle")>;
using scores = caf::atom_constant<caf::atom("scores")>;
using plan = caf::atom_constant<caf::atom("plan")>;
using tick = caf::atom_constant<caf::atom("tick")>;
using snapshot = caf::atom_constant<caf::atom("snapshot")>;
using append = caf::atom_constant<caf::atom("append")>;
using flush = caf::atom_constant<caf::atom("flush")>;
using read = caf::atom_constant<caf::atom("read")>;
using load = caf::atom_constant<caf::atom("load")>;
using save = caf::atom_constant<caf::atom("save")>;
using learn = caf::atom_constant<caf::atom("learn")>;
using inspect = caf::atom_constant<caf::atom("inspect")>;
} // namespace atom

[[nodiscard]] caf::error to_caf(const models::error& failure);
// The text that to_caf kept, or CAF's own description.
[[nodiscard]] models::error from_caf(const caf::error& failure);

// The scheduler as measured: shared queue, bounded turns (notes in docs/architecture.md).
struct system_options {
  std::size_t threads = 0; // 0: one per core
};
class actor_system_config;

} // namespace forestage::actors

namespace caf {
template <class T> struct allowed_unsafe_message_type<forestage::actors::local<T>> : std::true_type {};
} // namespace caf
