// Habits: what this peer needs again and again, learned from its own needs, on its own device. Only intents leave it. Pure: time, the
// time zone and what was needed are passed in; `toJSON()` and `fromJSON()` are all that is stored.
//
// Time is divided as the node divides it: interval k = floor(t / w), w seconds each, N = 86,400 / w a day. An interval's local time, its
// start plus the zone's offset then, gives its local day D (days since 1970-01-01), day of the week d = (D + 4) mod 7 (0: Sunday) and slot
// s = floor(local seconds of day / w); u = d N + s is its slot of the week. Daylight saving so follows the peer.
//
// For each resource, at most 64, and 168 slots of the week of each: c(u), how often it was needed in that slot, at most once a local day,
// forgotten with a half-life of 14 days, lambda = 2^(-1/14) a day; T, the same over all slots; D0, the day it was first needed. For a
// target interval (D, d, s), what was needed on day D itself is left out, and days before count lambda^(D - D').
//
//   smoothed     c_h(u) = sum_j k_h(j) c(u + j), circular; h = 0: (1), 1: (1 2 1) / 4, 2: (1 2 3 2 1) / 9
//   all days     n_a = sum_d c_h(d N + s),                   e_a = sum of lambda^(D - D') over D' = D0 .. D - 1
//   like days    n_b, e_b: the same over Monday to Friday, or over Saturday and Sunday, whichever D is one of
//   this weekday n_c, e_c: the same over days of the week d
//   base rate    r = T / ((e_a + 4) N), at least 1e-9, at most .95
//
// Each level asks whether it knows better than the one before, whose probability is p0, with prior odds of f to 1 - f:
//
//   B  = Beta(n + 1, e - n + 1) / (p0^n (1 - p0)^(e - n))            the Bayes factor: an own rate, uniform on (0, 1), against p0
//   q  = f B / (f B + 1 - f)
//   p  = q (n + 1) / (e + 2) + (1 - q) p0                             n at most e
//   p = r where n_a = 0; else
//   all days: p0 = r, f = f0 = .1 / N; like days: f = max(f0, .3 q_a); this weekday: f = max(f0 / 7, .2 max(q_a, q_b))
//
// So one occurrence is no habit (f0 falls with the number of slots in which chance could repeat it), and a habit's own gaps shape it.
// h is, for each resource, the one whose squared errors have been least (forgotten at .98 an interval in which one of the three said at
// least .05 or the resource was needed; the smallest of equals). Calibration, over all resources, in two classes, p below .5 and from .5 on:
// of the intervals for which p was at least .15, when they have ended (of those without the agent running, the first 48), M sums p and K
// what was needed (both forgotten at 1/256 each);
//
//   said = min(.98, p max(.2, min(1.5, (K + 4) / (M + 4))))
//
// An intent is declared for an interval 1 .. ahead intervals from now for which said >= .25; it is revoked when said < .2, and said again
// when it has moved by .1. References: Jeffreys 1961 (Bayes factors), Good 1965 (shrinkage of sparse counts).
import { weekday } from './habit_levels.js';
import { ResourceHabit } from './habit_resource.js';

export interface Expected {
  resource: string;
  interval: number;
  probability: number; // as it is said
}
// Milliseconds east of UTC at a time.
export type ZoneOffset = (unixMs: number) => number;

export const mostAhead = 48;
const format = 1;
const secondsOfDay = 86_400;
const mostResources = 64;
const weighed = 0.15;
const priorWorth = 4;
const outcomeForgets = 1 - 1 / 256;

export class Habits {
  readonly #seconds: number;
  readonly #slots: number; // of a day
  readonly #resources = new Map<string, ResourceHabit>();
  #open = -1; // the interval that has not ended; -1: nothing has happened yet
  #needed = new Set<string>(); // in it
  // Of p below .5, and from .5 on.
  #promised: [number, number] = [0, 0];
  #kept: [number, number] = [0, 0];

  // intervalSeconds: 1 to 86,400 and a divisor of a day; any other, and nothing is learned or said.
  constructor(intervalSeconds: number, private readonly offset: ZoneOffset) {
    const fits = Number.isInteger(intervalSeconds) && intervalSeconds >= 1 && secondsOfDay % intervalSeconds === 0;
    this.#seconds = fits ? intervalSeconds : secondsOfDay;
    this.#slots = fits ? secondsOfDay / intervalSeconds : 0;
  }

