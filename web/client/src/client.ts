// A peer's agent: what an application calls. Everything that decides is elsewhere (session.ts, habits.ts).
import { create } from '@bufbuild/protobuf';
import { ProfileSchema, Role as RoleFrame } from './gen/agent_pb.js';
import type { ProxyFrame, Welcome } from './gen/agent_pb.js';
import { declarationOf, grantOf, messagesOf } from './answers.js';
import { eventOf, intentOf, namedCollection, payloadOf, resourceName } from './checks.js';
import { ForestageError, codeName, invalid } from './errors.js';
import { Emitter } from './emitter.js';
import { agentFrame } from './frames.js';
import { HabitKeeper, declareFrame } from './habit_keeper.js';
import { Link } from './link.js';
import type { Settings } from './options.js';
import { Questions } from './questions.js';
import { AgentSession, sessionDefaults } from './session.js';
import type { WebSocketConstructor } from './socket.js';
import type { Keeper } from './storage.js';
import { Subscription } from './subscription.js';
import type { Handler } from './subscription.js';
import type { CallOptions, Collection, Declaration, Grant, Happened, Intent, Message, Role, StandingIntent } from './types.js';

export interface Opened {
  peer: string; // as the token says
  region: string; // as it was taken
  session: string;
  intervalSeconds: number;
}
export interface ClientEvents {
  open: Opened;
  close: { text: string; code: string | null; afterMs: number }; // it connects again by itself; code and afterMs: of a Goodbye
  declared: Declaration; // what stands: declared by this peer, by its habits, or by the node on its behalf
  failure: ForestageError; // that is no call's
}

const mostAppIntents = 1_000; // where the node names no limit
const farewellMs = 1_000;

export class Client {
  readonly #link: Link;
  readonly #questions: Questions;
  readonly #habits: HabitKeeper | undefined;
  readonly #session: AgentSession;
  readonly #emitter = new Emitter<ClientEvents>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #intents = new Map<number, StandingIntent>(); // the application's, that stand
  readonly #held = new Set<string>(); // resources that were granted
  #nextIntent = 0;
  #goodbye: { code: string; afterMs: number } | undefined;
  #wait: { opened: Promise<void>; tell: () => void; fail: (failure: ForestageError) => void } | undefined;
  #closed = false;

  /** @internal connect() makes clients. */
  constructor(private readonly settings: Settings, session: string, keeper: Keeper, WebSocket: WebSocketConstructor, seed: bigint, private readonly ended: () => void) {
    const { url, token, region, device, agent, events, pushedMessages, reportAfterMs, longestWaitMs } = settings;
    const profile = create(ProfileSchema, { region, device, agent });
    const own = { ...sessionDefaults, session, profile, events, pushedMessages, reportAfterMs, longestWaitMs, seed };
    this.#session = new AgentSession(own, keeper.session()?.state);
    this.#link = new Link(this.#session, { url, token, WebSocket }, {
      opened: (welcome) => this.#onOpened(welcome),
      closed: (why) => this.#onClosed(why),
      frame: (frame) => this.#onFrame(frame),
      failure: (failure) => this.#emitter.emit('failure', failure),
      changed: () => keeper.keepSession(session, this.#session.state()),
    });
    keeper.keepSession(session, this.#session.state());
    this.#questions = new Questions(this.#link, settings.timeoutMs, ({ resource }) => {
      if (!this.#held.has(resource)) void this.#release(resource).catch(() => undefined); // nobody waits for it
    });
    if (settings.ahead > 0 && keeper.mayKeepHabits)
      this.#habits = new HabitKeeper(settings.ahead, keeper, () => this.#link.unix(), (intents) => this.#declare(intents, {}), (ids) => this.#revoke(ids));
    setTimeout(() => this.#link.start()); // after the application has had a chance to listen
  }

  // -- the connection

