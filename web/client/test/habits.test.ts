// What habits promise: a habit is declared with its probability, what is no habit is not, within bounds, whatever comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HabitIntents, firstHabitId, habitId } from '../src/habit_intents.js';
import { habitual, level, lnGamma } from '../src/habit_levels.js';
import { mostSlots } from '../src/habit_resource.js';
import { Habits } from '../src/habits.js';
import { Dice, seedOf } from './support/agents.js';
import { dayMs, firstDay, hour, isWorkday, live, mean, poisson } from './support/lives.js';
import type { Said } from './support/lives.js';

const utc = (): number => 0;
const seeds = Array.from({ length: 5 }, (_, i) => seedOf(40) + i);
const probabilities = (said: Said[]): number[] => said.map((one) => one.probability);

test('a daily habit with a fifth of the days skipped is declared with about .8 after two weeks', () => {
  for (const seconds of [300, 900, 3_600]) {
    const said = seeds.flatMap((seed) =>
      live(new Habits(seconds, utc), 42, seed, (dice) => (dice.chance(0.8) ? [[9 * hour + dice.below(seconds), 'room/1']] : [])).filter((one) => one.day >= 14));
    const about = mean(probabilities(said));
    assert.ok(about > 0.74 && about < 0.86, `${seconds} s: ${about}`);
    assert.ok(said.length > 0.97 * 28 * seeds.length && said.length <= 28 * seeds.length, `${said.length} declared`);
    assert.ok(said.every((one) => (one.startMs / 1_000) % 86_400 === 9 * hour));
  }
});

test('what is declared comes as often as it was said to', () => {
  const said = seeds.flatMap((seed) =>
    live(new Habits(900, utc), 60, seed, (dice, day) => [
      ...(dice.chance(0.9) ? [[9 * hour, 'standup'] as [number, string]] : []),
      ...(isWorkday(day) && dice.chance(0.6) ? [[14 * hour, 'review'] as [number, string]] : []),
      ...(dice.chance(0.4) ? [[20 * hour + 900 * dice.below(2), 'game'] as [number, string]] : []),
    ]));
  for (const [low, high] of [[0.25, 0.5], [0.5, 0.75], [0.75, 1]] as const) {
    const some = said.filter((one) => one.day >= 14 && one.probability >= low && one.probability < high);
    const [promised, kept] = [mean(probabilities(some)), mean(some.map((one) => (one.kept ? 1 : 0)))];
    assert.ok(some.length > 50 && Math.abs(promised - kept) < 0.1, `${some.length} between ${low} and ${high}: said ${promised}, came ${kept}`);
  }
});

test('a habit of working days rests at the weekend after four weeks', () => {
  const said = live(new Habits(300, utc), 56, 1, (_, day) => (isWorkday(day) ? [[9 * hour, 'desk']] : [])).filter((one) => one.day >= 28);
  assert.equal(said.length, 20);
  assert.ok(said.every((one) => isWorkday(one.day) && one.probability > 0.9));
});

test('a weekly habit is declared from its fourth time on, and on no other day', () => {
  const said = live(new Habits(300, utc), 70, 1, (_, day) => (day % 7 === 2 ? [[18 * hour, 'practice']] : []));
  assert.deepEqual(said.map((one) => one.day), [23, 30, 37, 44, 51, 58, 65]);
});

test('one occurrence is no habit, nor is the second at once a certainty', () => {
  for (const seconds of [60, 300, 3_600]) {
    assert.deepEqual(live(new Habits(seconds, utc), 21, 1, (_, day) => (day === 0 ? [[9 * hour, 'r']] : [])), []);
    const twice = live(new Habits(seconds, utc), 3, 1, (_, day) => (day < 2 ? [[9 * hour, 'r']] : []));
    assert.ok(twice.every((one) => one.probability < 0.75));
  }
});

test('requests at random are not declared', () => {
  for (const rate of [0.3, 1, 5, 40]) {
    const said = seeds.flatMap((seed) => live(new Habits(300, utc), 42, seed, poisson(rate)));
    assert.ok(said.length <= 0.1 * 42 * seeds.length, `${rate} a day: ${said.length} declared on ${42 * seeds.length} days`);
  }
});

