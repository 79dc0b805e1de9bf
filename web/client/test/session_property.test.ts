// The agent protocol, both sides together, on a line that loses, doubles and reorders frames and breaks at any moment, with a log that
// fails now and then and an agent that is restarted from what it stored: what is acknowledged is counted, once, and in the end everything
// is. The twin of tests/property/actors/peer_session_test.cpp.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentFrame, ProxyFrame, Report } from '../src/gen/agent_pb.js';
import type { AgentSession, Effect } from '../src/session.js';
import { restoreState, storedState } from '../src/spool.js';
import { Dice, makeSession, requestOf, seedOf } from './support/agents.js';
import { NodeSession, usualLimits } from './support/node_session.js';
import type { NodeEffect } from './support/node_session.js';

interface Faults { lost: number; doubled: number; reordered: number; broken: number; appendFails: number; answerLost: number; restarted: number }
const none: Faults = { lost: 0, doubled: 0, reordered: 0, broken: 0, appendFails: 0, answerLost: 0, restarted: 0 };
interface Line { session: NodeSession; toNode: AgentFrame[]; toAgent: ProxyFrame[] }
interface Append { from: Line; attempt: number; report: Report }

const options = {
  reportEvents: 3, reportAfterMs: 20, firstWaitMs: 5, longestWaitMs: 50, answerMs: 300, acknowledgeMs: 150, pingAfterMs: 200,
};

class World {
  readonly #dice: Dice;
  #agent: AgentSession;
  #line: Line | undefined;
  #appends: Append[] = [];
  readonly #window = new Set<number>(); // the shard's window of numbers
  readonly #counted = new Map<string, number>();
  #taken = 0;
  #gone = 0; // with an agent that was restarted before it had stored them
  #now = 1_000;
  #stored = '';
  #changes = -1;
  lines = 0;
  askedAgain = 0;
  restarts = 0;

  constructor(readonly seed: number, public faults: Faults) {
    this.#dice = new Dice(seed);
    this.#agent = makeSession({ ...options, seed });
    this.#agentDoes(this.#agent.start(this.#now));
  }

