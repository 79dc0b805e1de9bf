// The agent protocol (messages/agent.proto) from the agent's side: one session over any number of connections. The twin of
// agent/agent_session.hpp. No socket, clock, timer or storage: frames, events and time in, effects out, to be carried out in order.
//
// Times are milliseconds; `now` of a clock that never goes back, `unix` of the wall clock. Invariants (test/session_property.test.ts,
// together with a model of the node's side):
//   1. an event that was taken is reported until its report is acknowledged, over reconnects; what had no room is counted, and the
//      next report says how many;
//   2. reports go out in the order of their numbers, never more unacknowledged ones than the node allows;
//   3. memory is bounded: options.events events at most are kept, sent or not;
//   4. a lost connection is tried again after a time that doubles up to longestWaitMs, drawn anew each time between half of it and
//      all of it, or when the node said so.
// Beyond the C++ agent: a report is sealed as soon as it is full, so that no burst makes one that the node refuses; a report that the
// node's limits (Welcome) do not allow is sent without its events, which are counted as dropped; `state()` outlives the process.
import type { AgentFrame, Event, Profile, ProxyFrame, Welcome } from './gen/agent_pb.js';
import { invalid } from './errors.js';
import { agentFrame, answered, lostFailure, setQuestion } from './frames.js';
import { SeededRandom } from './random.js';
import { ReportBook } from './reports.js';
import type { SessionState } from './reports.js';

export interface SessionOptions {
  session: string; // 16 to 64 printable characters, drawn at random
  profile: Profile;
  pushedMessages: number; // that may wait here
  events: number;
  reportEvents: number; // of one report
  reportAfterMs: number; // an event does not wait longer for others
  pingAfterMs: number;
  answerMs: number; // for Welcome and Pong: then the connection is given up
  acknowledgeMs: number; // without any acknowledgement: reports are sent again
  firstWaitMs: number;
  longestWaitMs: number;
  seed: bigint | number; // of the waits
}

export const sessionDefaults = {
  pushedMessages: 64, events: 10_000, reportEvents: 500, reportAfterMs: 1_000, pingAfterMs: 30_000, answerMs: 15_000, acknowledgeMs: 30_000,
  firstWaitMs: 250, longestWaitMs: 60_000,
} as const;

// `deliver`: to the application: answers to its questions, messages pushed, what the node declared, failures, Goodbye.
export type Effect =
  | { kind: 'connect' }
  | { kind: 'send'; frame: AgentFrame }
  | { kind: 'disconnect'; why: string }
  | { kind: 'deliver'; frame: ProxyFrame };

type Phase = 'idle' | 'waiting' | 'connecting' | 'greeting' | 'open';
const version = 1;

export class AgentSession {
  readonly #options: SessionOptions;
  readonly #random: SeededRandom;
  #phase: Phase = 'idle';
  #welcome: Welcome | undefined;
  #waitMs: number;
  #retryAt = 0;
  #heardAt = 0;
  #pingedAt = 0;
  #phaseSince = 0;
  #askedToWaitMs = 0; // by a Goodbye
  #resendAt = 0; // 0: nothing is to be sent again
  #progressAt = 0; // when reports were last sent, acknowledged or asked for
  readonly #reports: ReportBook;
  #questions = 0;
  #needs = 0;
  readonly #asked = new Map<number, boolean>(); // open questions; true: answered until a Failure
  #pingOpen = false;

  // Errors: ForestageError invalid_argument.
  constructor(options: SessionOptions, state?: SessionState) {
    if (!/^[!-~]{16,64}$/.test(options.session)) throw invalid('a session is named by 16 to 64 printable characters, drawn at random');
    if (!(options.events >= 1 && options.reportEvents >= 1)) throw invalid('an agent keeps at least one event, and reports at least one at a time');
    if (!(options.firstWaitMs >= 1 && options.longestWaitMs >= options.firstWaitMs))
      throw invalid('the longest wait between connections is at least the first one, 1 ms or more');
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#waitMs = options.firstWaitMs;
    this.#reports = new ReportBook(options, state);
    this.#needs = state?.needs ?? 0;
  }

