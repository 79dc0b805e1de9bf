// What outlives a page or a process: a session's name and reports, habits. Synchronous, since a report must be stored before it is sent.
import { restoreState, storedState } from './spool.js';
import type { SessionState } from './reports.js';
import type { KeyValueStore } from './types.js';

type Lock = (name: string, options: { ifAvailable: true }, held: (lock: unknown) => Promise<void> | undefined) => Promise<unknown>;
export interface Locks { request: Lock }
const mostTabs = 8;

// Pages of an origin share localStorage, but a session has one agent: each page takes a place of its own by a Web Lock, which the browser
// gives back when the page ends. undefined: no place is free, or it cannot be known; then nothing is stored.
export async function claimPlace(name: string, locks: Locks): Promise<{ place: number; release(): void } | undefined> {
  for (let place = 0; place < mostTabs; ++place) {
    const release = await new Promise<(() => void) | undefined>((resolve) => {
      const held = (lock: unknown): Promise<void> | undefined => {
        if (lock !== null) return new Promise<void>((done) => resolve(done));
        resolve(undefined);
        return undefined;
      };
      locks.request(`${name}/${place}`, { ifAvailable: true }, held).catch(() => resolve(undefined));
    });
    if (release !== undefined) return { place, release };
  }
  return undefined;
}

// Everything of one client, under keys of its own. A store that fails (full, forbidden) costs what would have been stored, nothing else.
export class Keeper {
  constructor(private readonly store: KeyValueStore | undefined, private readonly name: string, private readonly place: number, private readonly events: number) {}

  // Of several pages, the first one alone learns and declares habits: an intent is declared once.
  get mayKeepHabits(): boolean { return this.place === 0; }

  #read(key: string): unknown {
    try {
      return JSON.parse(this.store?.getItem(`${this.name}/${key}`) ?? 'null');
    } catch {
      return null;
    }
  }
  #write(key: string, value: unknown): void {
    const at = `${this.name}/${key}`;
    try {
      this.store?.setItem(at, JSON.stringify(value));
    } catch {
      // What is old must not stay: a session that went on from it would number new reports like old ones.
      try {
        this.store?.removeItem(at);
      } catch { /* it can neither be written nor removed: nor read, then */ }
    }
  }

  session(): { session: string; state: SessionState } | undefined {
    const stored = this.#read(`session/${this.place}`) as { session?: unknown; state?: unknown } | null;
    const state = restoreState(stored?.state);
    return typeof stored?.session === 'string' && /^[!-~]{16,64}$/.test(stored.session) && state !== undefined ? { session: stored.session, state } : undefined;
  }
  keepSession(session: string, state: SessionState): void {
    if (this.store !== undefined) this.#write(`session/${this.place}`, { session, state: storedState(state, this.events) });
  }
  habits(): unknown { return this.#read('habits'); }
  keepHabits(habits: unknown): void { this.#write('habits', habits); }
}
