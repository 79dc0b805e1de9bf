// Options of connect(), their defaults and what must hold.
import { invalid } from './errors.js';
import { mostAhead } from './habits.js';
import type { WebSocketConstructor } from './socket.js';
import type { KeyValueStore } from './types.js';

export interface ConnectOptions {
  url: string; // of the node: ws://host:7400, wss://…, http(s)://…; without a path /v1/agent is meant
  token?: string | (() => string | Promise<string>); // asked for anew for every connection
  region?: string; // empty: the node infers it
  device?: 'browser' | 'phone' | 'console' | 'device' | 'server';
  agent?: string; // name and version of the application, for the operator
  habits?: boolean | { ahead?: number }; // true; ahead: intervals, 12
  storage?: KeyValueStore | null; // in browsers localStorage; null: nothing is stored
  name?: string; // of what is stored: 'forestage'. Another peer of the same origin needs another one
  events?: number; // kept until they are acknowledged, 10,000
  storedEvents?: number; // of them, in the storage: 1,000
  pushedMessages?: number; // of subscriptions, that wait for their handlers: 64
  timeoutMs?: number; // of a call: 30,000
  reportAfterMs?: number; // events gather for so long: 1,000
  longestWaitMs?: number; // between connections: 60,000
  WebSocket?: WebSocketConstructor; // in Node before 22: of the package ws, which is found by itself
}

export interface Settings extends Required<Omit<ConnectOptions, 'habits' | 'storage' | 'WebSocket' | 'token'>> {
  token: () => string | Promise<string>;
  ahead: number; // 0: no habits
}

const within = (name: string, value: number, least: number, most: number): number => {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`${name} is a whole number from ${least} to ${most}, not ${value}`);
};
const short = (name: string, value: string): string => {
  if (typeof value === 'string' && new TextEncoder().encode(value).length <= 256) return value;
  throw invalid(`${name} is a text of at most 256 bytes`);
};

export function nodeUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid(`url is the address of a node, such as ws://127.0.0.1:7400, not ${JSON.stringify(text)}`);
  }
  const scheme = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[url.protocol];
  if (scheme === undefined) throw invalid(`url begins with ws:// or wss://, not ${url.protocol}//`);
  if (url.hash !== '') throw invalid('url has no #fragment: a WebSocket takes none');
  const path = url.pathname === '/' ? '/v1/agent' : url.pathname;
  return `${scheme}//${url.host}${path}${url.search}`;
}

// Errors: ForestageError invalid_argument, naming the option.
export function settingsOf(options: ConnectOptions): Settings {
  const { token = '', habits = true } = options;
  const ahead = typeof habits === 'object' ? (habits.ahead ?? 12) : habits ? 12 : 0;
  return {
    url: nodeUrl(options.url),
    token: typeof token === 'function' ? token : () => token,
    region: short('region', options.region ?? ''),
    device: options.device ?? ('document' in globalThis || 'WorkerGlobalScope' in globalThis ? 'browser' : 'server'),
    agent: short('agent', options.agent ?? `forestage-client ${FORESTAGE_CLIENT_VERSION}`),
    ahead: habits === false ? 0 : within('habits.ahead', ahead, 1, mostAhead),
    name: short('name', options.name ?? 'forestage'),
    events: within('events', options.events ?? 10_000, 1, 1_000_000),
    storedEvents: within('storedEvents', options.storedEvents ?? 1_000, 0, 100_000),
    pushedMessages: within('pushedMessages', options.pushedMessages ?? 64, 1, 256),
    timeoutMs: within('timeoutMs', options.timeoutMs ?? 30_000, 1, 2 ** 31 - 1),
    reportAfterMs: within('reportAfterMs', options.reportAfterMs ?? 1_000, 0, 60_000),
    longestWaitMs: within('longestWaitMs', options.longestWaitMs ?? 60_000, 250, 3_600_000),
  };
}

declare const FORESTAGE_CLIENT_VERSION: string;
