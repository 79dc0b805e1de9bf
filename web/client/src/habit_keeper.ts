// Habits beside a connection: learns from what is needed, declares at the beginning of every interval, stores what was learned.
import type { Declare } from './gen/agent_pb.js';
import { HabitIntents } from './habit_intents.js';
import { Habits } from './habits.js';
import type { Keeper } from './storage.js';
import type { StandingIntent } from './types.js';

export type Declarer = (intents: readonly StandingIntent[]) => Promise<{ refused: readonly { id: number }[] }>;

const mostEarly = 64;
const spread = 0.1; // of an interval: agents do not all declare at once
const longestTimer = 2 ** 31 - 1;
const zoneOffset = (ms: number): number => -new Date(ms).getTimezoneOffset() * 60_000;

export class HabitKeeper {
  #habits: Habits | undefined;
  #early: [resource: string, unixMs: number][] = []; // before the node has said how long an interval is
  #intents = new HabitIntents();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #most = 0;
  #peer = ''; // whose habits they are

  constructor(
    private readonly ahead: number, private readonly keeper: Keeper, private readonly unix: () => number, private readonly declare: Declarer,
    private readonly revoke: (ids: readonly number[]) => void,
  ) {}

  need(resource: string): void {
    if (this.#habits !== undefined) this.#habits.need(resource, this.unix());
    else if (this.#early.length < mostEarly) this.#early.push([resource, this.unix()]);
  }

  // Nobody's habits are declared for another one: what was stored for another peer is forgotten.
  opened(peer: string, intervalSeconds: number, mostIntents: number): void {
    if (this.#habits?.intervalSeconds !== intervalSeconds || this.#peer !== peer) {
      const stored = this.keeper.habits() as { peer?: unknown; habits?: unknown } | null;
      this.#habits = Habits.fromJSON(stored?.peer === peer ? stored.habits : null, intervalSeconds, zoneOffset);
      this.#peer = peer;
    }
    for (const [resource, at] of this.#early) this.#habits.need(resource, at);
    this.#early = [];
    this.#most = Math.floor(mostIntents / 2); // the rest is the application's
    this.#intents.forget();
    this.#tick();
  }
  closed(): void {
    clearTimeout(this.#timer);
  }
  store(): void {
    if (this.#habits !== undefined) this.keeper.keepHabits({ peer: this.#peer, habits: this.#habits });
  }

  #tick(): void {
    const habits = this.#habits;
    if (habits === undefined) return;
    const now = this.unix();
    habits.advance(now);
    this.store();
    const { declare, revoke } = this.#intents.tick(habits, now, this.ahead, this.#most);
    if (revoke.length > 0) this.revoke(revoke);
    if (declare.length > 0)
      this.declare(declare).then(({ refused }) => refused.forEach(({ id }) => this.#intents.refused(id)), () => this.#intents.forget()); // the next tick tries again
    const next = habits.startMs(habits.intervalAt(now) + 1) + Math.random() * spread * habits.intervalSeconds * 1_000;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), Math.min(longestTimer, next - now));
  }
}

export const declareFrame = (intents: readonly StandingIntent[]): Declare => ({
  $typeName: 'forestage.v1.Declare', question: 0n,
  intents: intents.map(({ id, resource, fromMs, toMs, expected, probability }) => ({
    $typeName: 'forestage.v1.Intent', id: BigInt(id), resource, fromMs: BigInt(fromMs), toMs: BigInt(toMs), expected, probability,
  })),
});
