// The node's side of a connection as far as reports go, after actors/peer/peer_session.cpp: what a test of the agent needs.
import { create } from '@bufbuild/protobuf';
import { ProxyFrameSchema } from '../../src/gen/agent_pb.js';
import type { AgentFrame, ProxyFrame, Report } from '../../src/gen/agent_pb.js';
import type { ProxySaid } from '../../src/frames.js';

export const proxyFrame = (frame: ProxySaid): ProxyFrame => create(ProxyFrameSchema, { frame });

export const failure = (question: number | bigint, code: number, text: string, retryAfterMs = 0, sequence = 0): ProxyFrame =>
  proxyFrame({ case: 'failure', value: { $typeName: 'forestage.v1.Failure', question: BigInt(question), code, text, retryAfterMs, sequence: BigInt(sequence) } });
export const goodbye = (code: number, text: string, afterMs: number): ProxyFrame =>
  proxyFrame({ case: 'goodbye', value: { $typeName: 'forestage.v1.Goodbye', code, text, afterMs } });
const acknowledged = (sequence: number): ProxyFrame =>
  proxyFrame({ case: 'acknowledged', value: { $typeName: 'forestage.v1.Acknowledged', sequence: BigInt(sequence) } });

export interface Limits {
  reports: number;
  events: number;
  frameBytes: number;
  questions: number;
}
export const usualLimits: Limits = { reports: 32, events: 10_000, frameBytes: 1 << 20, questions: 64 };

export type NodeEffect = { kind: 'say'; frame: ProxyFrame } | { kind: 'append'; attempt: number; report: Report } | { kind: 'hang up' };

export class NodeSession {
  session = '';
  peer = 'alice';
  #open = false;
  #acknowledged = 0;
  #expected = 1;
  #attempts = 0;
  #askedAgain = 0;
  readonly #underWay = new Map<number, { attempt: number; appended: boolean }>();

  constructor(readonly limits: Limits, readonly intervalSeconds = 300, readonly timeMs = 0) {}

  get reportsUnderWay(): number { return this.#underWay.size; }

  // undefined: nothing of reports and the connection; whoever tests answers it.
  onFrame(frame: AgentFrame): NodeEffect[] | undefined {
    const said = frame.frame;
    switch (said.case) {
      case 'hello':
        if (this.#open) return [{ kind: 'say', frame: failure(0, 2, 'Hello is said once') }];
        this.#open = true;
        this.session = said.value.session;
        this.#expected = Math.max(1, Number(said.value.firstReport));
        this.#acknowledged = this.#expected - 1;
        return [{ kind: 'say', frame: this.#welcome(said.value.profile?.region ?? '') }];
      case 'ping':
        return [{ kind: 'say', frame: proxyFrame({ case: 'pong', value: { $typeName: 'forestage.v1.Pong', nonce: said.value.nonce } }) }];
      case 'report':
        if (this.#open) return this.#onReport(said.value);
        break;
      default:
        if (this.#open) return undefined;
    }
    return [{ kind: 'say', frame: goodbye(2, 'a connection begins with Hello', 60_000) }, { kind: 'hang up' }];
  }

  #welcome(region: string): ProxyFrame {
    return proxyFrame({
      case: 'welcome',
      value: {
        $typeName: 'forestage.v1.Welcome', version: 1, session: this.session, peer: this.peer, region, timeMs: BigInt(this.timeMs), intervalSeconds: this.intervalSeconds,
        limits: { $typeName: 'forestage.v1.Limits', ...this.limits, intents: 1_000, idleSeconds: 90 },
      },
    });
  }

  #againFrom(sequence: number, code: number, text: string, retryMs: number): NodeEffect[] {
    for (const later of [...this.#underWay.keys()].filter((key) => key >= sequence)) this.#underWay.delete(later);
    this.#expected = this.#askedAgain = sequence;
    return [{ kind: 'say', frame: failure(0, code, text, retryMs, sequence) }];
  }

  #onReport(report: Report): NodeEffect[] {
    const sequence = Number(report.sequence);
    if (report.events.length > this.limits.events) return [{ kind: 'say', frame: goodbye(8, 'too many events', 60_000) }, { kind: 'hang up' }];
    if (sequence <= this.#acknowledged) return [{ kind: 'say', frame: acknowledged(this.#acknowledged) }];
    if (sequence < this.#expected) return []; // under way
    if (sequence > this.#expected)
      return this.#askedAgain === this.#expected ? [] : this.#againFrom(this.#expected, 13, `report ${this.#expected} is missing`, 1_000);
    if (this.#underWay.size >= this.limits.reports) return [{ kind: 'say', frame: goodbye(8, 'too many reports', 1_000) }, { kind: 'hang up' }];
    this.#askedAgain = 0;
    const attempt = ++this.#attempts;
    this.#underWay.set(sequence, { attempt, appended: false });
    ++this.#expected;
    return [{ kind: 'append', attempt, report }];
  }

  onAppended(sequence: number, attempt: number): NodeEffect[] {
    const at = this.#underWay.get(sequence);
    if (at?.attempt !== attempt) return [];
    at.appended = true;
    const before = this.#acknowledged;
    while (this.#underWay.get(this.#acknowledged + 1)?.appended) this.#underWay.delete(++this.#acknowledged);
    return this.#acknowledged === before ? [] : [{ kind: 'say', frame: acknowledged(this.#acknowledged) }];
  }

  onAppendFailed(sequence: number, attempt: number, retryMs: number): NodeEffect[] {
    if (this.#underWay.get(sequence)?.attempt !== attempt) return [];
    return this.#againFrom(sequence, 5, 'the disk is full', Math.max(1, retryMs));
  }
}
