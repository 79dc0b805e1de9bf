// WebSockets and random bytes of whatever runs this: a browser, or Node with or without a WebSocket of its own.
import { invalid } from './errors.js';

interface SocketEvent {
  data?: unknown;
  code?: number;
  reason?: string;
}
// What is used of a WebSocket: the browser's, Node's and that of the package ws have it.
export interface SocketLike {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'close' | 'message' | 'error', listener: (event: SocketEvent) => void): void;
}
// Loose on purpose: the types of browsers and of ws name the same events differently.
export type WebSocketConstructor = new (url: string) => { send(data: Uint8Array<ArrayBuffer>): void; close(code?: number, reason?: string): void };

// Node's modules, not to be bundled for browsers.
const load = (name: string): Promise<unknown> => import(/* webpackIgnore: true */ /* @vite-ignore */ name);

export async function findWebSocket(given: WebSocketConstructor | undefined): Promise<WebSocketConstructor> {
  const found = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (found !== undefined) return found;
  try {
    return ((await load('ws')) as { WebSocket: WebSocketConstructor }).WebSocket;
  } catch {
    throw invalid('there is no WebSocket here: npm install ws (Node has one of its own from version 22 on), or pass the option WebSocket');
  }
}

// 32 characters that nobody guesses.
export async function randomName(): Promise<string> {
  const random = (globalThis.crypto as Crypto | undefined) ?? ((await load('node:crypto')) as { webcrypto: Crypto }).webcrypto;
  return Array.from(random.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
