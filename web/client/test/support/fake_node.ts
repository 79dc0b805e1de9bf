// A small node on real WebSockets: reports counted once per session and number, grants, collections in memory, and whatever else a test
// wants it to say.
import type { AddressInfo } from 'node:net';
import { create, fromBinary, toBinary, toJsonString } from '@bufbuild/protobuf';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { AgentFrameSchema, MessageSchema, ProxyFrameSchema } from '../../src/gen/agent_pb.js';
import type { AgentFrame, Intent, Message, ProxyFrame } from '../../src/gen/agent_pb.js';
import { NodeSession, failure, goodbye, proxyFrame, usualLimits } from './node_session.js';
import type { Limits, NodeEffect } from './node_session.js';

type Said = AgentFrame['frame'];
// What a test answers itself: frames, nothing (silence), or undefined: as usual.
export type Answer = (said: Said, connection: Connection) => ProxyFrame[] | undefined;

interface Queue { messages: Message[]; leased: Set<bigint>; last: bigint; readers: { connection: Connection; question: bigint }[]; keys: Map<string, bigint> }

export class Connection {
  readonly session: NodeSession;
  constructor(readonly socket: WebSocket, private readonly node: FakeNode) {
    this.session = new NodeSession(node.limits, node.intervalSeconds, Date.now());
    this.session.peer = node.peer;
  }
  say(frame: ProxyFrame): void {
    this.socket.send(this.node.json ? toJsonString(ProxyFrameSchema, frame) : toBinary(ProxyFrameSchema, frame));
  }
}

export class FakeNode {
  readonly heard: Said[] = [];
  readonly counted = new Map<string, number>(); // requests by resource
  readonly standing = new Map<bigint, Intent>();
  readonly connections = new Set<Connection>();
  readonly needs = new Set<string>();
  limits: Limits = usualLimits;
  intervalSeconds = 300;
  peer = 'alice';
  json = false;
  hears = true; // else reports are dropped on the way
  answer: Answer = () => undefined;
  readonly #seen = new Set<string>();
  readonly #queues = new Map<string, Queue>();
  #server: WebSocketServer | undefined;
  port = 0;

  get url(): string { return `ws://127.0.0.1:${this.port}`; }

