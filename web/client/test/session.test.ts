// The session by hand: each rule of the header of src/session.ts, and what the C++ agent does in the same place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { ProxyFrameSchema } from '../src/gen/agent_pb.js';
import type { AgentFrame, ProxyFrame } from '../src/gen/agent_pb.js';
import { agentFrame, decode } from '../src/frames.js';
import { SeededRandom } from '../src/random.js';
import type { AgentSession, Effect } from '../src/session.js';
import { restoreState, storedState } from '../src/spool.js';
import { makeSession, requestOf } from './support/agents.js';
import { NodeSession, failure, goodbye, proxyFrame, usualLimits } from './support/node_session.js';

const sent = (effects: Effect[]): AgentFrame['frame'][] => effects.flatMap((effect) => (effect.kind === 'send' ? [effect.frame.frame] : []));
const delivered = (effects: Effect[]): ProxyFrame['frame'][] => effects.flatMap((effect) => (effect.kind === 'deliver' ? [effect.frame.frame] : []));
const acknowledged = (sequence: number): ProxyFrame =>
  proxyFrame({ case: 'acknowledged', value: { $typeName: 'forestage.v1.Acknowledged', sequence: BigInt(sequence) } });

function welcome(limits = {}): ProxyFrame {
  const node = new NodeSession({ ...usualLimits, ...limits });
  const [hello] = sent(makeSession().onConnected('', 0));
  const [said] = node.onFrame(agentFrame(hello!)) ?? [];
  assert.equal(said?.kind, 'say');
  return (said as { frame: ProxyFrame }).frame;
}
function opened(session: AgentSession, now = 0, limits = {}): Effect[] {
  session.start(now);
  session.onConnected('token', now);
  return session.onFrame(welcome(limits), now);
}
const numbers = (effects: Effect[]): number[] => sent(effects).flatMap((frame) => (frame.case === 'report' ? [Number(frame.value.sequence)] : []));

test('Hello says who comes and which report is the first that is not acknowledged', () => {
  const session = makeSession();
  assert.deepEqual(session.start(0), [{ kind: 'connect' }]);
  const [hello] = sent(session.onConnected('secret', 0));
  assert.equal(hello?.case, 'hello');
  if (hello?.case !== 'hello') return;
  assert.deepEqual([hello.value.version, hello.value.token, hello.value.firstReport, hello.value.messages], [1, 'secret', 1n, 64]);
  session.onFrame(welcome(), 0);
  for (let i = 0; i < 3; ++i) {
    session.report(requestOf('a'), 5, 5);
    session.flush(5, 5);
  }
  session.onFrame(acknowledged(2), 6);
  session.onDisconnected(7);
  session.start(8);
  const [again] = sent(session.onConnected('', 8));
  assert.equal(again?.case === 'hello' && again.value.firstReport, 3n);
  assert.deepEqual(numbers(session.onFrame(welcome(), 9)), [3]);
});

test('options that cannot work are refused', () => {
  for (const bad of [{ session: 'short' }, { session: 'sixteen chars no' }, { events: 0 }, { reportEvents: 0 }, { firstWaitMs: 0 }, { firstWaitMs: 9, longestWaitMs: 8 }])
    assert.throws(() => makeSession(bad), { name: 'ForestageError', code: 'invalid_argument' });
});

test('events gather for a second, or until a report is full', () => {
  const session = makeSession({ reportEvents: 2 });
  opened(session);
  session.report(requestOf('a'), 1_000, 10);
  assert.equal(session.wakeAt(), 1_010);
  assert.deepEqual(numbers(session.onTick(1_009, 2_000)), []);
  const [report] = sent(session.onTick(1_010, 2_000));
  assert.equal(report?.case === 'report' && report.value.baseMs, 1_000n);
  for (let i = 0; i < 5; ++i) session.report(requestOf('b'), 3_000 + i, 3_000);
  assert.deepEqual(numbers(session.onTick(3_000, 3_005)), [2, 3]); // the fifth waits for others
  assert.equal(session.unacknowledgedEvents, 6);
});

test('no burst makes a report that a node refuses', () => {
  const session = makeSession({ events: 25_000 });
  opened(session, 0, { events: 100 });
  for (let i = 0; i < 20_000; ++i) session.report(requestOf('a'), 0, 0);
  for (const frame of sent(session.flush(0, 0))) assert.ok(frame.case === 'report' && frame.value.events.length <= 100);
});

