// Two clients on a real node: FORESTAGE=path/of/forestage node test/live.mjs   (after npm run build)
// Starts the node on free ports in a temporary directory; says what it skips. Exit code 1: something does not hold.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../dist/forestage-client.js';

if (!process.env.FORESTAGE) {
  console.log('skipped: FORESTAGE does not name the forestage command');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'forestage-client-'));
let ports = [0, 0];

async function startNode() {
  writeFileSync(join(folder, 'node.toml'),
    `[public]\nlisten = "127.0.0.1:${ports[0]}"\n[operator]\nlisten = "127.0.0.1:${ports[1]}"\n[demand]\ninterval = "1m"\ngrace = "1s"\n`);
  const node = spawn(process.env.FORESTAGE, ['node', '--config', 'node.toml'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const exited = new Promise((resolve) => node.once('exit', resolve));
  await new Promise((resolve, reject) => {
    node.once('error', reject);
    node.once('exit', (code) => reject(new Error(`the node ended with ${code}: ${text}`)));
    node.stdout.on('data', (data) => {
      text += data;
      if (text.includes('Stop it with')) resolve();
    });
  });
  const found = /public +http:\/\/127\.0\.0\.1:(\d+)[\s\S]*operator +http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
  assert.ok(found, text);
  ports = [Number(found[1]), Number(found[2])];
  return { stop: () => (node.kill('SIGTERM'), exited) };
}
const status = async () => (await fetch(`http://127.0.0.1:${ports[1]}/v1/status`)).json();
const requests = async () => {
  const { waiting, counted } = (await status()).requests;
  return waiting + counted;
};
async function until(what, text) {
  for (const end = Date.now() + 15_000; !(await what()); await new Promise((resolve) => setTimeout(resolve, 20))) assert.ok(Date.now() < end, text);
}
// Runs a part; one that this node cannot do yet is said to be skipped.
async function part(name, run) {
  try {
    await run();
    console.log(`ok       ${name}`);
  } catch (failure) {
    if (failure.code !== 'unavailable') throw failure;
    console.log(`skipped  ${name}: ${failure.text}`);
  }
}

let node = await startNode();
const url = `ws://127.0.0.1:${ports[0]}`;
const [requester, provider] = await Promise.all([connect({ url, region: 'eu', reportAfterMs: 10 }), connect({ url, region: 'eu', reportAfterMs: 10 })]);
try {
  await part('reports are acknowledged and count', async () => {
    for (let i = 0; i < 100; ++i) assert.ok(requester.report({ request: { resource: `room/${i % 7}` } }));
    await until(() => requester.isOpen && requester.unacknowledged === 0, 'not acknowledged');
    assert.equal(await requests(), 100);
  });
  await part('a node that is restarted is come back to, and nothing is lost or doubled', async () => {
    assert.equal(await node.stop(), 0);
    for (let i = 0; i < 10; ++i) requester.report({ request: { resource: 'room/1' } });
    node = await startNode();
    await until(() => requester.isOpen && provider.isOpen && requester.unacknowledged === 0, 'not acknowledged after a restart');
    assert.equal(await requests(), 110);
  });
  await part('two peers acquire, put, take, subscribe', async () => {
    const provided = await provider.acquire('room/42', 'provider', { retry: false });
    const granted = await requester.acquire('room/42', 'requester', { retry: false });
    assert.equal(granted.resourceCollection.id, provided.resourceCollection.id);
    assert.equal(provided.peerCollection, null);
    const answers = [];
    const subscription = requester.subscribe(granted.peerCollection, (message) => answers.push(message.text));
    for (let i = 0; i < 20; ++i) await requester.put(granted.resourceCollection, JSON.stringify({ offer: i, answer: granted.peerCollection.id }), `offer ${i}`);
    assert.equal(await requester.put(granted.resourceCollection, 'again', 'offer 19'), 20n, 'a repetition adds nothing');
    for (let taken = 0; taken < 20; ) {
      const messages = await provider.next(provided.resourceCollection, { most: 8, waitMs: 5_000 });
      for (const message of messages) {
        const { offer, answer } = JSON.parse(message.text);
        assert.equal(offer, taken++);
        await provider.put(answer, `answer ${offer}`);
      }
      await provider.done(messages);
    }
    await until(() => answers.length === 20, `${answers.length} answers`);
    assert.deepEqual(answers, Array.from({ length: 20 }, (_, i) => `answer ${i}`));
    assert.equal((await provider.next(provided.resourceCollection)).length, 0);
    await subscription.stop();
    assert.equal(await subscription.ended, undefined);
    await until(async () => (await requests()) === 111, 'an Acquire counts once');
    await assert.rejects(provider.next(granted.peerCollection), { code: 'not_permitted' });
    await requester.put(granted.resourceCollection, 'x');
    assert.equal(await provider.purge(provided.resourceCollection), 1);
    await requester.release(granted);
    await provider.release(provided);
  });
  await part('a subscription of a collection that was lost with a restart says so', async () => {
    const granted = await requester.acquire('room/43', 'requester', { retry: false });
    const subscription = requester.subscribe(granted.peerCollection, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await node.stop();
    node = await startNode();
    const why = await subscription.ended;
    assert.ok(['incompatible', 'not_found', 'not_permitted'].includes(why?.code), String(why));
    assert.equal((await requester.acquire('room/43', 'requester')).resource, 'room/43');
  });
  await part('what is declared stands', async () => {
    const from = Date.now() + 300_000;
    const { intents, credibility } = await requester.declare([{ resource: 'room/42', from, to: from + 60_000, probability: 0.8 }]);
    assert.equal(intents.length, 1);
    assert.ok(credibility >= 0 && credibility <= 1);
  });
} finally {
  await requester.close();
  await provider.close();
  await node.stop();
  rmSync(folder, { recursive: true, force: true });
}