test('a resource that is needed at all hours is declared with its rate, for that is what it is', () => {
  const said = live(new Habits(3_600, utc), 42, 3, poisson(20)).filter((one) => one.day >= 14);
  const rate = 1 - Math.exp(-20 / 24);
  assert.ok(Math.abs(mean(probabilities(said)) - rate) < 0.1);
});

test('a habit of neighbouring intervals is seen as one', () => {
  const said = seeds.flatMap((seed) => live(new Habits(300, utc), 42, seed, (dice) => [[9 * hour + dice.below(600), 'r']]).filter((one) => one.day >= 14));
  assert.ok(said.length > 1.5 * 28 * seeds.length, `${said.length}`);
  assert.ok(Math.abs(mean(probabilities(said)) - 0.5) < 0.1, `${mean(probabilities(said))}`);
});

test('a habit that ends is soon not declared any more', () => {
  const said = live(new Habits(300, utc), 80, 1, (_, day) => (day < 40 ? [[9 * hour, 'r']] : []));
  const after = said.filter((one) => one.day >= 40);
  assert.ok(after.length < 21 && (after.at(-1)?.probability ?? 1) < 0.5, `${after.length}, ${after.at(-1)?.probability}`);
});

test('habits follow local time over a change to daylight saving time', () => {
  const change = Date.UTC(2026, 2, 29, 1); // Europe: 2026-03-29, 01:00 UTC
  const zone = (ms: number): number => (ms < change ? 1 : 2) * hour * 1_000;
  const said = live(new Habits(900, zone), 100, 1, () => [[9 * hour, 'r']], zone).filter((one) => one.day > 76 && one.day < 90);
  assert.ok(said.length >= 12 && said.every((one) => one.kept && one.probability > 0.9));
  assert.deepEqual([...new Set(said.map((one) => new Date(one.startMs).getUTCHours()))], [8, 7]);
});

test('memory is bounded, whatever is needed, and names used once push out no habit', () => {
  const habits = new Habits(300, utc);
  const dice = new Dice(1);
  live(habits, 12, 1, (_, day) => [
    [9 * hour, 'habit'] as [number, string],
    ...Array.from({ length: 40 }, (_, i): [number, string] => [dice.below(86_400), `call/${day}/${i}`]),
    ...Array.from({ length: 300 }, (): [number, string] => [dice.below(86_400), 'always']),
  ]);
  assert.equal(habits.resources, 64);
  const stored = habits.toJSON() as { resources: [string, number[]][] };
  assert.ok(stored.resources.every(([, one]) => one.length <= 7 + 3 * mostSlots));
  const names = stored.resources.map(([name]) => name);
  assert.ok(names.includes('habit') && names.includes('always'));
  assert.ok(JSON.stringify(stored).length < 300_000);
});

test('state goes to JSON and back, and what is not such a state is not used', () => {
  const plan = (_: Dice, day: number): [number, string][] => [[9 * hour, 'a'], ...(isWorkday(day) ? [[10 * hour + 300, 'b'] as [number, string]] : [])];
  const habits = new Habits(300, utc);
  live(habits, 30, 1, plan);
  const stored = JSON.parse(JSON.stringify(habits)) as Record<string, unknown>;
  const again = Habits.fromJSON(stored, 300, utc);
  assert.deepEqual(JSON.parse(JSON.stringify(again)), stored);
  const at = (firstDay + 30) * dayMs + 8.5 * hour * 1_000;
  assert.deepEqual(again.expected(at, 12, 0.2), habits.expected(at, 12, 0.2));
  assert.equal(habits.expected(at, 12, 0.2).length, 1);
  for (const bad of [null, 3, 'x', {}, { ...stored, format: 9 }, { ...stored, seconds: 60 }, { ...stored, kept: [Number.NaN, 0] }, { ...stored, resources: [['a', [1, 2]]] },
    { ...stored, resources: [['a', [5, 1, 1, 4, 0, 0, 0]]] }, { ...stored, resources: [['a', [5, 1, 1, 6, 0, 0, 0, -1, 1, 6]]] }])
    assert.equal(Habits.fromJSON(bad, 300, utc).resources, 0, JSON.stringify(bad)?.slice(0, 80));
  assert.equal(Habits.fromJSON(stored, 900, utc).resources, 0, 'another grid is another history');
});

