// The client against a small node on real WebSockets: each call, errors, reconnects, garbage, Goodbye, storage.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { ForestageError, connect } from '../src/index.js';
import type { Client, ClientEvents, ConnectOptions, Declaration, Message } from '../src/index.js';
import { FakeNode } from './support/fake_node.js';
import { failure, proxyFrame } from './support/node_session.js';

const clean: (() => Promise<unknown>)[] = [];
afterEach(async () => { for (const one of clean.splice(0).reverse()) await one(); });

async function pair(options: Partial<ConnectOptions> = {}, prepare: (node: FakeNode) => void = () => undefined): Promise<{ node: FakeNode; client: Client }> {
  const node = new FakeNode();
  prepare(node);
  await node.start();
  clean.push(() => node.stop());
  return { node, client: await join(node, options) };
}
async function join(node: FakeNode, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect({ url: node.url, WebSocket, reportAfterMs: 5, longestWaitMs: 250, timeoutMs: 20_000, ...options });
  clean.push(() => client.close(0));
  return client;
}
const happens = <Name extends keyof ClientEvents>(client: Client, name: Name): Promise<ClientEvents[Name]> =>
  new Promise((resolve) => { const end = client.on(name, (event) => { end(); resolve(event); }); });
async function until(what: () => boolean, ms = 20_000): Promise<void> {
  for (const end = performance.now() + ms; !what(); await new Promise((resolve) => setTimeout(resolve, 2))) assert.ok(performance.now() < end, `not within ${ms} ms: ${what}`);
}
const code = (wanted: string, text = /./) => (error: unknown): boolean => error instanceof ForestageError && error.code === wanted && text.test(error.text);

test('it says who it is, and who the node takes it for', async () => {
  const { node, client } = await pair({ token: async () => 'secret', region: 'eu', device: 'phone', agent: 'game 3' });
  const opened = await happens(client, 'open');
  assert.deepEqual([opened.peer, opened.region, opened.intervalSeconds, opened.session.length], ['alice', 'eu', 300, 32]);
  const [hello] = node.heard;
  assert.ok(hello?.case === 'hello');
  assert.deepEqual([hello.value.token, hello.value.profile?.device, hello.value.profile?.agent], ['secret', 'phone', 'game 3']);
  assert.equal(client.isOpen, true);
});

test('reports count once, also over lost connections', async () => {
  const { node, client } = await pair();
  assert.equal(client.report({ request: { resource: 'room/1', count: 2 } }), true);
  client.report({ sessionStart: { resource: 'room/1', id: 7, slots: 2 } });
  client.report({ quality: { resource: 'room/1', rttMs: 20, loss: 0.01 } });
  client.report({ sessionEnd: { id: 7 } });
  await until(() => client.unacknowledged === 0 && client.isOpen);
  for (let i = 0; i < 5; ++i) {
    node.hears = i % 2 === 0;
    client.report({ request: { resource: 'room/1' } });
    client.flush();
    await new Promise((resolve) => setTimeout(resolve, 15));
    node.breakAll();
    await until(() => !client.isOpen);
    node.hears = true;
    await client.opened();
  }
  await until(() => client.unacknowledged === 0);
  assert.equal(node.counted.get('room/1'), 7);
});

test('a grant says what was got, and its need rises', async () => {
  const { node, client } = await pair();
  const grant = await client.acquire('room/42', 'requester');
  assert.deepEqual([grant.resource, grant.role, grant.warm, grant.waitedMs, grant.expires?.getTime()], ['room/42', 'requester', true, 3, 1_800_000_000_000]);
  assert.deepEqual([grant.resourceCollection?.id, grant.resourceCollection?.verbs, grant.peerCollection?.id], ['resource/room/42', ['put'], 'peer/alice']);
  assert.equal(grant.resourceCollection?.incarnation, 0xffff_ffff_ffff_fff1n, 'all 64 bits');
  await client.acquire('room/42', 'requester');
  assert.deepEqual([...node.needs].map((need) => need.split(' ')[1]), ['1', '2']);
  await client.release(grant);
});