  async start(): Promise<this> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: this.port, path: '/v1/agent' });
    this.#server = server;
    server.on('connection', (socket) => {
      const connection = new Connection(socket, this);
      this.connections.add(connection);
      socket.on('message', (data: Buffer) => this.#onFrame(fromBinary(AgentFrameSchema, data), connection));
      socket.on('close', () => {
        this.connections.delete(connection);
        for (const queue of this.#queues.values()) queue.readers = queue.readers.filter((reader) => reader.connection !== connection);
      });
    });
    await new Promise<void>((resolve) => server.on('listening', resolve));
    this.port = (server.address() as AddressInfo).port;
    return this;
  }
  async stop(): Promise<void> {
    this.breakAll();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
  }
  breakAll(): void { for (const { socket } of this.connections) socket.terminate(); }
  sayAll(frame: ProxyFrame): void { for (const connection of this.connections) connection.say(frame); }
  goodbye(text: string, afterMs: number): void {
    this.sayAll(goodbye(9, text, afterMs));
    for (const { socket } of this.connections) socket.close(1001, text);
  }
  count(kind: Said['case']): number { return this.heard.filter((said) => said.case === kind).length; }

  #onFrame(frame: AgentFrame, connection: Connection): void {
    this.heard.push(frame.frame);
    const own = this.answer(frame.frame, connection);
    if (own !== undefined) return own.forEach((one) => connection.say(one));
    if (frame.frame.case === 'report' && !this.hears) return;
    const effects = connection.session.onFrame(frame);
    if (effects !== undefined) return this.#carryOut(effects, connection);
    for (const one of this.#onQuestion(frame.frame, connection)) connection.say(one);
  }
  #carryOut(effects: NodeEffect[], connection: Connection): void {
    for (const effect of effects) {
      if (effect.kind === 'say') connection.say(effect.frame);
      else if (effect.kind === 'hang up') connection.socket.close(1008);
      else {
        const key = `${connection.session.session} ${effect.report.sequence}`;
        if (!this.#seen.has(key))
          for (const { what } of effect.report.events)
            if (what.case === 'request') this.counted.set(what.value.resource, (this.counted.get(what.value.resource) ?? 0) + (what.value.count || 1));
        this.#seen.add(key);
        this.#carryOut(connection.session.onAppended(Number(effect.report.sequence), effect.attempt), connection);
      }
    }
  }

  queue(id: string): Queue {
    const queue = this.#queues.get(id) ?? { messages: [], leased: new Set(), last: 0n, readers: [], keys: new Map() };
    this.#queues.set(id, queue);
    return queue;
  }

  #onQuestion(said: Said, connection: Connection): ProxyFrame[] {
    const accepted = (question: bigint, number = 0n): ProxyFrame => proxyFrame({ case: 'accepted', value: { $typeName: 'forestage.v1.Accepted', question, number } });
    switch (said.case) {
      case 'declare': {
        const { question, intents } = said.value;
        const refused = intents.filter(({ resource }) => resource.startsWith('secret')).map(({ id }) => ({ $typeName: 'forestage.v1.Refusal' as const, intent: id, text: 'the token does not cover it' }));
        for (const intent of intents) if (!intent.resource.startsWith('secret')) this.standing.set(intent.id, intent);
        const value = { $typeName: 'forestage.v1.Declared' as const, question, intents: [...this.standing.values()], credibility: 0.75, refused };
        return [proxyFrame({ case: 'declared', value })];
      }
      case 'revoke':
        for (const id of said.value.intents) this.standing.delete(id);
        return [];
      case 'acquire': {
        const { question, resource, need } = said.value;
        this.needs.add(`${connection.session.session} ${need}`);
        const grant = (id: string, verbs: string[]) => ({ $typeName: 'forestage.v1.CollectionGrant' as const, id, incarnation: 0xffff_ffff_ffff_fff1n, verbs });
        return [proxyFrame({
          case: 'grant',
          value: {
            $typeName: 'forestage.v1.Grant', question, resource, warm: true, expiresMs: 1_800_000_000_000n, content: [], waitedMs: 3,
            resourceCollection: grant(`resource/${resource}`, ['put']), peerCollection: grant('peer/alice', ['get', 'purge']),
          },
        })];
      }
      case 'put': {
        const { question, collection, payload, key } = said.value;
        const queue = this.queue(collection);
        const before = key === '' ? undefined : queue.keys.get(key);
        if (before !== undefined) return [accepted(question, before)];
        const message = create(MessageSchema, { number: ++queue.last, sender: 'alice', payload, delivery: 1 });
        queue.messages.push(message);
        queue.keys.set(key, message.number);
        return [accepted(question, message.number), ...this.#push(collection)];
      }
      case 'next': {
        const { question, collection, most, forever } = said.value;
        if (!forever) return [this.#messages(question, collection, this.#lease(collection, most))];
        this.queue(collection).readers.push({ connection, question });
        return this.#push(collection);
      }
      case 'done': {
        const { question, collection, numbers } = said.value;
        const queue = this.queue(collection);
        queue.messages = queue.messages.filter(({ number }) => !numbers.includes(number));
        return [accepted(question)];
      }
      case 'release': {
        const { question, collection } = said.value;
        const last = this.queue(collection).readers.map((reader) => this.#messages(reader.question, collection, []));
        this.queue(collection).readers = [];
        return [...last, accepted(question)];
      }
      case 'purge': {
        const queue = this.queue(said.value.collection);
        const purged = BigInt(queue.messages.length);
        queue.messages = [];
        return [accepted(said.value.question, purged)];
      }
      default:
        return [failure(0, 2, 'not in the fake')];
    }
  }
  #lease(collection: string, most: number): Message[] {
    const queue = this.queue(collection);
    const out = queue.messages.filter(({ number }) => !queue.leased.has(number)).slice(0, most);
    for (const { number } of out) queue.leased.add(number);
    return out;
  }
  // A lease has run out.
  handOutAgain(collection: string): void {
    const queue = this.queue(collection);
    queue.leased.clear();
    for (const message of queue.messages) ++message.delivery;
    for (const frame of this.#push(collection)) queue.readers[0]?.connection.say(frame);
  }
  #push(collection: string): ProxyFrame[] {
    const [reader] = this.queue(collection).readers;
    if (reader === undefined) return [];
    const messages = this.#lease(collection, 64);
    if (messages.length > 0) reader.connection.say(this.#messages(reader.question, collection, messages));
    return [];
  }
  #messages(question: bigint, collection: string, messages: Message[]): ProxyFrame {
    return proxyFrame({ case: 'messages', value: { $typeName: 'forestage.v1.Messages', question, collection, incarnation: 0xffff_ffff_ffff_fff1n, messages } });
  }
}