  get events(): number { return this.#taken - this.#gone; }

  step(): void {
    this.#now += this.#dice.below(10);
    const what = this.#dice.below(100);
    if (what < 25) {
      if (this.#agent.report(requestOf(`e${this.#taken}`), this.#now, this.#now)) ++this.#taken;
      this.#agentDoes([]);
    } else if (what < 55) this.#deliverToNode();
    else if (what < 80) this.#deliverToAgent();
    else if (what < 92) this.#finishAppend();
    else this.#agentDoes(this.#agent.onTick(this.#now, this.#now));
    if (this.#line && this.#dice.chance(this.faults.broken)) this.#breakLine();
    if (this.#dice.chance(this.faults.restarted)) this.#restart();
    this.#check();
  }

  // No faults and no events any more, until nothing moves.
  settle(): void {
    this.faults = none;
    for (let i = 0; i < 20_000 && (this.#agent.unacknowledgedEvents > 0 || this.#appends.length > 0); ++i) {
      this.#now += 5;
      this.#agentDoes(this.#agent.flush(this.#now, this.#now));
      this.#agentDoes(this.#agent.onTick(this.#now, this.#now));
      for (let k = 0; k < 8; ++k) {
        this.#deliverToNode();
        this.#finishAppend();
        this.#deliverToAgent();
      }
      this.#check();
    }
    assert.equal(this.#agent.unacknowledgedEvents, 0);
    assert.equal(this.#counted.size, this.events, 'everything is counted in the end');
  }

  // The frame that comes next, or any other.
  #take<Frame>(frames: Frame[]): Frame | undefined {
    if (frames.length === 0) return undefined;
    const at = this.#dice.chance(this.faults.reordered) ? this.#dice.below(frames.length) : 0;
    const frame = frames[at];
    if (!this.#dice.chance(this.faults.doubled)) frames.splice(at, 1);
    return this.#dice.chance(this.faults.lost) ? undefined : frame;
  }
  #deliverToNode(): void {
    const line = this.#line;
    const frame = line && this.#take(line.toNode);
    if (line && frame) this.#nodeDoes(line.session.onFrame(frame) ?? [], line);
  }
  #deliverToAgent(): void {
    const frame = this.#line && this.#take(this.#line.toAgent);
    if (!frame) return;
    if (frame.frame.case === 'failure' && frame.frame.value.sequence !== 0n) ++this.askedAgain;
    this.#agentDoes(this.#agent.onFrame(frame, this.#now));
  }
  // The shard: appends some report that waits, in any order, and says so, or not.
  #finishAppend(): void {
    const [done] = this.#appends.splice(this.#dice.below(this.#appends.length), 1);
    if (!done) return;
    const sequence = Number(done.report.sequence);
    const fails = this.#dice.chance(this.faults.appendFails);
    const inTheLog = !fails || this.#dice.chance(0.5); // a failure leaves it open
    if (inTheLog && !this.#window.has(sequence)) {
      this.#window.add(sequence);
      for (const event of done.report.events) {
        const name = event.what.case === 'request' ? event.what.value.resource : '';
        this.#counted.set(name, (this.#counted.get(name) ?? 0) + 1);
      }
    }
    if (done.from !== this.#line) return;
    const told = fails || this.#dice.chance(this.faults.answerLost) ? done.from.session.onAppendFailed(sequence, done.attempt, 10)
      : done.from.session.onAppended(sequence, done.attempt);
    this.#nodeDoes(told, done.from);
  }

  #nodeDoes(effects: NodeEffect[], from: Line): void {
    let ending = false;
    for (const effect of effects) {
      if (effect.kind === 'say') from.toAgent.push(effect.frame);
      else if (effect.kind === 'append') {
        assert.ok(from.session.reportsUnderWay <= from.session.limits.reports);
        // The bytes of now: the agent's own copy may change later.
        this.#appends.push({ from, attempt: effect.attempt, report: structuredClone(effect.report) });
      } else ending = true;
    }
    if (ending && from === this.#line) this.#breakLine();
  }
  #agentDoes(effects: Effect[]): void {
    if (this.#agent.changes !== this.#changes) {
      this.#stored = JSON.stringify(storedState(this.#agent.state(), 1_000_000));
      this.#changes = this.#agent.changes;
    }
    for (const effect of effects) {
      if (effect.kind === 'connect') {
        ++this.lines;
        this.#line = { session: new NodeSession({ ...usualLimits, reports: 4 }), toNode: [], toAgent: [] };
        this.#agentDoes(this.#agent.onConnected('', this.#now));
      } else if (effect.kind === 'send') this.#line?.toNode.push(effect.frame);
      else if (effect.kind === 'disconnect') this.#line = undefined;
    }
  }
  #breakLine(): void {
    this.#line = undefined;
    this.#agentDoes(this.#agent.onDisconnected(this.#now));
  }
  // The process ends without a word; another one goes on with what it stored.
  #restart(): void {
    ++this.restarts;
    this.#line = undefined;
    const before = this.#agent.unacknowledgedEvents;
    const state = restoreState(JSON.parse(this.#stored));
    assert.ok(state);
    this.#agent = makeSession({ ...options, seed: this.seed + this.restarts }, state);
    this.#changes = this.#agent.changes;
    this.#gone += before - this.#agent.unacknowledgedEvents; // gathered, in no report yet
    this.#agentDoes(this.#agent.start(this.#now));
  }
  // Nothing is counted twice, and what the agent may forget has been counted.
  #check(): void {
    for (const [event, times] of this.#counted) assert.equal(times, 1, `event ${event} was counted ${times} times`);
    assert.ok(this.events - this.#agent.unacknowledgedEvents <= this.#counted.size);
  }
}

function live(name: string, faults: Partial<Faults>, fallback: number): void {
  test(name, () => {
    const seed = seedOf(fallback);
    const sum = { events: 0, lines: 0, askedAgain: 0, restarts: 0 };
    for (let i = 0; i < 20; ++i) {
      const world = new World(seed * 1_000 + i, { ...none, ...faults });
      try {
        for (let k = 0; k < 1_500; ++k) world.step();
        world.settle();
      } catch (failure) {
        throw new Error(`FORESTAGE_SEED=${seed}, world ${i}: ${String(failure)}`, { cause: failure });
      }
      for (const key of ['events', 'lines', 'askedAgain', 'restarts'] as const) sum[key] += world[key];
    }
    assert.ok(sum.events > 3_000, JSON.stringify(sum));
    if (faults.broken) assert.ok(sum.lines > 60, JSON.stringify(sum));
    if (faults.appendFails || faults.lost) assert.ok(sum.askedAgain > 30, JSON.stringify(sum));
    if (faults.restarted) assert.ok(sum.restarts > 60, JSON.stringify(sum));
  });
}

live('on a sound line everything is counted once', {}, 1);
live('connections that break anywhere lose and double nothing', { broken: 0.02, answerLost: 0.01 }, 2);
live('a log that fails now and then loses and doubles nothing', { broken: 0.005, appendFails: 0.2 }, 3);
live('frames lost, doubled and out of order lose and double nothing',
  { lost: 0.1, doubled: 0.1, reordered: 0.3, broken: 0.01, appendFails: 0.05, answerLost: 0.05 }, 4);
live('an agent that is restarted from what it stored loses no report and doubles none', { broken: 0.01, restarted: 0.005, lost: 0.05 }, 5);