test('nothing is ever not a number, whatever the clock, the zone and the grid do', () => {
  for (const seed of seeds) {
    const dice = new Dice(seed);
    for (const seconds of [1, 60, 3_600, 43_200, 86_400, 7, 0, Number.NaN, -5]) {
      const habits = new Habits(seconds, () => (dice.below(27) - 12) * hour * 1_000);
      let now = firstDay * dayMs;
      for (let i = 0; i < 150; ++i) {
        now += dice.chance(0.1) ? (dice.below(60) - 30) * dayMs : dice.below(3 * hour * 1_000);
        if (dice.chance(0.7)) habits.need(`r${dice.below(4)}`, now);
        else habits.advance(dice.chance(0.05) ? Number.NaN : now);
        for (const { probability } of habits.expected(now, 3, 0)) assert.ok(probability >= 0 && probability <= 0.98, `seed ${seed}: ${probability}`);
      }
      assert.ok(!JSON.stringify(habits).includes('null'));
    }
  }
});

test('a level with no evidence says what the one before says, much evidence what was seen', () => {
  assert.ok(Math.abs(level({ n: 0, e: 0 }, 0.3, 0.001).p - 0.3) < 0.001);
  assert.ok(Math.abs(level({ n: 15, e: 19 }, 0.01, 0.001).p - 16 / 21) < 0.001);
  for (let n = 0; n <= 20; ++n)
    for (let e = 0; e <= 20; ++e) {
      const p = habitual({ n, e }, { n: n / 2, e: e / 2 }, { n: n / 7, e: e / 7 }, n, 288);
      assert.ok(p > 0 && p < 1, `${n} of ${e}: ${p}`);
    }
  for (const [x, value] of [[1, 0], [0.5, 0.5723649429247001], [5, 3.1780538303479458], [20.5, 40.8315009745308]] as const)
    assert.ok(Math.abs(lnGamma(x) - value) < 1e-9, `${x}: ${lnGamma(x)}`);
});

test('intents are declared once, stand, are revoked when the habit is broken, and end by themselves', () => {
  const habits = new Habits(300, utc);
  live(habits, 14, 1, () => [[9 * hour, 'r']]);
  const intents = new HabitIntents();
  const at = (h: number): number => (firstDay + 14) * dayMs + h * hour * 1_000;
  assert.deepEqual(intents.tick(habits, at(7.9), 12, 100).declare, []);
  const { declare, revoke } = intents.tick(habits, at(8), 12, 100);
  assert.deepEqual(revoke, []);
  assert.equal(declare.length, 1);
  const [intent] = declare;
  assert.deepEqual([intent?.resource, intent?.fromMs, intent?.toMs, intent?.expected], ['r', at(9), at(9) + 300_000, 1]);
  assert.ok(intent && intent.probability > 0.9 && intent.id >= firstHabitId && Number.isSafeInteger(intent.id));
  assert.equal(intent.id, habitId('r', habits.intervalAt(at(9))));
  assert.deepEqual(intents.tick(habits, at(8.5), 12, 100), { declare: [], revoke: [] });
  assert.deepEqual(intents.tick(Habits.fromJSON(null, 300, utc), at(8.6), 12, 100), { declare: [], revoke: [intent.id] });
  assert.equal(intents.tick(habits, at(8.7), 12, 100).declare.length, 1);
  assert.deepEqual([intents.tick(habits, at(9.01), 12, 100), intents.standing], [{ declare: [], revoke: [] }, 0]);
  assert.equal(intents.tick(habits, at(8) + dayMs, 12, 0).declare.length, 0, 'no more than the node lets stand');
});
