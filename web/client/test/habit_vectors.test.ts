// test/habit_vectors.json: what other implementations of the equations in src/habits.ts must answer (habits in C++ read it, too).
// FORESTAGE_WRITE_VECTORS=1 npm test   writes it anew: only when an equation has changed on purpose.
//
// A case: interval_seconds; zone: [from unix ms, minutes east of UTC], the newest that has come holds; ahead; most; steps in their order:
//   ["need", unix ms, resource]                      the peer needs it now
//   ["tick", unix ms, declared, revoked]             advance to this time, then what is to be declared, in this order, and revoked:
//                                                    [resource, from unix ms, probability] and [resource, from unix ms]; left out: none
// Probabilities agree to 1e-6.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HabitIntents, habitId } from '../src/habit_intents.js';
import { Habits } from '../src/habits.js';
import { Dice } from './support/agents.js';
import { dayMs, firstDay, hour, isWorkday } from './support/lives.js';
import type { Day } from './support/lives.js';

type Declared = [resource: string, fromMs: number, probability: number];
type Revoked = [resource: string, fromMs: number];
type Step = ['need', number, string] | ['tick', number, Declared[]?, Revoked[]?];
interface Case { name: string; interval_seconds: number; zone: [number, number][]; ahead: number; most: number; steps: Step[] }

const file = join(process.cwd(), 'test', 'habit_vectors.json');

// The steps with what this implementation answers.
function answered({ interval_seconds, zone, ahead, most, steps }: Case): Step[] {
  const offset = (ms: number): number => (zone.filter(([from]) => from <= ms).at(-1)?.[1] ?? 0) * 60_000;
  const habits = new Habits(interval_seconds, offset);
  const intents = new HabitIntents();
  const names = new Map<number, Revoked>();
  return steps.map((step) => {
    if (step[0] === 'need') {
      habits.need(step[2], step[1]);
      return step;
    }
    habits.advance(step[1]);
    const { declare, revoke } = intents.tick(habits, step[1], ahead, most);
    for (const { id, resource, fromMs } of declare) {
      assert.equal(id, habitId(resource, habits.intervalAt(fromMs)));
      names.set(id, [resource, fromMs]);
    }
    const declared = declare.map(({ resource, fromMs, probability }): Declared => [resource, fromMs, Number(probability.toFixed(9))]);
    const revoked = revoke.map((id) => names.get(id) ?? ['', 0] satisfies Revoked);
    return ['tick', step[1], ...(declared.length + revoked.length > 0 ? [declared] : []), ...(revoked.length > 0 ? [revoked] : [])] as Step;
  });
}

function lived(name: string, seconds: number, days: number, everySeconds: number, plan: Day, more: Partial<Case> = {}): Case {
  const zone = more.zone ?? [];
  const offset = (ms: number): number => (zone.filter(([from]) => from <= ms).at(-1)?.[1] ?? 0) * 60_000;
  const dice = new Dice(11);
  const steps: Step[] = [];
  for (let day = 0; day < days; ++day) {
    for (const [at, resource] of plan(dice, day)) {
      const local = (firstDay + day) * dayMs + Math.floor(at * 1_000);
      steps.push(['need', local - offset(local), resource]);
    }
    for (let at = 0; at < 86_400; at += everySeconds) steps.push(['tick', (firstDay + day) * dayMs + at * 1_000 + 1]);
  }
  steps.sort((a, b) => a[1] - b[1]);
  return { name, interval_seconds: seconds, zone, ahead: 12, most: 100, ...more, steps };
}

const cases = (): Case[] => [
  lived('daily, a fifth skipped', 900, 28, 2 * hour, (dice) => (dice.chance(0.8) ? [[9 * hour + dice.below(900), 'room/1']] : [])),
  lived('working days', 3_600, 35, 6 * hour, (_, day) => (isWorkday(day) ? [[9 * hour, 'desk']] : [])),
  lived('weekly, and once', 900, 50, 2 * hour, (_, day) => [...(day % 7 === 2 ? [[18 * hour, 'practice'] as [number, string]] : []), ...(day === 3 ? [[1, 'x'] as [number, string]] : [])]),
  lived('either of two intervals', 300, 24, hour, (dice) => [[9 * hour + dice.below(600), 'r']]),
  lived('it ends, then begins again', 3_600, 70, 12 * hour, (_, day) => (day < 20 || day > 60 ? [[7 * hour, 'bus'], [7 * hour, 'train']] : [])),
  lived('daylight saving time, around midnight', 1_800, 35, 3 * hour, () => [[600, 'late'], [23.75 * hour, 'later']], {
    zone: [[0, 60], [(firstDay + 20) * dayMs + hour * 1_000, 120]],
  }),
  lived('few may stand', 3_600, 12, 12 * hour, () => ['a', 'b', 'c', 'd'].map((name, i) => [(8 + i) * hour, name]), { most: 2 }),
  lived('promises that are all broken', 3_600, 4, hour, (_, day) => (day < 2 ? Array.from({ length: 22 }, (_, i): [number, string] => [i * hour, `r${i}`]) : [])),
  lived('at random, often', 3_600, 10, 2 * hour, (dice) => Array.from({ length: 20 }, (): [number, string] => [dice.below(86_400), 'r'])),
];

test('the equations give what test/habit_vectors.json says', () => {
  if (process.env['FORESTAGE_WRITE_VECTORS']) {
    const text = cases().map((one) => {
      const { steps, ...head } = { ...one, steps: answered(one) };
      return `${JSON.stringify(head).slice(0, -1)}, "steps": [\n${steps.map((step) => JSON.stringify(step)).join(',\n')}]}`;
    });
    writeFileSync(file, `{"format": 1, "cases": [\n${text.join(',\n')}]}\n`);
  }
  const { format, cases: read } = JSON.parse(readFileSync(file, 'utf8')) as { format: number; cases: Case[] };
  assert.equal(format, 1);
  let declared = 0;
  for (const one of read) {
    const got = answered(one);
    one.steps.forEach((step, i) => {
      if (step[0] === 'need') return;
      const where = `${one.name}, step ${i}`;
      const [, , wanted = [], revoked = []] = step;
      const [, , said = [], taken = []] = got[i] as typeof step;
      declared += wanted.length;
      assert.deepEqual(said.map(([resource, from]) => [resource, from]), wanted.map(([resource, from]) => [resource, from]), where);
      said.forEach(([, , p], k) => assert.ok(Math.abs(p - (wanted[k]?.[2] ?? Infinity)) < 1e-6, `${where}: ${p}`));
      assert.deepEqual(taken, revoked, where);
    });
  }
  assert.ok(declared > 100, `${declared} declared`);
});