  get isOpen(): boolean { return this.#link.open; }
  // Events that the node has not confirmed; events that there was no room for.
  get unacknowledged(): number { return this.#session.unacknowledgedEvents; }
  get dropped(): number { return this.#session.dropped; }

  // Returns what ends it.
  on<Name extends keyof ClientEvents>(name: Name, handler: (event: ClientEvents[Name]) => void): () => void { return this.#emitter.on(name, handler); }

  // When there is a connection. Calls wait for it by themselves.
  opened(): Promise<void> {
    if (this.#link.open) return Promise.resolve();
    if (this.#closed) return Promise.reject(closing());
    if (this.#wait === undefined) {
      let [tell, fail]: [() => void, (failure: ForestageError) => void] = [() => undefined, () => undefined];
      const opened = new Promise<void>((resolve, reject) => { [tell, fail] = [resolve, reject]; });
      this.#wait = { opened, tell, fail };
    }
    return this.#wait.opened;
  }

  #onOpened(welcome: Welcome): void {
    this.#goodbye = undefined;
    this.#forgetPast();
    if (this.#intents.size > 0) this.#declare([...this.#intents.values()], {}).catch((failure: ForestageError) => this.#emitter.emit('failure', failure));
    this.#habits?.opened(welcome.peer, welcome.intervalSeconds, welcome.limits?.intents ?? mostAppIntents);
    for (const subscription of this.#subscriptions) subscription.opened();
    this.#questions.drain();
    this.#wait?.tell();
    this.#wait = undefined;
    const { peer, region, session, intervalSeconds } = welcome;
    this.#emitter.emit('open', { peer, region, session, intervalSeconds });
  }

  #onClosed(text: string): void {
    this.#habits?.closed();
    this.#emitter.emit('close', { text, code: this.#goodbye?.code ?? null, afterMs: this.#goodbye?.afterMs ?? 0 });
    this.#goodbye = undefined;
  }

  #onFrame(frame: ProxyFrame): void {
    const said = frame.frame;
    if (said.case === 'declared') this.#emitter.emit('declared', declarationOf(said.value));
    if (said.case === 'goodbye') this.#goodbye = { code: codeName(said.value.code), afterMs: said.value.afterMs };
    if (this.#questions.onFrame(frame)) return;
    if (said.case === 'failure' || said.case === 'goodbye') {
      const after = said.case === 'failure' ? said.value.retryAfterMs : said.value.afterMs;
      this.#emitter.emit('failure', new ForestageError(codeName(said.value.code), said.value.text, after));
    }
  }

  // Sends what was reported and waits up to waitMs until it is confirmed; what is not stays in the storage.
  async close(waitMs = farewellMs): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.flush();
    const end = performance.now() + waitMs;
    while (this.#link.open && this.unacknowledged > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    this.#habits?.closed();
    this.#questions.close(closing());
    for (const subscription of [...this.#subscriptions]) void subscription.stop();
    this.#link.stop();
    this.#wait?.fail(closing());
    this.ended();
  }

  // -- what happened

  // False: there was no room, or the client is closed. Errors: ForestageError invalid_argument, thrown.
  report(happened: Happened): boolean {
    const event = eventOf(happened);
    if (this.#closed) return false;
    if ('request' in happened) this.#habits?.need(happened.request.resource);
    return this.#link.report(event);
  }
  // Reports now, and stores; pages do so by themselves before they are hidden.
  flush(): void {
    this.#link.flush();
    this.#habits?.store();
  }

  // -- what will be needed

  async declare(intents: readonly Intent[], options: CallOptions = {}): Promise<Declaration> {
    const checked = intents.map((intent) => intentOf(intent, () => ++this.#nextIntent));
    if (checked.length === 0) throw invalid('nothing is declared: pass at least one intent');
    this.#forgetPast();
    const standing = new Set([...this.#intents.keys(), ...checked.map(({ id }) => id)]).size;
    const limit = this.#link.welcome?.limits?.intents ?? mostAppIntents;
    const most = this.#habits === undefined ? limit : Math.ceil(limit / 2); // habits have the other half
    if (standing > most) throw new ForestageError('limit_exceeded', `more than ${most} intents standing: revoke some, or declare less`);
    const declaration = await this.#declare(checked, options);
    const refused = new Set(declaration.refused.map(({ id }) => id));
    for (const intent of checked) if (!refused.has(intent.id)) this.#intents.set(intent.id, intent);
    return declaration;
  }
  async #declare(intents: readonly StandingIntent[], options: CallOptions): Promise<Declaration> {
    return declarationOf((await this.#questions.ask({ case: 'declare', value: declareFrame(intents) }, 'declared', options)).value);
  }
  #forgetPast(): void {
    const now = this.#link.unix();
    for (const [id, intent] of this.#intents) if (intent.toMs <= now) this.#intents.delete(id);
  }
  revoke(ids: readonly number[]): void {
    for (const id of ids) this.#intents.delete(id);
    this.#revoke(ids);
  }
  #revoke(ids: readonly number[]): void {
    this.#link.tell(agentFrame({ case: 'revoke', value: { $typeName: 'forestage.v1.Revoke', intents: ids.map(BigInt) } }));
  }

  // -- resources

  // Asks again by itself, with the same need, after a lost connection and when the node says that it may succeed later: it counts once.
  async acquire(resource: string, role: Role, options: CallOptions = {}): Promise<Grant> {
    resourceName(resource);
    if (role !== 'requester' && role !== 'provider') throw invalid(`a resource is acquired as 'requester' or as 'provider', not ${String(role)}`);
    if (this.#closed) throw closing();
    if (role === 'requester') this.#habits?.need(resource);
    const need = BigInt(this.#link.newNeed());
    const value = { $typeName: 'forestage.v1.Acquire', question: 0n, resource, role: role === 'requester' ? RoleFrame.REQUESTER : RoleFrame.PROVIDER, need } as const;
    const { value: grant } = await this.#questions.ask({ case: 'acquire', value }, 'grant', { retry: true, ...options });
    this.#held.add(resource);
    return grantOf(grant, role);
  }
  async release(granted: Grant | string, options: CallOptions = {}): Promise<void> {
    const resource = resourceName(typeof granted === 'string' ? granted : granted.resource);
    this.#held.delete(resource);
    await this.#release(resource, options);
  }
  async #release(resource: string, options: CallOptions = {}): Promise<void> {
    await this.#questions.ask({ case: 'release', value: { $typeName: 'forestage.v1.Release', question: 0n, resource, collection: '' } }, 'accepted', options);
  }

  // -- messages

  // Its number within the collection. With a key a repetition adds nothing, so it is asked again after a lost connection.
  async put(collection: Collection | string, payload: Uint8Array | ArrayBuffer | string, key = '', options: CallOptions = {}): Promise<bigint> {
    const value = { $typeName: 'forestage.v1.Put', question: 0n, collection: namedCollection(collection).id, payload: payloadOf(payload), key } as const;
    return (await this.#questions.ask({ case: 'put', value }, 'accepted', { retry: key !== '', ...options })).value.number;
  }
  // Up to `most` messages, none after waitMs. They are to be done with, or come again.
  async next(collection: Collection | string, { most = 16, waitMs = 0, ...options }: CallOptions & { most?: number; waitMs?: number } = {}): Promise<Message[]> {
    const { id, incarnation } = namedCollection(collection);
    const value = { $typeName: 'forestage.v1.Next', question: 0n, collection: id, incarnation, most, waitMs, forever: false } as const;
    const { timeoutMs = this.settings.timeoutMs + waitMs } = options;
    return messagesOf((await this.#questions.ask({ case: 'next', value }, 'messages', { ...options, timeoutMs })).value);
  }
  // Messages of one collection, which need not come again.
  async done(messages: Message | readonly Message[], options: CallOptions = {}): Promise<void> {
    const all = Array.isArray(messages) ? (messages as readonly Message[]) : [messages as Message];
    const [first] = all;
    if (first === undefined) return;
    const { collection, incarnation } = first;
    if (all.some((message) => message.collection !== collection || message.incarnation !== incarnation)) throw invalid('messages of several collections: call done for each');
    const value = { $typeName: 'forestage.v1.Done', question: 0n, collection, incarnation, numbers: all.map(({ number }) => number) } as const;
    await this.#questions.ask({ case: 'done', value }, 'accepted', options);
  }
  // For ever: pushed as they come, also over reconnects; a message is done with when the handler (or its promise) has finished.
  subscribe(collection: Collection | string, handler: Handler): Subscription {
    if (typeof handler !== 'function') throw invalid('subscribe(collection, handler): the handler is a function of a message');
    if (this.#closed) throw closing();
    const subscription = new Subscription(
      namedCollection(collection), handler, this.settings.pushedMessages, this.#link, this.#questions, (failure) => this.#emitter.emit('failure', failure),
      (one) => this.#subscriptions.delete(one));
    this.#subscriptions.add(subscription);
    return subscription;
  }
  // All that waits there is dropped; how many messages.
  async purge(collection: Collection | string, options: CallOptions = {}): Promise<number> {
    const value = { $typeName: 'forestage.v1.Purge', question: 0n, collection: namedCollection(collection).id } as const;
    return Number((await this.#questions.ask({ case: 'purge', value }, 'accepted', options)).value.number);
  }
}

const closing = (): ForestageError => new ForestageError('closed', 'the client has been closed: connect again');
