// What outlives a client: its session and reports, habits; and pages that share a storage.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { connect } from '../src/index.js';
import type { Client, ConnectOptions, KeyValueStore } from '../src/index.js';
import { Keeper, claimPlace } from '../src/storage.js';
import type { Locks } from '../src/storage.js';
import { FakeNode } from './support/fake_node.js';
import { dayMs, firstDay, hour } from './support/lives.js';

class Store implements KeyValueStore {
  readonly map = new Map<string, string>();
  full = false;
  getItem(key: string): string | null { return this.map.get(key) ?? null; }
  setItem(key: string, value: string): void {
    if (this.full) throw new Error('QuotaExceededError');
    this.map.set(key, value);
  }
  removeItem(key: string): void { this.map.delete(key); }
}
async function until(what: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !what(); await new Promise((resolve) => setTimeout(resolve, 2))) assert.ok(performance.now() < end, String(what));
}
async function withNode(run: (node: FakeNode, join: (options?: Partial<ConnectOptions>) => Promise<Client>) => Promise<void>): Promise<void> {
  const node = await new FakeNode().start();
  const clients: Client[] = [];
  try {
    await run(node, async (options = {}) => {
      clients.push(await connect({ url: node.url, WebSocket, reportAfterMs: 1, longestWaitMs: 250, ...options }));
      return clients.at(-1) as Client;
    });
  } finally {
    for (const client of clients) await client.close(0);
    await node.stop();
  }
}
const hellos = (node: FakeNode) => node.heard.flatMap((said) => (said.case === 'hello' ? [said.value] : []));

test('reports that were not acknowledged outlive the client, and count once', () =>
  withNode(async (node, join) => {
    const storage = new Store();
    const first = await join({ storage });
    first.report({ request: { resource: 'room/1' } });
    await until(() => node.counted.get('room/1') === 1 && first.unacknowledged === 0);
    node.hears = false;
    first.report({ request: { resource: 'room/1' } });
    await until(() => node.count('report') === 2);
    await first.close(0);
    node.hears = true;
    const second = await join({ storage });
    await until(() => node.counted.get('room/1') === 2);
    await second.acquire('room/1', 'requester');
    await second.close();
    const third = await join({ storage });
    await third.acquire('room/1', 'requester');
    const said = hellos(node);
    assert.equal(new Set(said.map(({ session }) => session)).size, 1);
    assert.deepEqual(said.map(({ firstReport }) => firstReport), [1n, 2n, 3n]);
    assert.deepEqual([...node.needs].map((need) => need.split(' ')[1]), ['1', '2'], 'a new need is a new number, also after a restart');
  }));

test('without a storage, or with a broken one, a session is a new one; a full one keeps nothing that is old', () =>
  withNode(async (node, join) => {
    const storage = new Store();
    await (await join({ storage })).opened();
    for (const key of storage.map.keys()) storage.map.set(key, '{"session":"x');
    await (await join({ storage })).opened();
    storage.full = true;
    const client = await join({ storage });
    client.report({ request: { resource: 'room/1' } });
    await until(() => node.counted.get('room/1') === 1);
    assert.equal(storage.map.has('forestage/session/0'), false, 'what is old does not stay');
    await (await join({ storage: null })).opened();
    assert.equal(new Set(hellos(node).map(({ session }) => session)).size, 3); // the full one could still be read
  }));

test('pages of an origin take places of their own, and give them back', async () => {
  const held = new Set<string>();
  const locks: Locks = {
    request: async (name, _options, run) => {
      if (held.has(name)) return run(null);
      held.add(name);
      await run({});
      held.delete(name);
      return undefined;
    },
  };
  const places = [];
  for (let i = 0; i < 9; ++i) places.push(await claimPlace('forestage', locks));
  assert.deepEqual(places.map((place) => place?.place), [0, 1, 2, 3, 4, 5, 6, 7, undefined]);
  places[2]?.release();
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal((await claimPlace('forestage', locks))?.place, 2);
  assert.equal(await claimPlace('forestage', { request: () => Promise.reject(new Error('not here')) }), undefined);
  assert.deepEqual([new Keeper(undefined, 'f', 0, 1).mayKeepHabits, new Keeper(undefined, 'f', 1, 1).mayKeepHabits], [true, false]);
});

test('habits are learned from what is acquired and reported, declared in time, and outlive the client', async (t) => {
  const offset = new Date(firstDay * dayMs).getTimezoneOffset() * 60_000;
  const at = (day: number, h: number): number => (firstDay + day) * dayMs + h * hour * 1_000 + offset;
  let now = at(0, 8);
  t.mock.method(Date, 'now', () => now);
  await withNode(async (node, join) => {
    const storage = new Store();
    for (let day = 0; day < 10; ++day) {
      now = at(day, 9.01);
      const client = await join({ storage });
      await client.opened();
      if (day % 2 === 0) await client.acquire('room/1', 'requester');
      else client.report({ request: { resource: 'room/1' } });
      await client.acquire('room/other', 'provider'); // asks for nothing
      await client.close();
    }
    assert.equal(node.standing.size, 0);
    now = at(10, 8.3);
    const client = await join({ storage });
    await until(() => node.standing.size === 1);
    const [intent] = [...node.standing.values()];
    assert.deepEqual([intent?.resource, Number(intent?.fromMs), intent && intent.probability > 0.8], ['room/1', at(10, 9), true]);
    await client.close();
    node.standing.clear();
    const plain = await join({ storage, habits: false });
    await plain.purge('c');
    assert.equal(node.standing.size, 0);
    await plain.close();
    node.peer = 'bob'; // somebody else logs in
    const other = await join({ storage });
    await other.purge('c');
    assert.equal(node.standing.size, 0, "nobody's habits are declared for another peer");
  });
});
