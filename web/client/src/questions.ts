// Questions as promises: held back until there is a connection and room for them, asked again where that is allowed, never open for ever.
import type { Grant as GrantFrame, Messages, ProxyFrame } from './gen/agent_pb.js';
import { ForestageError, codeName } from './errors.js';
import { agentFrame, answered, sizeOf } from './frames.js';
import type { AgentSaid, ProxySaid } from './frames.js';
import type { Link } from './link.js';
import type { CallOptions } from './types.js';

const mostWaiting = 1_000;

interface Pending {
  said: AgentSaid;
  retry: boolean;
  question: number; // 0: not asked yet
  failure: ForestageError | undefined; // of the last try
  ended: boolean;
  rest: ReturnType<typeof setTimeout> | undefined; // until it is asked again
  resolve(answer: ProxySaid): void;
  reject(failure: ForestageError): void;
  stop(): void; // timers and the abort listener
}
export interface Stream {
  messages(messages: Messages): void;
  failed(failure: ForestageError): void;
  ended(): void; // by a Release
}

export class Questions {
  #waiting: Pending[] = [];
  readonly #open = new Set<Pending>(); // whose promises are
  readonly #asked = new Map<number, Pending | Stream>();
  #closed: ForestageError | undefined;

  // unwanted: a grant whose Acquire was given up.
  constructor(private readonly link: Link, private readonly timeoutMs: number, private readonly unwanted: (grant: GrantFrame) => void) {}

  // The answer, of the given kind. Errors: ForestageError.
  async ask<Case extends ProxySaid['case']>(said: AgentSaid, wanted: Case, options: CallOptions = {}): Promise<Extract<ProxySaid, { case: Case }>> {
    const answer = await this.#ask(said, options);
    if (answer.case === wanted) return answer as Extract<ProxySaid, { case: Case }>;
    throw new ForestageError('invalid_data', `the node answered ${String(said.case)} with ${String(answer.case)}`);
  }

  #ask(said: AgentSaid, { signal, timeoutMs = this.timeoutMs, retry = false }: CallOptions): Promise<ProxySaid> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(abortion(signal));
    if (this.#waiting.length >= mostWaiting)
      return Promise.reject(new ForestageError('limit_exceeded', `more than ${mostWaiting} questions wait to be asked: wait for answers`));
    return new Promise((resolve, reject) => {
      const aborted = (): void => this.#giveUp(pending, abortion(signal));
      const timer = setTimeout(() => this.#giveUp(pending, this.#late(pending, timeoutMs)), timeoutMs);
      const pending: Pending = {
        said, retry, question: 0, failure: undefined, ended: false, rest: undefined, resolve, reject,
        stop: () => {
          pending.ended = true;
          this.#open.delete(pending);
          clearTimeout(timer);
          clearTimeout(pending.rest);
          signal?.removeEventListener('abort', aborted);
        },
      };
      signal?.addEventListener('abort', aborted);
      this.#open.add(pending);
      this.#waiting.push(pending);
      this.drain();
    });
  }

  #late(pending: Pending, timeoutMs: number): ForestageError {
    const why = pending.failure?.text ?? (this.link.open ? 'the node has not answered' : 'there is no connection to the node');
    return new ForestageError('timeout', `not within ${timeoutMs / 1_000} s: ${why}`);
  }

  // Its answer, should it come, is nobody's.
  #giveUp(pending: Pending, failure: ForestageError): void {
    if (pending.ended) return;
    pending.stop();
    this.#waiting = this.#waiting.filter((other) => other !== pending);
    pending.reject(failure);
  }

  // Asks what there is room for. To be called when a connection has opened.
  drain(): void {
    const limits = this.link.welcome?.limits;
    while (this.link.open && this.#waiting.length > 0 && this.link.openQuestions < (limits?.questions || Infinity)) {
      const pending = this.#waiting.shift();
      if (pending === undefined || pending.ended) continue;
      const frame = agentFrame(pending.said);
      const bytes = sizeOf(frame) + 16; // its number is not in it yet
      if (limits !== undefined && limits.frameBytes > 0 && bytes > limits.frameBytes) {
        this.#giveUp(pending, new ForestageError('limit_exceeded', `a message of ${bytes} bytes; this node takes at most ${limits.frameBytes}: send less at a time`));
        continue;
      }
      pending.question = this.link.ask(frame);
      this.#asked.set(pending.question, pending);
    }
  }

  // Messages until it fails or is forgotten. Pre: open.
  stream(said: AgentSaid, stream: Stream): number {
    const question = this.link.ask(agentFrame(said));
    this.#asked.set(question, stream);
    return question;
  }
  forgetStream(question: number): void {
    this.#asked.delete(question);
    this.link.forget(question);
  }

  // False: the frame answers no question.
  onFrame(whole: ProxyFrame): boolean {
    const { frame } = whole;
    const question = answered(whole);
    if (question === 0) return false;
    const asked = this.#asked.get(question);
    if (asked === undefined) return true;
    const failure = frame.case === 'failure' ? new ForestageError(codeName(frame.value.code), frame.value.text, frame.value.retryAfterMs) : undefined;
    if ('messages' in asked) {
      if (failure !== undefined) {
        this.#asked.delete(question);
        asked.failed(failure);
      } else if (frame.case === 'messages' && frame.value.messages.length > 0) asked.messages(frame.value);
      else if (frame.case === 'messages') {
        this.forgetStream(question); // the last answer is an empty one
        asked.ended();
      }
    } else {
      this.#asked.delete(question);
      this.#onAnswer(asked, frame, failure);
    }
    this.drain();
    return true;
  }

  #onAnswer(pending: Pending, frame: ProxySaid, failure: ForestageError | undefined): void {
    if (pending.ended) {
      if (frame.case === 'grant') this.unwanted(frame.value);
    } else if (failure === undefined) {
      pending.stop();
      pending.resolve(frame);
    } else if (pending.retry && failure.retryAfterMs > 0) {
      pending.failure = failure;
      const wait = failure.retryAfterMs * (1 + Math.random()); // spread, so that not all come back at once
      pending.rest = setTimeout(() => {
        this.#waiting.push(pending);
        this.drain();
      }, wait);
    } else this.#giveUp(pending, failure);
  }

  close(failure: ForestageError): void {
    this.#closed = failure;
    for (const pending of this.#open) this.#giveUp(pending, failure);
    for (const stream of this.#asked.values()) if ('messages' in stream) stream.failed(failure);
    this.#waiting = [];
    this.#asked.clear();
  }
}

const abortion = (signal: AbortSignal | undefined): ForestageError => {
  const failure = new ForestageError('aborted', 'the application has given this call up');
  failure.cause = signal?.reason;
  return failure;
};
