// What habits.ts keeps of one resource. Bounded: mostSlots slots of the week; the least worth is forgotten first.
import { alike, dayForgets, exposure, habitual, weekday } from './habit_levels.js';

export const mostSlots = 168;
const kernels = [[1], [1 / 4, 1 / 2, 1 / 4], [1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9]] as const;
const lossForgets = 0.98;
const speaks = 0.05;

interface Slot {
  count: number; // c(u) as of `day`, the newest day it was needed on included
  day: number;
}
// [first day, T before `day`, T on `day`, day, the three losses, then slot of the week, count and day of each]
export type StoredResource = [number, number, number, number, number, number, number, ...number[]];

const since = (day: number, then: number): number => dayForgets ** Math.max(0, day - then);

export class ResourceHabit {
  readonly #slots = new Map<number, Slot>();
  #before = 0;
  #today = 0;
  #losses: [number, number, number] = [0, 0, 0];
  // Of each day of the week, as seen from a day: the same for all slots of it.
  #exposures = { day: Number.NaN, of: [0, 0, 0, 0, 0, 0, 0] };

  constructor(readonly firstDay: number, private day: number = firstDay) {}

  get slots(): number { return this.#slots.size; }
  get lastDay(): number { return this.day; }
  // T, for the choice of what to forget.
  worth(day: number): number { return (this.#before + this.#today) * since(day, this.day); }

  needed(day: number, slotOfWeek: number): void {
    const slot = this.#slots.get(slotOfWeek);
    if (slot !== undefined && slot.day >= day) return; // once a day
    if (day > this.day) {
      this.#before = (this.#before + this.#today) * since(day, this.day);
      this.#today = 0;
      this.day = day;
    }
    ++this.#today;
    if (slot === undefined && this.#slots.size >= mostSlots) this.#forgetOne(day);
    this.#slots.set(slotOfWeek, { count: 1 + (slot === undefined ? 0 : slot.count * since(day, slot.day)), day });
  }

  #forgetOne(day: number): void {
    let least = Infinity;
    let which = -1;
    for (const [key, slot] of this.#slots) {
      const worth = slot.count * since(day, slot.day);
      if (worth < least) [least, which] = [worth, key];
    }
    this.#slots.delete(which);
  }

  // c(u) as seen from a day, without that day.
  #count(day: number, slotOfWeek: number): number {
    const slot = this.#slots.get(slotOfWeek);
    if (slot === undefined) return 0;
    return (slot.day >= day ? slot.count - 1 : slot.count) * since(day, slot.day);
  }

  #exposure(day: number): readonly number[] {
    if (this.#exposures.day !== day) this.#exposures = { day, of: this.#exposures.of.map((_, other) => exposure(day, this.firstDay, other)) };
    return this.#exposures.of;
  }

  // h: which kernel.
  probability(day: number, slot: number, slotsOfDay: number, h: number): number {
    const week = 7 * slotsOfDay;
    const kernel = kernels[h] ?? kernels[0];
    const d = weekday(day);
    const all = { n: 0, e: 0 };
    const like = { n: 0, e: 0 };
    const own = { n: 0, e: 0 };
    this.#exposure(day).forEach((e, other) => {
      let n = 0;
      kernel.forEach((share, j) => {
        n += share * this.#count(day, (other * slotsOfDay + slot + j - h + week) % week);
      });
      for (const [evidence, counts] of [[all, true], [like, alike(d, other)], [own, d === other]] as const) {
        if (!counts) continue;
        evidence.n += n;
        evidence.e += e;
      }
    });
    const total = (day > this.day ? this.#before + this.#today : this.#before) * since(day, this.day);
    return habitual(all, like, own, total, slotsOfDay);
  }

  kernel(): number {
    const [sharp, near, wide] = this.#losses;
    return sharp <= near && sharp <= wide ? 0 : near <= wide ? 1 : 2;
  }

  // The interval has ended: which kernel was right.
  ended(day: number, slot: number, slotsOfDay: number, needed: boolean): void {
    const said = [0, 1, 2].map((h) => this.probability(day, slot, slotsOfDay, h));
    if (!needed && said.every((p) => p < speaks)) return;
    this.#losses = this.#losses.map((loss, h) => lossForgets * loss + ((said[h] ?? 0) - (needed ? 1 : 0)) ** 2) as [number, number, number];
  }

  stored(): StoredResource {
    const out: StoredResource = [this.firstDay, this.#before, this.#today, this.day, ...this.#losses];
    for (const [key, { count, day }] of this.#slots) out.push(key, count, day);
    return out;
  }
  // undefined: nothing that stored() wrote.
  static restore(stored: unknown, slotsOfWeek: number): ResourceHabit | undefined {
    if (!Array.isArray(stored) || stored.length < 7 || (stored.length - 7) % 3 !== 0 || stored.length > 7 + 3 * mostSlots) return undefined;
    if (!stored.every((value): value is number => typeof value === 'number' && Number.isFinite(value))) return undefined;
    const [first, before, today, day, ...rest] = stored as StoredResource;
    if (!Number.isInteger(first) || !Number.isInteger(day) || day < first || Math.min(before, today, ...rest) < 0) return undefined;
    const out = new ResourceHabit(first, day);
    [out.#before, out.#today] = [before, today];
    out.#losses = [rest[0], rest[1], rest[2]];
    for (let i = 3; i < rest.length; i += 3) {
      const [key, count, when] = rest.slice(i, i + 3) as [number, number, number];
      if (!Number.isInteger(key) || key >= slotsOfWeek || count < 1 || !Number.isInteger(when) || when > day) return undefined;
      out.#slots.set(key, { count, day: when });
    }
    return out;
  }
}
