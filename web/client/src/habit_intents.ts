// Which intents stand because of habits: what is to be declared and revoked as time goes on. Pure.
import type { Expected, Habits } from './habits.js';
import type { StandingIntent } from './types.js';

export const firstHabitId = 2 ** 52; // an application's own ids are below
const declaredFrom = 0.25;
const revokedBelow = 0.2;
const moved = 0.1;

// The same after a restart, so that declaring again replaces: FNV-1a of "interval resource", 52 bits of it.
export function habitId(resource: string, interval: number): number {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of new TextEncoder().encode(`${interval} ${resource}`)) hash = ((hash ^ BigInt(byte)) * 0x100_0000_01b3n) & 0xffff_ffff_ffff_ffffn;
  return firstHabitId + Number(hash & 0xf_ffff_ffff_ffffn);
}

// The most probable first (to 1e-6, so that rounding decides nothing), of equals the soonest, then by name.
const order = (a: Expected, b: Expected): number =>
  Math.round(1e6 * b.probability) - Math.round(1e6 * a.probability) || a.interval - b.interval || (a.resource < b.resource ? -1 : 1);

export class HabitIntents {
  readonly #standing = new Map<number, Expected>();

  get standing(): number { return this.#standing.size; }

  // most: intents that the node lets stand for habits; the most probable are declared.
  tick(habits: Habits, unixMs: number, ahead: number, most: number): { declare: StandingIntent[]; revoke: number[] } {
    const now = habits.intervalAt(unixMs);
    const likely = new Map(habits.expected(unixMs, ahead, revokedBelow).map((one) => [habitId(one.resource, one.interval), one]));
    const revoke: number[] = [];
    for (const [id, { interval }] of this.#standing) {
      if (interval > now && likely.has(id)) continue;
      if (interval > now) revoke.push(id); // one whose time has come ends by itself
      this.#standing.delete(id);
    }
    const declare: StandingIntent[] = [];
    for (const [id, one] of [...likely].sort(([, a], [, b]) => order(a, b))) {
      const before = this.#standing.get(id);
      if (before === undefined ? one.probability < declaredFrom || this.#standing.size >= most : Math.abs(one.probability - before.probability) < moved) continue;
      this.#standing.set(id, one);
      declare.push({
        id, resource: one.resource, fromMs: habits.startMs(one.interval), toMs: habits.startMs(one.interval + 1), expected: 1, probability: one.probability,
      });
    }
    return { declare, revoke };
  }

  // The node has not taken it.
  refused(id: number): void {
    const one = this.#standing.get(id);
    if (one !== undefined) this.#standing.set(id, { ...one, probability: Number.NaN }); // never said again: NaN has not moved
  }
  // On another connection nothing stands.
  forget(): void {
    this.#standing.clear();
  }
}