test('a report that the node does not allow is sent without its events, and they are counted as dropped', () => {
  const session = makeSession();
  for (let i = 0; i < 50; ++i) session.report(requestOf('a'.repeat(200)), 0, 0);
  session.flush(0, 0);
  const [report] = sent(opened(session, 0, { frameBytes: 4_096 }));
  assert.ok(report?.case === 'report');
  assert.deepEqual([report.value.events.length, report.value.dropped, session.unacknowledgedEvents, session.dropped], [0, 50n, 0, 50]);
});

test('what had no room is counted, and the next report says how many', () => {
  const session = makeSession({ events: 2 });
  opened(session);
  assert.deepEqual([1, 2, 3, 4].map(() => session.report(requestOf('a'), 0, 0)), [true, true, false, false]);
  const [report] = sent(session.flush(0, 0));
  assert.equal(report?.case === 'report' && report.value.dropped, 2n);
  session.onFrame(acknowledged(1), 1);
  assert.equal(session.report(requestOf('a'), 0, 1), true);
  assert.equal(session.dropped, 2);
});

test('no more reports are under way than the node allows', () => {
  const session = makeSession({ reportEvents: 1 });
  opened(session, 0, { reports: 3 });
  for (let i = 0; i < 10; ++i) session.report(requestOf('a'), 0, 0);
  assert.deepEqual(numbers(session.flush(0, 0)), [1, 2, 3]);
  assert.deepEqual(numbers(session.onFrame(acknowledged(2), 1)), [4, 5]);
  assert.deepEqual(numbers(session.onFrame(acknowledged(99), 2)), [6, 7, 8]); // never more than was sent
  assert.equal(session.acknowledged, 5);
});

test('a report that could not be kept, and all later ones, are sent again when the node said so', () => {
  const session = makeSession({ reportEvents: 1 });
  opened(session);
  for (let i = 0; i < 3; ++i) session.report(requestOf('a'), 0, 0);
  session.flush(0, 0);
  assert.deepEqual(numbers(session.onFrame(failure(0, 5, 'disk full', 100, 2), 10)), []);
  assert.equal(session.wakeAt(), 110);
  assert.deepEqual(numbers(session.onTick(110, 110)), [2, 3]);
});

test('without any acknowledgement reports are sent again', () => {
  const session = makeSession();
  opened(session);
  session.report(requestOf('a'), 0, 0);
  session.flush(0, 0);
  assert.equal(session.wakeAt(), 30_000);
  assert.deepEqual(numbers(session.onTick(30_000, 0)), [1]);
});

test('a lost connection is tried again after a doubling time, half of it to all of it, or when the node said so', () => {
  const session = makeSession({ firstWaitMs: 100, longestWaitMs: 800 });
  let now = 0;
  for (const wait of [100, 200, 400, 800, 800]) {
    session.start(now);
    session.onDisconnected(now);
    assert.ok(session.wakeAt() - now >= wait / 2 && session.wakeAt() - now <= wait, `${session.wakeAt() - now} of ${wait}`);
    now = session.wakeAt();
    assert.deepEqual(session.onTick(now - 1, 0), []);
    assert.deepEqual(session.onTick(now, 0), [{ kind: 'connect' }]);
  }
  session.onConnected('', now);
  session.onFrame(welcome(), now);
  assert.equal(delivered(session.onFrame(goodbye(9, 'the node stops', 5_000), now))[0]?.case, 'goodbye');
  session.onDisconnected(now);
  assert.ok(session.wakeAt() - now >= 7_500 && session.wakeAt() - now <= 10_000);
});

test('waits are those of the C++ agent: SplitMix64', () => {
  // models::mixed(0x9e3779b97f4a7c15) = 0xe220a8397b1dcdaf, the first number of SplitMix64 with seed 0
  assert.equal(new SeededRandom(0).uniform(), Number(0xe220a8397b1dcdafn >> 11n) * 2 ** -53);
});

