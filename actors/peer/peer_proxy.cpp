#include "actors/peer/peer_proxy.hpp"

#include "actors/peer/peer_questions.hpp"
#include "actors/peer/report_fold.hpp"
#include "messages/agent_codec.hpp"

#include <memory>
#include <utility>

namespace forestage::actors {

namespace {

using models::errc;
using self_pointer = peer_proxy_actor::stateful_pointer<peer_proxy_state>;

constexpr std::uint32_t retry_ms = 1'000, come_back_ms = 1'000;

void verify(self_pointer self, const verify_token& order) {
  auto& state = self->state;
  const auto& options = *state.options;
  const auto claims = options.connection.verify(order.token, state.session->session(), order.profile);
  const node_facts node{options.unix_ms(), static_cast<std::uint32_t>(options.grid.seconds())};
  carry_out(self, claims ? state.session->on_verified(*claims, node, options.steady_ms())
                         : state.session->on_refused(claims.failure()));
}

// Reports of a session count once under the peer's name and the session's.
report_context context_of(const peer_proxy_state& state) {
  const auto& claims = state.session->claims();
  report_context out{state.options->grid, state.options->unix_ms(), {}, {}, v1::PROVENANCE_REPORTED, {}};
  out.region = region_of(*state.session);
  out.session = claims.peer + '\n' + state.session->session();
  return out;
}

// What an agent says that may not be believed is answered, so that it is not sent for ever, and not counted.
void pass_over(self_pointer self, const append_report& order) {
  if (order.report.events_size() > 0)
    carry_out(self, {say{failure_frame(0, {errc::not_permitted,
                                           "report " + std::to_string(order.sequence) +
                                               " does not count: the token lacks the scope `report`"})}});
  carry_out(self, self->state.session->on_appended(order.sequence, order.attempt));
}

void append(self_pointer self, const append_report& order) {
  auto& state = self->state;
  if (!state.session->claims().may_report) return pass_over(self, order);
  auto folded = fold_report(order.report, context_of(state));
  const auto requests = folded.requests;
  if (folded.refused > 0)
    carry_out(
        self,
        {say{failure_frame(0, {errc::invalid_data, std::to_string(folded.refused) + " events of report " +
                                                       std::to_string(order.sequence) + " do not count; " +
                                                       folded.first_refusal})}});
  // The desk hears of it when it counts, and not again when it is repeated.
  const local<asked_order> told{asked_order{state.session->claims().peer, folded.counts}};
  self->request(state.options->intake, request_timeout, atom::batch::value,
                local{live_batch{std::move(folded.counts)}})
      .then(
          [self, requests, told, sequence = order.sequence,
           attempt = order.attempt](const local<batch_answer>& is) {
            if (requests > 0 && is->counts.verdict == inbox_verdict::accepted)
              self->send(self->state.options->desk, atom::asked::value, told);
            self->state.options->connection.acknowledged(requests);
            carry_out(self, self->state.session->on_appended(sequence, attempt));
          },
          [self, sequence = order.sequence, attempt = order.attempt](const caf::error& failure) {
            carry_out(self,
                      self->state.session->on_append_failed(sequence, attempt, from_caf(failure), retry_ms));
          });
}

struct effect_visitor {
  self_pointer self;
  void operator()(const verify_token& order) const { verify(self, order); }
  void operator()(const append_report& order) const { append(self, order); }
  void operator()(const ask& order) const { answer_question(self, order.frame); }
  void operator()(const say& order) const {
    const auto& state = self->state;
    state.options->connection.send(messages::encode_frame(order.frame, state.text), state.text);
  }
  void operator()(const hang_up& order) const {
    self->state.options->connection.hang_up(order.code, order.text);
  }
};

void on_frame(self_pointer self, const local<agent_bytes>& frame) {
  auto& state = self->state;
  state.text = frame->text;
  auto decoded = messages::decode_agent_frame(frame->bytes, frame->text);
  carry_out(self, decoded ? state.session->on_frame(*decoded, state.options->steady_ms())
                          : state.session->on_garbage(decoded.failure()));
  state.options->connection.release();
}

} // namespace

void carry_out(self_pointer self, session_effects effects) {
  for (const auto& effect : effects)
    std::visit(effect_visitor{self}, effect);
}

peer_proxy_actor::behavior_type peer_proxy(self_pointer self, peer_proxy_options options) {
  auto& state = self->state;
  state.session = std::make_shared<peer_session>(options.limits, options.steady_ms());
  state.options = std::make_shared<peer_proxy_options>(std::move(options));
  return {
      [self](atom::frame, const local<agent_bytes>& frame) { on_frame(self, frame); },
      [self](atom::tick) {
        carry_out(self, self->state.session->on_tick(self->state.options->steady_ms()));
        renew_grants(self);
      },
      [self](atom::close) {
        leave_collections(self);
        self->quit();
      },
      [self](atom::drain) {
        carry_out(self,
                  self->state.session->shut_down(errc::unavailable, "the node is stopping", come_back_ms));
      },
  };
}

} // namespace forestage::actors
