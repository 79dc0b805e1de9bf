#include "actors/peer/peer_questions.hpp"

#include "actors/peer/report_fold.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace forestage::actors {

namespace {

using models::errc;
using self_pointer = peer_proxy_actor::stateful_pointer<peer_proxy_state>;

constexpr std::chrono::seconds patience{15}; // beyond what a question itself waits
constexpr std::uint32_t retry_ms = 1'000;
constexpr std::uint32_t most_at_once = 64; // messages of a frame
constexpr std::size_t known_collections = 4'096;
constexpr std::int64_t renew_ms = 30'000;

const std::string& peer_of(self_pointer self) {
  return self->state.session->claims().peer;
}

void fail(self_pointer self, std::uint64_t question, const models::error& failure) {
  const bool later = failure.code == errc::unavailable || failure.code == errc::limit_exceeded ||
                     failure.code == errc::timeout;
  carry_out(self, self->state.session->on_failure(question, failure, later ? retry_ms : 0));
}
void accept(self_pointer self, std::uint64_t question, std::uint64_t number) {
  v1::ProxyFrame frame;
  frame.mutable_accepted()->set_question(question);
  frame.mutable_accepted()->set_number(number);
  carry_out(self, self->state.session->on_answer(question, std::move(frame)));
}
auto failing(self_pointer self, std::uint64_t question) {
  return [self, question](const caf::error& failure) { fail(self, question, from_caf(failure)); };
}
auto accepting(self_pointer self, std::uint64_t question) {
  return [self, question](std::uint64_t number) { accept(self, question, number); };
}

// -- collections by their names

void remember(self_pointer self, const std::string& id, const collection_actor& handle) {
  auto& known = self->state.collections;
  if (known.size() >= known_collections && !known.contains(id)) known.erase(known.begin());
  known.insert_or_assign(id, handle);
}

// Calls then(collection); fails the question where there is none.
template <class Then>
void with_collection(self_pointer self, const std::string& id, std::uint64_t question, Then then) {
  const auto& known = self->state.collections;
  if (const auto at = known.find(id); at != known.end()) return then(at->second);
  self->request(self->state.options->provisioner, patience, atom::find::value, id)
      .then(
          [self, id, then](const collection_actor& found) {
            remember(self, id, found);
            then(found);
          },
          failing(self, question));
}

// A collection that was closed and opened again is another actor: it is asked for anew.
auto failing_at(self_pointer self, std::uint64_t question, std::string id) {
  return [self, question, id = std::move(id)](const caf::error& failure) {
    const auto is = from_caf(failure);
    if (is.code == errc::unavailable || is.code == errc::internal) {
      self->state.collections.erase(id);
      return fail(self, question,
                  {errc::unavailable, "the collection has just been closed: acquire its resource again"});
    }
    fail(self, question, is);
  };
}

// -- what is acquired

void describe(const granted_collection& from, v1::CollectionGrant& to) {
  to.set_id(from.id);
  to.set_incarnation(from.incarnation);
  for (const auto v : {verb::put, verb::get, verb::purge})
    if (from.may.has(v)) to.add_verbs(std::string{to_string(v)});
}

// The node served it: it counts, once under its need. What the desk is to hear of it, when it is no
// repetition.
local<asked_order> record_request(self_pointer self, const acquire_order& order) {
  const auto& options = *self->state.options;
  live_batch batch;
  batch.counts.session = order.peer + '\n' + order.session + "\nneeds";
  batch.counts.sequence = order.need;
  batch.counts.provenance = v1::PROVENANCE_OBSERVED;
  batch.counts.resources.push_back(order.resource);
  batch.counts.regions.push_back(order.region);
  messages::event_counts::entry entry;
  const auto now_ms = options.unix_ms();
  entry.cell.interval = interval_of_event(now_ms, now_ms, options.grid).interval;
  entry.cell.count = 1;
  batch.counts.entries.push_back(entry);
  local<asked_order> told{asked_order{order.peer, batch.counts}};
  self->send(options.recorder, atom::record::value, local{std::move(batch)});
  return told;
}

void acquire(self_pointer self, const v1::Acquire& question) {
  auto& state = self->state;
  acquire_order order;
  order.peer = peer_of(self);
  order.resource = models::resource_id::make(question.resource()).value(); // the session has looked at it
  order.region = region_of(*state.session);
  order.role = question.role() == v1::ROLE_PROVIDER ? peer_role::provider : peer_role::requester;
  order.session = state.session->session();
  order.need = question.need();
  const bool requests = order.role == peer_role::requester;
  const auto told = requests ? record_request(self, order) : local<asked_order>{};
  const auto begun_ms = state.options->steady_ms();
  self->request(state.options->provisioner, patience, atom::acquire::value, local{std::move(order)})
      .then(
          [self, begun_ms, requests, told, number = question.question(),
           resource = question.resource()](const local<grant_answer>& is) {
            auto& s = self->state;
            s.holds = true;
            if (requests && !is->repeated) self->send(s.options->desk, atom::asked::value, told);
            remember(self, is->resource.id, is->resource.handle);
            if (!is->own.id.empty()) remember(self, is->own.id, is->own.handle);
            v1::ProxyFrame frame;
            auto& grant = *frame.mutable_grant();
            grant.set_question(number);
            grant.set_resource(resource);
            grant.set_warm(is->warm);
            grant.set_expires_ms(is->expires_ms);
            grant.set_waited_ms(static_cast<std::uint32_t>(s.options->steady_ms() - begun_ms));
            describe(is->resource, *grant.mutable_resource_collection());
            if (!is->own.id.empty()) describe(is->own, *grant.mutable_peer_collection());
            carry_out(self, s.session->on_answer(number, std::move(frame)));
          },
          failing(self, question.question()));
}

// -- what will be needed

void answer_declare(self_pointer self, std::uint64_t question, const desk_answer& is) {
  v1::ProxyFrame frame;
  auto& answer = *frame.mutable_declared();
  answer.set_question(question);
  answer.set_credibility(is.credibility);
  for (const auto& intent : is.standing) {
    auto& to = *answer.add_intents();
    to.set_id(intent.id);
    to.set_resource(intent.resource);
    to.set_from_ms(intent.from_ms);
    to.set_to_ms(intent.to_ms);
    to.set_expected(intent.expected);
    to.set_probability(intent.probability);
  }
  for (const auto& refused : is.refused) {
    auto& to = *answer.add_refused();
    to.set_intent(refused.id);
    to.set_text(refused.why);
  }
  carry_out(self, self->state.session->on_answer(question, std::move(frame)));
}

void declare(self_pointer self, const v1::Declare& question) {
  declare_order order{peer_of(self), region_of(*self->state.session), {}};
  for (const auto& intent : question.intents())
    order.intents.push_back({intent.id(), intent.resource(), intent.from_ms(), intent.to_ms(),
                             std::max(1U, intent.expected()), intent.probability()});
  self->request(self->state.options->desk, patience, atom::declare::value, local{std::move(order)})
      .then([self, number = question.question()](
                const local<desk_answer>& is) { answer_declare(self, number, *is); },
            failing(self, question.question()));
}

void revoke(self_pointer self, const v1::Revoke& frame) {
  revoke_order order{peer_of(self), {frame.intents().begin(), frame.intents().end()}};
  self->send(self->state.options->desk, atom::revoke::value, local{std::move(order)});
}

// -- messages

v1::ProxyFrame messages_frame(std::uint64_t question, const std::string& collection, const handed_out& from) {
  v1::ProxyFrame frame;
  auto& is = *frame.mutable_messages();
  is.set_question(question);
  is.set_collection(collection);
  is.set_incarnation(from.incarnation);
  for (const auto& m : from.messages) {
    auto& message = *is.add_messages();
    message.set_number(m.number);
    message.set_sender(m.sender);
    message.set_payload(m.payload);
    message.set_delivery(m.delivery);
  }
  return frame;
}

local<next_order> order_of(self_pointer self, std::uint64_t incarnation, std::uint32_t most,
                           std::uint32_t wait_ms) {
  next_order order;
  order.peer = peer_of(self);
  order.reader = self->state.options->number;
  order.incarnation = incarnation;
  order.most = std::clamp(most, 1U, most_at_once);
  order.wait_ms = wait_ms;
  return local{std::move(order)};
}

void put(self_pointer self, const v1::Put& question) {
  local<put_order> order{put_order{peer_of(self), question.key(), question.payload()}};
  with_collection(self, question.collection(), question.question(),
                  [self, order, number = question.question(),
                   id = question.collection()](const collection_actor& collection) {
                    self->request(collection, patience, atom::put::value, order)
                        .then(accepting(self, number), failing_at(self, number, id));
                  });
}

void take(self_pointer self, const v1::Next& question) {
  const auto wait_ms = std::min(question.wait_ms(), self->state.options->limits.wait_ms);
  auto order = order_of(self, question.incarnation(), question.most(), wait_ms);
  with_collection(
      self, question.collection(), question.question(),
      [self, order, number = question.question(),
       id = question.collection()](const collection_actor& collection) {
        self->state.read.insert(id);
        self->request(collection, patience + std::chrono::milliseconds{order->wait_ms}, atom::next::value,
                      order)
            .then(
                [self, number, id](const local<handed_out>& is) {
                  carry_out(self, self->state.session->on_answer(number, messages_frame(number, id, *is)));
                },
                failing_at(self, number, id));
      });
}

// -- messages that are pushed

void pump(self_pointer self);

void on_pushed(self_pointer self, const std::string& id, std::uint64_t question, const handed_out& is) {
  auto& state = self->state;
  const auto at = state.subscriptions.find(id);
  if (at == state.subscriptions.end() || at->second.question != question) return; // over; leases run out
  state.window.give_back(std::exchange(at->second.asked, 0));
  for (const auto& m : is.messages)
    state.window.pushed(id, m.number);
  if (!is.messages.empty())
    carry_out(self, state.session->on_partial(question, messages_frame(question, id, is)));
  pump(self);
}

// Ends a subscription; its question is answered for the last time.
void end_subscription(self_pointer self, const std::string& id, const models::error* failure) {
  auto& state = self->state;
  const auto at = state.subscriptions.find(id);
  if (at == state.subscriptions.end()) return;
  const auto was = at->second;
  state.subscriptions.erase(at);
  state.window.give_back(was.asked);
  state.window.forget(id);
  if (const auto known = state.collections.find(id); known != state.collections.end())
    self->send(known->second, atom::leave::value, peer_of(self), state.options->number);
  if (failure != nullptr)
    fail(self, was.question, *failure);
  else
    carry_out(self, state.session->on_answer(was.question, messages_frame(was.question, id, {})));
}

// Asks the collections of subscriptions for as much as the agent takes, each for a share.
void pump(self_pointer self) {
  auto& state = self->state;
  for (auto& [id, s] : state.subscriptions) {
    const auto room = state.window.room();
    if (room == 0) return;
    if (s.asked > 0) continue;
    s.asked = std::min(room, most_at_once / 4);
    state.window.reserve(s.asked);
    const auto known = state.collections.find(id);
    const auto& collection = known == state.collections.end() ? collection_actor{} : known->second;
    auto order = order_of(self, s.incarnation, s.asked, state.options->limits.wait_ms);
    const auto on_failure = [self, id = id, question = s.question](const caf::error& failure) {
      const auto is = from_caf(failure);
      const auto at = self->state.subscriptions.find(id);
      if (at != self->state.subscriptions.end() && at->second.question == question)
        end_subscription(self, id, &is);
    };
    self->request(collection, patience + std::chrono::milliseconds{order->wait_ms}, atom::next::value, order)
        .then([self, id = id,
               question = s.question](const local<handed_out>& is) { on_pushed(self, id, question, *is); },
              on_failure);
  }
}

void subscribe(self_pointer self, const v1::Next& question) {
  const auto& id = question.collection();
  if (self->state.subscriptions.contains(id))
    return fail(
        self, question.question(),
        {errc::invalid_argument, "messages of this collection are pushed already; Release ends that"});
  const subscription s{question.question(), question.incarnation(), 0};
  with_collection(self, id, question.question(), [self, id, s](const collection_actor&) {
    self->state.read.insert(id);
    self->state.subscriptions.emplace(id, s);
    pump(self);
  });
}

void done(self_pointer self, const v1::Done& question) {
  auto& state = self->state;
  done_order order{peer_of(self), question.incarnation(), {}};
  for (const auto number : question.numbers()) {
    order.numbers.push_back(number);
    state.window.done(question.collection(), number);
  }
  with_collection(self, question.collection(), question.question(),
                  [self, order = local{std::move(order)}, number = question.question(),
                   id = question.collection()](const collection_actor& collection) {
                    self->request(collection, patience, atom::done::value, order)
                        .then(accepting(self, number), failing_at(self, number, id));
                  });
  pump(self);
}

void release(self_pointer self, const v1::Release& question) {
  auto& state = self->state;
  if (!question.collection().empty()) end_subscription(self, question.collection(), nullptr);
  if (!question.resource().empty()) {
    auto resource = models::resource_id::make(question.resource());
    if (!resource) return fail(self, question.question(), resource.failure());
    end_subscription(self, collection_of(*resource), nullptr);
    self->send(state.options->provisioner, atom::release::value, peer_of(self), local{std::move(*resource)});
  }
  accept(self, question.question(), 0);
}

void purge(self_pointer self, const v1::Purge& question) {
  with_collection(
      self, question.collection(), question.question(),
      [self, number = question.question(), id = question.collection()](const collection_actor& collection) {
        self->request(collection, patience, atom::purge::value, peer_of(self))
            .then(accepting(self, number), failing_at(self, number, id));
      });
}

} // namespace

