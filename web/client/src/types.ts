// What an application sees: the protocol's words, without the protocol's frames.

export type Role = 'requester' | 'provider';
// create, put, get, purge
export interface Collection {
  id: string;
  incarnation: bigint; // of this life of the collection: another one after a restart of the node
  verbs: readonly string[];
}

export interface Grant {
  resource: string;
  role: Role;
  warm: boolean; // everything was verified ready when the request came
  resourceCollection: Collection | null;
  peerCollection: Collection | null; // a requester's own
  expires: Date | null;
  content: readonly string[]; // where staged content is served
  waitedMs: number;
}

export interface Message {
  collection: string;
  incarnation: bigint;
  number: bigint;
  sender: string;
  payload: Uint8Array;
  delivery: number; // the how-manieth time it is handed out, from 1
  readonly text: string; // the payload as UTF-8
}

// Something that has happened. Times are taken when it is reported.
export type Happened =
  | { request: { resource: string; count?: number } }
  | { sessionStart: { resource: string; id: number; slots?: number } }
  | { sessionEnd: { id: number } }
  | { quality: { resource: string; rttMs?: number; loss?: number; bitsPerSecond?: number } };

// What will be needed. Without an id one is chosen; the same id again replaces it.
export interface Intent {
  id?: number;
  resource: string;
  from: Date | number; // unix ms
  to: Date | number;
  expected?: number; // requests, 1
  probability?: number; // 1
}

// One that stands.
export interface StandingIntent {
  id: number;
  resource: string;
  fromMs: number; // unix
  toMs: number;
  expected: number;
  probability: number;
}
export interface Declaration {
  intents: readonly StandingIntent[]; // that stand
  credibility: number; // of this peer's word, now
  refused: readonly { id: number; text: string }[];
}

export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number; // in all, waiting for a connection and retries included
  retry?: boolean; // ask again after a lost connection, or when the node says that it may succeed later
}

// localStorage is one. Whoever passes another: one client at a time uses it.
export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
