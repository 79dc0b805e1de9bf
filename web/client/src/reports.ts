// A session's reports: gathered, numbered, kept until acknowledged. Pure; the rules are those of agent/agent_session.cpp, which
// session.ts names together with what is added here.
import { create } from '@bufbuild/protobuf';
import { ReportSchema } from './gen/agent_pb.js';
import type { Event, Limits, Report } from './gen/agent_pb.js';
import { agentFrame, sizeOf } from './frames.js';

// What a session must not forget. Reports in the order of their numbers, the first is `acknowledged` + 1.
export interface SessionState {
  acknowledged: number;
  needs: number;
  dropped: number;
  reports: readonly Report[];
}

export class ReportBook {
  #open: Report = create(ReportSchema); // gathers events; times relative to its base
  #openSince = 0;
  readonly #sealed: Report[]; // not acknowledged, by number
  #acknowledged: number;
  #last: number; // report numbers
  #sent: number;
  #events: number;
  #dropped: number; // not reported yet
  #allDropped: number;
  #changes = 0;

  constructor(private readonly bounds: { events: number; reportEvents: number; reportAfterMs: number }, state?: SessionState) {
    this.#sealed = [...(state?.reports ?? [])];
    this.#acknowledged = this.#sent = state?.acknowledged ?? 0;
    this.#last = this.#acknowledged + this.#sealed.length;
    this.#events = this.#sealed.reduce((sum, report) => sum + report.events.length, 0);
    this.#dropped = this.#allDropped = state?.dropped ?? 0;
  }

  get acknowledged(): number { return this.#acknowledged; }
  get events(): number { return this.#events; }
  get dropped(): number { return this.#allDropped; }
  get changes(): number { return this.#changes; }
  get underWay(): boolean { return this.#sent > this.#acknowledged; }

  state(): Omit<SessionState, 'needs'> {
    return { acknowledged: this.#acknowledged, dropped: this.#dropped, reports: this.#sealed };
  }

  // False: there was no room, and it was counted.
  add(event: Event, unix: number, now: number, limits: Limits | undefined): boolean {
    if (this.#events >= this.bounds.events) {
      ++this.#dropped;
      ++this.#allDropped;
      return false;
    }
    if (this.#full(limits)) this.seal(unix);
    if (this.#open.events.length === 0) {
      this.#open.baseMs = BigInt(unix);
      this.#openSince = now;
    }
    event.afterMs = BigInt(unix) - this.#open.baseMs;
    this.#open.events.push(event);
    ++this.#events;
    return true;
  }

  #full(limits: Limits | undefined): boolean {
    return this.#open.events.length >= Math.min(this.bounds.reportEvents, limits?.events || Infinity);
  }

  // When the events that have gathered are to be sealed.
  dueAt(limits: Limits | undefined): number {
    if (this.#open.events.length === 0) return Infinity;
    return this.#full(limits) ? this.#openSince : this.#openSince + this.bounds.reportAfterMs;
  }

  seal(unix: number): void {
    const report = this.#open;
    if (report.events.length === 0) {
      if (this.#dropped === 0) return;
      report.baseMs = BigInt(unix);
    }
    report.sequence = BigInt(++this.#last);
    report.dropped = BigInt(this.#dropped);
    this.#dropped = 0;
    this.#sealed.push(report);
    this.#open = create(ReportSchema);
    ++this.#changes;
  }

  // The next report that may be sent.
  next(limits: Limits): Report | undefined {
    if (this.#sent >= this.#last || this.#sent - this.#acknowledged >= limits.reports) return undefined;
    const report = this.#sealed[this.#sent - this.#acknowledged];
    if (report === undefined) return undefined;
    ++this.#sent;
    const tooMany = limits.events > 0 && report.events.length > limits.events;
    if (tooMany || (limits.frameBytes > 0 && sizeOf(agentFrame({ case: 'report', value: report })) > limits.frameBytes)) this.#empty(report);
    return report;
  }

  // A report that the node does not allow: sent as it is, the node would hang up, after every reconnect.
  #empty(report: Report): void {
    const events = report.events.length;
    if (events === 0) return;
    this.#events -= events;
    this.#allDropped += events;
    report.dropped += BigInt(events);
    report.events = [];
    ++this.#changes;
  }

  // True: some that were not before.
  acknowledge(sequence: number): boolean {
    const upTo = Math.min(sequence, this.#sent);
    if (upTo <= this.#acknowledged) return false;
    for (const report of this.#sealed.splice(0, upTo - this.#acknowledged)) this.#events -= report.events.length;
    this.#acknowledged = upTo;
    ++this.#changes;
    return true;
  }

  // From that number on all are to be sent again. False: it is not under way.
  sendAgainFrom(sequence: number): boolean {
    if (sequence <= this.#acknowledged || sequence > this.#sent) return false;
    this.#sent = sequence - 1;
    return true;
  }

  sendAllAgain(): void {
    this.#sent = this.#acknowledged;
  }
}