  get resources(): number { return this.#resources.size; }
  get intervalSeconds(): number { return this.#seconds; }
  intervalAt(unixMs: number): number { return Math.floor(unixMs / (this.#seconds * 1_000)); }
  startMs(interval: number): number { return interval * this.#seconds * 1_000; }
  #said(p: number): number {
    const i = p < 0.5 ? 0 : 1;
    return Math.min(0.98, p * Math.max(0.2, Math.min(1.5, (this.#kept[i] + priorWorth) / (this.#promised[i] + priorWorth))));
  }

  #local(interval: number): { day: number; slot: number } {
    const ms = this.startMs(interval);
    const seconds = Math.floor((ms + this.offset(ms)) / 1_000);
    const day = Math.floor(seconds / secondsOfDay);
    return { day, slot: Math.floor((seconds - day * secondsOfDay) / this.#seconds) };
  }

  // The peer needs the resource now.
  need(resource: string, unixMs: number): void {
    if (this.#slots === 0 || !Number.isFinite(unixMs) || unixMs < 0) return;
    this.advance(unixMs);
    const interval = this.intervalAt(unixMs);
    if (interval !== this.#open) return; // the clock was set back
    const { day, slot } = this.#local(interval);
    let habit = this.#resources.get(resource);
    if (habit === undefined) {
      if (this.#resources.size >= mostResources) this.#forgetOne(day);
      habit = new ResourceHabit(day);
      this.#resources.set(resource, habit);
    }
    habit.needed(day, weekday(day) * this.#slots + slot);
    this.#needed.add(resource);
  }

  #forgetOne(day: number): void {
    let least = Infinity;
    let which = '';
    for (const [name, habit] of this.#resources) {
      const worth = habit.worth(day);
      if (worth < least) [least, which] = [worth, name];
    }
    this.#resources.delete(which);
    this.#needed.delete(which);
  }

  // Time goes on: intervals that have ended are compared with what was said of them. After a gap, only those that something can have
  // been said of before it.
  advance(unixMs: number): void {
    if (this.#slots === 0 || !Number.isFinite(unixMs) || unixMs < 0) return;
    const now = this.intervalAt(unixMs);
    if (this.#open >= 0 && now < this.#open - this.#slots) this.#setBack(now);
    if (this.#open < 0 || now < this.#open) {
      if (this.#open < 0) this.#open = now;
      return; // a clock that was set back a little: until it has caught up, nothing ends
    }
    for (let last = Math.min(now, this.#open + mostAhead + 1); this.#open < last; ++this.#open) {
      this.#end(this.#open);
      this.#needed.clear();
    }
    this.#open = now;
  }

  #end(interval: number): void {
    const { day, slot } = this.#local(interval);
    for (const [name, habit] of this.#resources) {
      const needed = this.#needed.has(name);
      const p = habit.probability(day, slot, this.#slots, habit.kernel());
      if (p >= weighed) {
        const i = p < 0.5 ? 0 : 1;
        this.#promised[i] = outcomeForgets * this.#promised[i] + p;
        this.#kept[i] = outcomeForgets * this.#kept[i] + (needed ? 1 : 0);
      }
      habit.ended(day, slot, this.#slots, needed);
    }
  }

  // A clock that was days ahead has been corrected: what it said to be needed in days to come is not known.
  #setBack(now: number): void {
    const { day } = this.#local(now);
    for (const [name, habit] of this.#resources) if (habit.lastDay > day) this.#resources.delete(name);
    this.#needed.clear();
    this.#open = now;
  }

  // Of the intervals 1 .. ahead after the one of unixMs: what is at least so probable.
  expected(unixMs: number, ahead: number, atLeast: number): Expected[] {
    const out: Expected[] = [];
    if (this.#slots === 0 || !Number.isFinite(unixMs) || unixMs < 0) return out;
    const now = this.intervalAt(unixMs);
    for (let interval = now + 1; interval <= now + ahead; ++interval) {
      const { day, slot } = this.#local(interval);
      for (const [resource, habit] of this.#resources) {
        const probability = this.#said(habit.probability(day, slot, this.#slots, habit.kernel()));
        if (probability >= atLeast) out.push({ resource, interval, probability });
      }
    }
    return out;
  }

  toJSON(): unknown {
    return {
      format, seconds: this.#seconds, open: this.#open, needed: [...this.#needed], promised: this.#promised, kept: this.#kept,
      resources: [...this.#resources].map(([name, habit]) => [name, habit.stored()]),
    };
  }

  // Of something that toJSON() did not write, or of another interval: habits that know nothing yet.
  static fromJSON(stored: unknown, intervalSeconds: number, offset: ZoneOffset): Habits {
    const out = new Habits(intervalSeconds, offset);
    const { format: written, seconds, open, needed, promised, kept, resources } = (stored ?? {}) as Record<string, unknown>;
    if (written !== format || seconds !== intervalSeconds || !Number.isInteger(open) || !Array.isArray(needed) || !areSums(promised) || !areSums(kept)) return out;
    if (!Array.isArray(resources) || resources.length > mostResources) return out;
    const read: [string, ResourceHabit][] = [];
    for (const entry of resources as unknown[]) {
      if (!Array.isArray(entry) || typeof entry[0] !== 'string') return out;
      const habit = ResourceHabit.restore(entry[1], 7 * out.#slots);
      if (habit === undefined) return out;
      read.push([entry[0], habit]);
    }
    for (const [name, habit] of read) out.#resources.set(name, habit);
    [out.#open, out.#promised, out.#kept] = [open as number, [...promised], [...kept]];
    out.#needed = new Set(needed.filter((name): name is string => typeof name === 'string' && out.#resources.has(name)));
    return out;
  }
}

const areSums = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((sum) => typeof sum === 'number' && Number.isFinite(sum) && sum >= 0);