test('a node that does not answer Hello or Ping is given up', () => {
  const session = makeSession();
  session.start(0);
  session.onConnected('', 10);
  assert.equal(session.wakeAt(), 15_010);
  assert.equal(session.onTick(15_010, 0).at(-1)?.kind, 'disconnect');
  opened(session, 20_000);
  assert.equal(session.wakeAt(), 50_000);
  assert.equal(sent(session.onTick(50_000, 0))[0]?.case, 'ping');
  assert.equal(session.onTick(64_999, 0).length, 0);
  assert.equal(session.onTick(65_000, 0).at(-1)?.kind, 'disconnect');
  assert.equal(session.open, false);
});

test('questions get one answer, a Failure when the connection is lost before', () => {
  const session = makeSession();
  opened(session);
  const out: Effect[] = [];
  const ask = (): number => session.ask(agentFrame({ case: 'purge', value: { $typeName: 'forestage.v1.Purge', question: 0n, collection: 'c' } }), out);
  const first = ask();
  const second = ask();
  assert.deepEqual([first, second, sent(out).length], [1, 2, 2]);
  assert.equal(delivered(session.onFrame(failure(first, 13, 'later', 50), 1)).length, 1);
  assert.equal(delivered(session.onFrame(failure(first, 13, 'later', 50), 1)).length, 0); // answered before
  const [lost] = delivered(session.onDisconnected(2));
  assert.ok(lost?.case === 'failure' && lost.value.question === 2n && lost.value.code === 13 && lost.value.retryAfterMs > 0);
  const later: Effect[] = [];
  session.ask(agentFrame({ case: 'purge', value: { $typeName: 'forestage.v1.Purge', question: 0n, collection: 'c' } }), later);
  assert.equal(delivered(later)[0]?.case, 'failure');
});

test('messages asked for for ever come until a Failure', () => {
  const session = makeSession();
  opened(session);
  const question = session.ask(agentFrame({
    case: 'next', value: { $typeName: 'forestage.v1.Next', question: 0n, collection: 'c', incarnation: 0n, most: 0, waitMs: 0, forever: true },
  }), []);
  const messages = proxyFrame({ case: 'messages', value: { $typeName: 'forestage.v1.Messages', question: BigInt(question), collection: 'c', incarnation: 1n, messages: [] } });
  for (let i = 0; i < 3; ++i) assert.equal(delivered(session.onFrame(messages, i)).length, 1);
  session.onFrame(failure(question, 3, 'gone'), 4);
  assert.equal(session.openQuestions, 0);
});

test('frames of a kind that nobody knows change nothing, bytes that are no frame are no frame', () => {
  const session = makeSession();
  opened(session);
  const unknown = decode(new Uint8Array([0xa2, 0x06, 0])); // field 100
  assert.ok(unknown && unknown.frame.case === undefined);
  assert.deepEqual(session.onFrame(unknown, 1), []);
  for (const bytes of [new Uint8Array([0xff]), '{', '{"welcome": 3}']) assert.equal(decode(bytes), undefined);
  assert.ok(decode('{"pong": {"nonce": "7"}, "later": 1}'));
  assert.deepEqual(session.onFrame(create(ProxyFrameSchema), 1), []);
});

test('what is stored is bounded, and what it had no room for is told as dropped', () => {
  const session = makeSession({ reportEvents: 2 });
  for (let i = 0; i < 6; ++i) session.report(requestOf(`r${i}`), 1, 1);
  session.newNeed();
  session.flush(1, 1);
  const state = restoreState(JSON.parse(JSON.stringify(storedState(session.state(), 3))));
  assert.ok(state);
  const [reports, needs] = [state.reports.map((report) => [Number(report.sequence), report.events.length, Number(report.dropped)]), state.needs];
  assert.deepEqual([reports, needs], [[[1, 2, 0], [2, 0, 2], [3, 0, 2]], 1]);
  assert.deepEqual(numbers(opened(makeSession({}, state))), [1, 2, 3]);
});

test('a stored state that is not whole is not used', () => {
  const good = JSON.parse(JSON.stringify(storedState(makeSession().state(), 3))) as Record<string, unknown>;
  assert.ok(restoreState(good));
  for (const bad of [null, 3, {}, { ...good, format: 2 }, { ...good, acknowledged: -1 }, { ...good, reports: [{ sequence: '7' }] }, { ...good, reports: [{ x: 1 }] }])
    assert.equal(restoreState(bad), undefined);
});