test('acquire asks again with the same need after a lost connection, and when the node says later', async () => {
  let tries = 0;
  const { node, client } = await pair({}, (fake) => {
    fake.answer = (said, connection) => {
      if (said.case !== 'acquire') return undefined;
      if (++tries === 1) connection.socket.terminate();
      return tries === 1 ? [] : tries === 2 ? [failure(said.value.question, 13, 'not yet', 20)] : undefined;
    };
  });
  assert.equal((await client.acquire('room/1', 'requester')).warm, true);
  assert.deepEqual([tries, node.needs.size], [3, 1]);
  node.answer = (said) => (said.case === 'acquire' ? [failure(said.value.question, 12, 'the token does not give this role')] : undefined);
  await assert.rejects(client.acquire('room/2', 'provider'), code('not_permitted', /role/));
});

test('other calls fail with the connection, put with a key asks again', async () => {
  let tries = 0;
  const { node, client } = await pair({}, (fake) => {
    fake.answer = (said, connection) => {
      if (said.case !== 'put' || ++tries > 2) return undefined;
      connection.socket.terminate();
      return [];
    };
  });
  await assert.rejects(client.put('c', 'x'), code('unavailable', /lost/));
  assert.equal(await client.put('c', 'x', 'key'), 1n);
  assert.equal(await client.put('c', 'x', 'key'), 1n, 'adds nothing');
  assert.deepEqual([tries, node.queue('c').messages.length], [4, 1]);
});

test('messages are put, taken, done with and purged', async () => {
  const { node, client } = await pair();
  const { resourceCollection } = await client.acquire('room/1', 'requester');
  for (const payload of ['one', new Uint8Array([0xc3, 0xa9]), new TextEncoder().encode('three').buffer as ArrayBuffer]) await client.put(resourceCollection!, payload);
  const messages = await client.next(resourceCollection!, { most: 2 });
  assert.deepEqual(messages.map(({ number, sender, text, delivery }) => [number, sender, text, delivery]), [[1n, 'alice', 'one', 1], [2n, 'alice', 'é', 1]]);
  await client.done(messages);
  await client.done([]);
  assert.equal(node.queue('resource/room/1').messages.length, 1);
  const done = node.heard.find((said) => said.case === 'done');
  assert.ok(done?.case === 'done' && done.value.incarnation === 0xffff_ffff_ffff_fff1n);
  assert.equal(await client.purge(resourceCollection!), 1);
});