  get open(): boolean { return this.#phase === 'open'; }
  get acknowledged(): number { return this.#reports.acknowledged; }
  get unacknowledgedEvents(): number { return this.#reports.events; }
  get dropped(): number { return this.#reports.dropped; }
  get welcome(): Welcome | undefined { return this.#welcome; }
  get openQuestions(): number { return this.#asked.size; }
  // Rises whenever state() differs from before: it is to be stored before the effects of the same call are carried out.
  get changes(): number { return this.#reports.changes + this.#needs; }
  state(): SessionState { return { ...this.#reports.state(), needs: this.#needs }; }

  // -- connections

  start(now: number): Effect[] {
    this.#phase = 'connecting';
    this.#phaseSince = now;
    return [{ kind: 'connect' }];
  }

  onConnected(token: string, now: number): Effect[] {
    this.#phase = 'greeting';
    this.#phaseSince = this.#heardAt = now;
    const frame = agentFrame({
      case: 'hello',
      value: {
        $typeName: 'forestage.v1.Hello', version, token, session: this.#options.session, profile: this.#options.profile,
        messages: this.#options.pushedMessages, firstReport: BigInt(this.acknowledged + 1),
      },
    });
    return [{ kind: 'send', frame }];
  }

  onDisconnected(now: number): Effect[] {
    if (this.#phase === 'idle' || this.#phase === 'waiting') return [];
    const out: Effect[] = [];
    this.#loseQuestions(out);
    this.#resendAt = 0;
    this.#pingOpen = false;
    this.#reports.sendAllAgain();
    this.#wait(now, this.#askedToWaitMs);
    this.#askedToWaitMs = 0;
    return out;
  }

  // For good: nothing is tried again.
  stop(): Effect[] {
    const out: Effect[] = [];
    this.#loseQuestions(out);
    this.#phase = 'idle';
    return out;
  }

  #wait(now: number, atLeast: number): void {
    this.#phase = 'waiting';
    const base = Math.max(this.#waitMs, atLeast);
    this.#retryAt = now + atLeast + Math.floor((0.5 + 0.5 * this.#random.uniform()) * base);
    this.#waitMs = Math.min(this.#options.longestWaitMs, 2 * this.#waitMs);
  }

  #loseQuestions(out: Effect[]): void {
    for (const question of this.#asked.keys()) out.push({ kind: 'deliver', frame: lostFailure(question, this.#waitMs) });
    this.#asked.clear();
  }

  // -- frames

  onFrame(frame: ProxyFrame, now: number): Effect[] {
    const out: Effect[] = [];
    const said = frame.frame;
    this.#heardAt = Math.max(this.#heardAt, now);
    switch (said.case) {
      case 'welcome':
        if (this.#phase !== 'greeting') break;
        this.#phase = 'open';
        this.#waitMs = this.#options.firstWaitMs;
        this.#welcome = said.value;
        this.#reports.sendAllAgain();
        this.#sendReports(out, now);
        break;
      case 'acknowledged':
        if (this.#reports.acknowledge(Number(said.value.sequence))) this.#progressAt = now;
        if (this.open) this.#sendReports(out, now);
        break;
      case 'pong':
        this.#pingOpen = false;
        break;
      case 'goodbye':
        this.#askedToWaitMs = said.value.afterMs;
        out.push({ kind: 'deliver', frame });
        break;
      case 'failure':
        if (this.#reports.sendAgainFrom(Number(said.value.sequence))) {
          this.#progressAt = now;
          this.#resendAt = now + Math.max(1, said.value.retryAfterMs);
        }
        this.#onAnswer(frame, out);
        break;
      case 'credit': // of a node that gives reports credit: what Welcome allows is kept to anyway
      case undefined: // of a newer node: nothing that was asked for
        break;
      default:
        this.#onAnswer(frame, out);
    }
    return out;
  }

  #onAnswer(frame: ProxyFrame, out: Effect[]): void {
    const question = answered(frame);
    if (question !== 0) {
      const forever = this.#asked.get(question);
      if (forever === undefined) return; // given up
      if (!forever || frame.frame.case === 'failure') this.#asked.delete(question);
    }
    out.push({ kind: 'deliver', frame });
  }

  // -- events and reports

  // Something happened. False: there was no room, and it was counted.
  report(event: Event, unix: number, now: number): boolean {
    return this.#reports.add(event, unix, now, this.#welcome?.limits);
  }

  #sendReports(out: Effect[], now: number): void {
    const limits = this.#welcome?.limits;
    if (!this.open || this.#resendAt !== 0 || limits === undefined) return;
    if (!this.#reports.underWay) this.#progressAt = now;
    for (let report = this.#reports.next(limits); report !== undefined; report = this.#reports.next(limits))
      out.push({ kind: 'send', frame: agentFrame({ case: 'report', value: report }) });
  }

  // Sends what has gathered now.
  flush(now: number, unix: number): Effect[] {
    this.#reports.seal(unix);
    const out: Effect[] = [];
    this.#sendReports(out, now);
    return out;
  }

  // -- questions

  // The number of a new need; a retry of Acquire repeats it.
  newNeed(): number {
    return ++this.#needs;
  }

  // Any question; its number is set here and answered by a delivered frame, a Failure when the connection is lost before.
  ask(frame: AgentFrame, out: Effect[]): number {
    const question = ++this.#questions;
    setQuestion(frame, question);
    this.#asked.set(question, frame.frame.case === 'next' && frame.frame.value.forever);
    if (this.open) out.push({ kind: 'send', frame });
    else this.#loseQuestions(out);
    return question;
  }

  // Nobody waits for the answer any more.
  forget(question: number): void {
    this.#asked.delete(question);
  }

  // -- time

  // To be called when wakeAt() has come.
  onTick(now: number, unix: number): Effect[] {
    let out: Effect[] = [];
    if (now >= this.#reports.dueAt(this.#welcome?.limits)) this.#reports.seal(unix);
    switch (this.#phase) {
      case 'waiting':
        if (now >= this.#retryAt) out = this.start(now);
        return out;
      case 'connecting':
      case 'greeting':
        if (now - this.#phaseSince < this.#options.answerMs) return out;
        return this.#giveUp(`no answer within ${this.#options.answerMs / 1_000} s`, now);
      case 'open':
        if (this.#resendAt !== 0 && now >= this.#resendAt) this.#resendAt = 0;
        // A node drops what it has already, so sending again does no harm.
        if (this.#reports.underWay && now - this.#progressAt >= this.#options.acknowledgeMs) this.#reports.sendAllAgain();
        this.#sendReports(out, now);
        if (this.#pingOpen && now - this.#pingedAt >= this.#options.answerMs)
          return out.concat(this.#giveUp('the node has stopped answering', now));
        if (!this.#pingOpen && now - this.#heardAt >= this.#options.pingAfterMs) {
          out.push({ kind: 'send', frame: agentFrame({ case: 'ping', value: { $typeName: 'forestage.v1.Ping', nonce: BigInt(++this.#questions) } }) });
          this.#pingOpen = true;
          this.#pingedAt = now;
        }
        return out;
      case 'idle':
        return out;
    }
  }

  #giveUp(why: string, now: number): Effect[] {
    const out = this.onDisconnected(now);
    out.push({ kind: 'disconnect', why });
    return out;
  }

  wakeAt(): number {
    let at = this.#reports.dueAt(this.#welcome?.limits);
    switch (this.#phase) {
      case 'waiting':
        return Math.min(at, this.#retryAt);
      case 'connecting':
      case 'greeting':
        return Math.min(at, this.#phaseSince + this.#options.answerMs);
      case 'open':
        if (this.#resendAt !== 0) at = Math.min(at, this.#resendAt);
        if (this.#reports.underWay) at = Math.min(at, this.#progressAt + this.#options.acknowledgeMs);
        return Math.min(at, this.#pingOpen ? this.#pingedAt + this.#options.answerMs : this.#heardAt + this.#options.pingAfterMs);
      case 'idle':
        return at;
    }
  }
}
