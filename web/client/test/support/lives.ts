// Peers that live by the hour, for tests of habits: what they need, and what is said of it at the beginning of every interval.
import { Habits } from '../../src/habits.js';
import type { ZoneOffset } from '../../src/habits.js';
import { Dice } from './agents.js';

export const firstDay = 20_458; // 2026-01-05, a Monday
export const dayMs = 86_400_000;
export const hour = 3_600;
export type Day = (dice: Dice, day: number) => [seconds: number, resource: string][]; // local; day 0 is the Monday

export interface Said {
  day: number;
  probability: number;
  resource: string;
  startMs: number;
  kept: boolean;
}

export function live(habits: Habits, days: number, seed: number, plan: Day, zone: ZoneOffset = () => 0): Said[] {
  const dice = new Dice(seed);
  const said: Said[] = [];
  const width = habits.intervalSeconds * 1_000;
  const events: [number, string][] = [];
  for (let day = 0; day < days; ++day)
    for (const [seconds, resource] of plan(dice, day)) {
      const local = (firstDay + day) * dayMs + seconds * 1_000;
      events.push([local - zone(local), resource]);
    }
  events.sort(([a], [b]) => a - b);
  const needed = new Set(events.map(([at, resource]) => `${Math.floor(at / width)} ${resource}`));
  let next = 0;
  for (let start = firstDay * dayMs; start < (firstDay + days) * dayMs; start += width) {
    habits.advance(start - 1);
    for (const { resource, interval, probability } of habits.expected(start - 1, 1, 0.25))
      said.push({ day: Math.floor(start / dayMs) - firstDay, probability, resource, startMs: start, kept: needed.has(`${interval} ${resource}`) });
    for (; (events[next]?.[0] ?? Infinity) < start + width; ++next) habits.need(events[next]![1], events[next]![0]);
  }
  return said;
}

export const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
export const isWorkday = (day: number): boolean => day % 7 < 5;
// Requests at random, so many a day.
export const poisson = (rate: number, resource = 'r'): Day => (dice) => {
  const out: [number, string][] = [];
  for (let at = 0; (at += (-Math.log(1 - dice.uniform()) * 86_400) / rate) < 86_400; ) out.push([at, resource]);
  return out;
};