test('a subscription has all messages, one after the other, also those of after a reconnect', async () => {
  const { node, client } = await pair();
  const seen: string[] = [];
  let busy = 0;
  const subscription = client.subscribe('c', async ({ text }: Message) => {
    assert.equal(++busy, 1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    seen.push(text);
    --busy;
  });
  for (let i = 0; i < 5; ++i) await client.put('c', `${i}`);
  await until(() => seen.length === 5 && node.queue('c').messages.length === 0);
  node.breakAll();
  await until(() => !client.isOpen);
  await client.put('c', '5', 'key');
  await until(() => seen.length === 6 && node.queue('c').messages.length === 0);
  assert.deepEqual(seen, ['0', '1', '2', '3', '4', '5']);
  await subscription.stop();
  assert.equal(await subscription.ended, undefined);
  await client.put('c', '6');
  assert.equal(node.queue('c').messages.length, 1);
  await client.next('c'); // it is there, and the connection too
});

test('a message whose handler has failed comes again, one that is still with the handler is not taken twice', async () => {
  const { node, client } = await pair();
  const seen: number[] = [];
  client.subscribe('c', async ({ delivery }) => {
    seen.push(delivery);
    if (delivery === 1) throw new Error('no');
    await new Promise((resolve) => setTimeout(resolve, 60));
  });
  const failed = happens(client, 'failure');
  await client.put('c', 'x');
  assert.match((await failed).text, /will come again/);
  node.handOutAgain('c');
  await until(() => seen.length === 2);
  node.handOutAgain('c');
  await until(() => node.queue('c').messages.length === 0);
  assert.deepEqual(seen, [1, 2]);
});

test('a subscription ends when the node says that it is over, and says why', async () => {
  const { client } = await pair({}, (node) => {
    node.answer = (said) => (said.case === 'next' ? [failure(said.value.question, 7, 'the collection was lost with a restart')] : undefined);
  });
  assert.ok(code('incompatible', /restart/)(await client.subscribe('c', () => undefined).ended));
});

test('what is declared stands, is revoked, and is declared again on another connection', async () => {
  const { node, client } = await pair({ habits: false });
  const from = Date.now() + 600_000;
  const events: Declaration[] = [];
  client.on('declared', (event) => events.push(event));
  const declared = await client.declare([{ resource: 'room/1', from, to: from + 300_000, probability: 0.5 }, { resource: 'secret/1', from: new Date(from), to: new Date(from + 1) }]);
  assert.deepEqual([declared.credibility, declared.refused, declared.intents.length], [0.75, [{ id: 2, text: 'the token does not cover it' }], 1]);
  assert.deepEqual(declared.intents[0], { id: 1, resource: 'room/1', fromMs: from, toMs: from + 300_000, expected: 1, probability: 0.5 });
  node.standing.clear();
  node.breakAll();
  await until(() => node.standing.size === 1);
  client.revoke([1]);
  await until(() => node.standing.size === 0);
  await until(() => events.length === 2);
  node.sayAll(proxyFrame({ case: 'declared', value: { $typeName: 'forestage.v1.Declared', question: 0n, intents: [], credibility: 0.5, refused: [] } }));
  await until(() => events.length === 3);
});

test('a call can be given up, and a grant that comes for it nevertheless is given back', async () => {
  const held: (() => void)[] = [];
  const { node, client } = await pair({}, (fake) => {
    fake.answer = (said, connection) => {
      if (said.case !== 'acquire') return undefined;
      held.push(() => connection.say(proxyFrame({ case: 'grant', value: { $typeName: 'forestage.v1.Grant', question: said.value.question, resource: said.value.resource, warm: true, expiresMs: 0n, content: [], waitedMs: 0 } })));
      return [];
    };
  });
  const gone = new AbortController();
  const call = client.acquire('room/1', 'requester', { signal: gone.signal });
  await until(() => held.length === 1);
  gone.abort();
  await assert.rejects(call, code('aborted'));
  held[0]?.();
  await until(() => node.count('release') === 1);
  await assert.rejects(client.acquire('room/1', 'requester', { signal: AbortSignal.abort() }), code('aborted'));
  await assert.rejects(client.acquire('room/1', 'requester', { timeoutMs: 30 }), code('timeout', /has not answered/));
});

test('calls wait for a connection, but not for ever', async () => {
  const node = new FakeNode();
  await node.start();
  await node.stop();
  const client = await join(node);
  await assert.rejects(client.next('c', { timeoutMs: 40 }), code('timeout', /no connection/));
  const call = client.acquire('room/1', 'requester');
  await node.start();
  clean.push(() => node.stop());
  assert.equal((await call).resource, 'room/1');
});

test('no more questions are open than the node allows, and none is too large', async () => {
  let open = 0;
  let most = 0;
  const { client } = await pair({}, (node) => {
    node.limits = { ...node.limits, questions: 3, frameBytes: 1_000 };
    node.answer = (said, connection) => {
      if (said.case !== 'purge') return undefined;
      most = Math.max(most, ++open);
      const { question } = said.value;
      setTimeout(() => {
        --open;
        connection.say(proxyFrame({ case: 'accepted', value: { $typeName: 'forestage.v1.Accepted', question, number: 0n } }));
      }, 2);
      return [];
    };
  });
  await Promise.all(Array.from({ length: 20 }, () => client.purge('c')));
  assert.equal(most, 3);
  await assert.rejects(client.put('c', 'x'.repeat(1_000)), code('limit_exceeded', /1000/));
});

test('garbage and frames of unknown kinds do not harm; too many end the connection', async () => {
  const { node, client } = await pair();
  await client.opened();
  const failed = happens(client, 'failure');
  for (const { socket } of node.connections) {
    socket.send(new Uint8Array([0xa2, 0x06, 0]));
    socket.send('{"later": {}}');
    socket.send(new Uint8Array([0xff, 0xff]));
  }
  assert.ok(code('invalid_data')(await failed));
  assert.equal(await client.purge('c'), 0);
  const closed = happens(client, 'close');
  for (let i = 0; i < 20; ++i) for (const { socket } of node.connections) socket.send('{');
  assert.match((await closed).text, /cannot be read/);
  await client.opened();
});

test('JSON in text frames is the same protocol', async () => {
  const { client } = await pair({}, (node) => { node.json = true; });
  assert.equal((await client.acquire('room/1', 'requester')).resourceCollection?.incarnation, 0xffff_ffff_ffff_fff1n);
});

test('a node that says Goodbye is come back to when it said', async () => {
  const { node, client } = await pair();
  await client.opened();
  const closed = happens(client, 'close');
  const begin = Date.now();
  node.goodbye('the node stops', 300);
  assert.deepEqual(await closed, { text: 'the node stops', code: 'interrupted', afterMs: 300 });
  await client.opened();
  assert.ok(Date.now() - begin >= 440, `${Date.now() - begin} ms`);
});

test('a token that cannot be had is a failure, and is asked for again', async () => {
  let asked = 0;
  const { client } = await pair({ token: () => { if (++asked === 1) throw new Error('offline'); return 't'; } });
  assert.match((await happens(client, 'failure')).text, /offline/);
  await client.opened();
  assert.equal(asked, 2);
});

test('handlers that throw harm nobody', async (t: TestContext) => {
  const { client } = await pair();
  const said = t.mock.method(console, 'error', () => undefined);
  client.on('open', () => { throw new Error('no'); });
  await happens(client, 'open');
  assert.equal(await client.purge('c'), 0);
  assert.equal(said.mock.callCount(), 1);
});

test('close sends what was reported, ends what is open, and nothing is tried again', async () => {
  const { node, client } = await pair({ reportAfterMs: 60_000 });
  await client.opened();
  client.report({ request: { resource: 'room/9' } });
  node.answer = (said) => (said.case === 'purge' ? [] : undefined);
  const open = assert.rejects(client.purge('c'), code('closed'));
  const subscription = client.subscribe('c', () => undefined);
  await client.close();
  await open;
  assert.ok(code('closed')(await subscription.ended));
  assert.equal(node.counted.get('room/9'), 1);
  await assert.rejects(client.purge('c'), code('closed'));
  await assert.rejects(client.opened(), code('closed'));
  assert.equal(client.report({ request: { resource: 'room/9' } }), false);
  await until(() => node.connections.size === 0);
});

test('bad input is refused with its remedy', async () => {
  for (const [options, text] of [[{ url: 'nowhere' }, /ws:\/\//], [{ url: 'ftp://x' }, /ws:\/\//], [{ url: 'ws://x/#y' }, /fragment/], [{ url: 'ws://x', events: 0 }, /events/],
    [{ url: 'ws://x', habits: { ahead: 99 } }, /ahead/], [{ url: 'ws://x', region: 'x'.repeat(257) }, /256/]] as const)
    await assert.rejects(connect(options), code('invalid_argument', text));
  const { client } = await pair();
  await assert.rejects(client.acquire('', 'requester'), code('invalid_argument', /room\/42/));
  await assert.rejects(client.acquire('é'.repeat(129), 'requester'), code('invalid_argument', /258 bytes/));
  await assert.rejects(client.acquire('r', 'guest' as 'requester'), code('invalid_argument', /provider/));
  await assert.rejects(client.put('c', 3 as unknown as string), code('invalid_argument', /JSON/));
  await assert.rejects(client.put('', 'x'), code('invalid_argument', /grant/));
  await assert.rejects(client.declare([]), code('invalid_argument'));
  await assert.rejects(client.declare([{ resource: 'r', from: 5, to: 5 }]), code('invalid_argument', /Dates/));
  await assert.rejects(client.declare([{ resource: 'r', from: 5, to: 6, probability: 2 }]), code('invalid_argument', /probability/));
  assert.throws(() => client.report({} as never), code('invalid_argument', /request/));
  assert.throws(() => client.report({ request: { resource: 'r', count: -1 } }), code('invalid_argument', /count/));
});