models::region_id region_of(const peer_session& session) {
  const auto& said = session.claims().region.empty() ? session.profile().region() : session.claims().region;
  auto region = models::region_id::make(said); // looked at when the connection was opened
  return region ? std::move(*region) : models::region_id{};
}

void answer_question(self_pointer self, const v1::AgentFrame& frame) {
  auto& window = self->state.window;
  if (window.allowed() == 0)
    window = push_window{self->state.session->pushable(), self->state.options->limits.pushed};
  switch (frame.frame_case()) {
  case v1::AgentFrame::kAcquire:
    return acquire(self, frame.acquire());
  case v1::AgentFrame::kPut:
    return put(self, frame.put());
  case v1::AgentFrame::kNext:
    return frame.next().forever() ? subscribe(self, frame.next()) : take(self, frame.next());
  case v1::AgentFrame::kDone:
    return done(self, frame.done());
  case v1::AgentFrame::kRelease:
    return release(self, frame.release());
  case v1::AgentFrame::kPurge:
    return purge(self, frame.purge());
  case v1::AgentFrame::kCredit:
    window.allow_more(frame.credit().more());
    return pump(self);
  case v1::AgentFrame::kDeclare:
    return declare(self, frame.declare());
  case v1::AgentFrame::kRevoke:
    return revoke(self, frame.revoke());
  default:
    return; // asks nothing
  }
}

void renew_grants(self_pointer self) {
  auto& state = self->state;
  const auto now = state.options->steady_ms();
  if (!state.holds || now - state.renewed_ms < renew_ms) return;
  state.renewed_ms = now;
  self->send(state.options->provisioner, atom::renew::value, peer_of(self));
}

void leave_collections(self_pointer self) {
  auto& state = self->state;
  for (const auto& id : state.read)
    if (const auto known = state.collections.find(id); known != state.collections.end())
      self->send(known->second, atom::leave::value, peer_of(self), state.options->number);
}

} // namespace forestage::actors
