// Carries out what the session says: sockets, timers, the clock, storage. Decides nothing.
import type { AgentFrame, Event, ProxyFrame, Welcome } from './gen/agent_pb.js';
import { ForestageError } from './errors.js';
import { decode, encode } from './frames.js';
import type { AgentSession, Effect } from './session.js';
import type { SocketLike, WebSocketConstructor } from './socket.js';

export interface LinkHandlers {
  opened(welcome: Welcome): void;
  closed(why: string): void;
  frame(frame: ProxyFrame): void;
  failure(failure: ForestageError): void;
  changed(): void; // the session's state differs: it must be stored before this returns
}

const longestTimer = 2 ** 31 - 1;
const mostGarbage = 20; // frames that cannot be read, on one connection

export class Link {
  #socket: SocketLike | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #changes: number;
  #skewMs = 0; // the node's clock less this one
  #garbage = 0;
  #attempt = 0;
  #stopped = false;

  constructor(
    private readonly session: AgentSession,
    private readonly to: { url: string; token: () => string | Promise<string>; WebSocket: WebSocketConstructor },
    private readonly handlers: LinkHandlers,
  ) {
    this.#changes = session.changes;
  }

  get open(): boolean { return this.session.open; }
  get welcome(): Welcome | undefined { return this.session.welcome; }
  get openQuestions(): number { return this.session.openQuestions; }
  #now(): number { return performance.now(); }
  // By the node's clock, once it has said what time it is: devices' clocks are often wrong.
  unix(): number { return Date.now() + this.#skewMs; }

  start(): void { this.#do(this.session.start(this.#now())); }

  report(event: Event): boolean {
    const taken = this.session.report(event, this.unix(), this.#now());
    this.#do([]);
    return taken;
  }
  flush(): void { this.#do(this.session.flush(this.#now(), this.unix())); }
  newNeed(): number {
    const need = this.session.newNeed();
    this.#do([]);
    return need;
  }
  // Pre: open.
  ask(frame: AgentFrame): number {
    const effects: Effect[] = [];
    const question = this.session.ask(frame, effects);
    this.#do(effects);
    return question;
  }
  forget(question: number): void { this.session.forget(question); }
  // A frame that nobody answers.
  tell(frame: AgentFrame): void { if (this.open) this.#send(frame); }

  stop(): void {
    if (this.#stopped) return;
    const effects = this.session.stop();
    this.#do(effects);
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#drop('the application closes');
  }

  #do(effects: Effect[]): void {
    if (this.#stopped) return;
    if (this.session.changes !== this.#changes) {
      this.#changes = this.session.changes;
      this.handlers.changed();
    }
    for (const effect of effects) {
      switch (effect.kind) {
        case 'connect':
          void this.#connect();
          break;
        case 'send':
          this.#send(effect.frame);
          break;
        case 'disconnect':
          this.#drop(effect.why);
          this.handlers.closed(effect.why);
          break;
        case 'deliver':
          this.handlers.frame(effect.frame);
      }
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const at = this.session.wakeAt();
    if (this.#stopped || at === Infinity) return;
    const wait = Math.min(longestTimer, Math.max(0, Math.ceil(at - this.#now())));
    this.#timer = setTimeout(() => this.#do(this.session.onTick(this.#now(), this.unix())), wait);
  }

  #send(frame: AgentFrame): void {
    try {
      this.#socket?.send(encode(frame) as Uint8Array<ArrayBuffer>);
    } catch {
      // It is closing: its close event is on the way, and what was sent is sent again or fails then.
    }
  }

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt;
    try {
      const token = await this.to.token();
      if (this.#stopped || attempt !== this.#attempt) return;
      const socket = new this.to.WebSocket(this.to.url) as unknown as SocketLike;
      socket.binaryType = 'arraybuffer';
      this.#drop('another connection');
      this.#socket = socket;
      this.#garbage = 0;
      const mine = (): boolean => this.#socket === socket;
      socket.addEventListener('open', () => { if (mine()) this.#do(this.session.onConnected(token, this.#now())); });
      socket.addEventListener('message', ({ data }) => { if (mine()) this.#onData(data); });
      socket.addEventListener('error', () => undefined); // close says the same
      socket.addEventListener('close', ({ code, reason }) => { if (mine()) this.#lost(reason || `the connection was lost (${code ?? 'no code'})`); });
    } catch (failure) {
      if (this.#stopped || attempt !== this.#attempt) return;
      this.handlers.failure(new ForestageError('unavailable', `no connection could be begun: ${String(failure)}`));
      this.#lost('no connection could be begun');
    }
  }

  #lost(why: string): void {
    this.#socket = undefined;
    const effects = this.session.onDisconnected(this.#now());
    this.handlers.closed(why);
    this.#do(effects);
  }

  #drop(why: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    try {
      socket?.close(1000, why.slice(0, 100));
    } catch { /* closed already */ }
  }

  #onData(data: unknown): void {
    const frame = typeof data === 'string' ? decode(data) : data instanceof ArrayBuffer ? decode(new Uint8Array(data)) : undefined;
    if (frame === undefined) {
      this.handlers.failure(new ForestageError('invalid_data', 'the node sent a frame that cannot be read'));
      if (++this.#garbage < mostGarbage) return;
      this.#drop('frames that cannot be read');
      this.#lost('too many frames that cannot be read: is this a node?');
      return;
    }
    const wasOpen = this.open;
    const effects = this.session.onFrame(frame, this.#now());
    if (!wasOpen && this.open && frame.frame.case === 'welcome') {
      this.#skewMs = Number(frame.frame.value.timeMs) - Date.now();
      this.#do(effects);
      this.handlers.opened(frame.frame.value);
    } else this.#do(effects);
  }
}
