// Messages of a collection for ever: pushed as they come, handled one after the other, done with when the handler has finished. Outlives
// connections. At least once: a message whose handler has failed, or took longer than the node's lease, is handed out again.
import { messagesOf } from './answers.js';
import { ForestageError } from './errors.js';
import type { AgentSaid } from './frames.js';
import type { Link } from './link.js';
import type { Questions } from './questions.js';
import type { Collection, Message } from './types.js';

export type Handler = (message: Message) => unknown;

export class Subscription {
  #question = 0; // 0: not asked on this connection
  #stopped = false;
  #working = false;
  readonly #queue: Message[] = [];
  readonly #here = new Set<string>(); // in the queue or with the handler: not taken twice
  #done: Message[] = [];
  #telling = false;
  #end: (failure: ForestageError | undefined) => void = () => undefined;
  // When it has ended: undefined when it was stopped, else why no more messages come.
  readonly ended: Promise<ForestageError | undefined>;

  /** @internal */
  constructor(
    readonly collection: Collection, private readonly handler: Handler, private readonly most: number, private readonly link: Link,
    private readonly questions: Questions, private readonly failure: (failure: ForestageError) => void, private readonly over: (one: Subscription) => void,
  ) {
    this.ended = new Promise((resolve) => { this.#end = resolve; });
    this.opened();
  }

  /** @internal A connection has opened. */
  opened(): void {
    if (this.#stopped || !this.link.open || this.#question !== 0) return;
    const { id, incarnation } = this.collection;
    const said: AgentSaid = {
      case: 'next',
      value: { $typeName: 'forestage.v1.Next', question: 0n, collection: id, incarnation, most: this.most, waitMs: 0, forever: true },
    };
    this.#question = this.questions.stream(said, {
      messages: (frame) => {
        for (const message of messagesOf(frame)) this.#take(message);
        void this.#work();
      },
      failed: (failure) => {
        this.#question = 0;
        if (failure.retryAfterMs === 0) this.#finish(failure);
        else if (this.link.open) setTimeout(() => this.opened(), failure.retryAfterMs);
      },
      ended: () => this.#finish(undefined),
    });
  }

  // No more messages; the one with the handler is finished.
  async stop(): Promise<void> {
    if (this.#stopped) return;
    const question = this.#question;
    this.#finish(undefined);
    if (question === 0 || !this.link.open) return;
    const said: AgentSaid = { case: 'release', value: { $typeName: 'forestage.v1.Release', question: 0n, resource: '', collection: this.collection.id } };
    await this.questions.ask(said, 'accepted').catch((failure: ForestageError) => this.failure(failure));
    this.questions.forgetStream(question);
  }

  #finish(failure: ForestageError | undefined): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#queue.length = 0;
    this.over(this);
    this.#end(failure);
  }

  #take(message: Message): void {
    const key = `${message.incarnation} ${message.number}`;
    // More than was asked for is left to its lease.
    if (this.#stopped || this.#here.has(key) || this.#queue.length >= this.most) return;
    this.#here.add(key);
    this.#queue.push(message);
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      try {
        await this.handler(message);
        this.#done.push(message);
        void this.#tell();
      } catch (failure) {
        this.failure(new ForestageError('internal', `a handler of ${this.collection.id} has failed, its message will come again: ${String(failure)}`));
      }
      this.#here.delete(`${message.incarnation} ${message.number}`);
    }
    this.#working = false;
  }

  // What is done with meanwhile is told together.
  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    while (this.#done.length > 0) {
      const { incarnation } = this.#done[0] as Message;
      const together = this.#done.filter((message) => message.incarnation === incarnation);
      this.#done = this.#done.filter((message) => message.incarnation !== incarnation);
      const numbers = together.map(({ number }) => number);
      const said: AgentSaid = { case: 'done', value: { $typeName: 'forestage.v1.Done', question: 0n, collection: this.collection.id, incarnation, numbers } };
      await this.questions.ask(said, 'accepted').catch((failure: ForestageError) => this.failure(failure)); // they will come again
    }
    this.#telling = false;
  }
}
