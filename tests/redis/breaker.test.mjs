/** A circuit shared on a real server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisCircuitBreaker } from '../../pkg/node.mjs';
import { connectClient } from './clients.mjs';
import { freePort, kill, startRedis } from './server.mjs';

let port;
let server;
let connections;

before(async () => {
  port = await freePort();
  server = await startRedis(port);
  connections = await Promise.all(['redis', 'ioredis'].map((kind) => connectClient(kind, port)));
});
after(async () => {
  connections.forEach(({ close }) => close());
  await kill(server);
});

/** Two breakers of one circuit, each on a connection of its own. */
const pair = (name, config = {}) =>
  connections.map(
    ({ client }) =>
      new RedisCircuitBreaker({
        client,
        name,
        whenDown: 'closed',
        failureThreshold: 3,
        recoveryTimeout: 300,
        timeout: 2_000,
        retryAfter: 50,
        ...config,
      }),
  );
const fail = (breaker) =>
  assert.rejects(
    breaker.execute(async () => {
      throw new Error('down');
    }),
    { message: 'down' },
  );
const refused = (breaker) =>
  assert.rejects(
    breaker.execute(() => 1),
    { code: 'ERR_CIRCUIT_OPEN' },
  );

test('failures of one process keep another from calling', async () => {
  const [one, two] = pair('shared');
  await fail(one);
  await fail(two);
  assert.equal(await two.execute(() => 7), 7);
  await fail(one);
  await refused(one);
  await refused(two);
  await sleep(320);
  assert.equal(await two.execute(() => 7), 7);
  assert.equal(await one.execute(() => 8), 8);
});

test('all processes together have so many probes, and one failure opens the circuit again', async () => {
  const [one, two] = pair('probes', { halfOpenMaxCalls: 2 });
  for (let n = 0; n < 3; n++) await fail(one);
  await sleep(320);
  let done;
  const gate = new Promise((resolve) => {
    done = resolve;
  });
  const probes = [one.execute(() => gate), two.execute(() => gate)];
  await sleep(50);
  await refused(one);
  await refused(two);
  done();
  await Promise.all(probes);
  for (let n = 0; n < 3; n++) await fail(two);
  await sleep(320);
  await fail(one);
  await refused(two);
});

test('a probe that never reports is given up, and its late report is nobody’s', async () => {
  const [one, two] = pair('lost');
  for (let n = 0; n < 3; n++) await fail(one);
  await sleep(320);
  let giveUp;
  const lost = one.execute(
    () =>
      new Promise((_, reject) => {
        giveUp = reject;
      }),
  );
  await sleep(50);
  await refused(two);
  await sleep(320);
  assert.equal(await two.execute(() => 7), 7);
  giveUp(new Error('late'));
  await assert.rejects(lost, { message: 'late' });
  assert.equal(await two.execute(() => 7), 7);
});

test('a store that is gone: closed refuses, open lets pass, insurance counts by itself', async () => {
  const [closed] = pair('gone');
  const [open] = pair('gone', { whenDown: 'open', timeout: 300 });
  const [insurance] = pair('gone', { whenDown: 'insurance', timeout: 300 });
  const heard = [];
  closed.onDidChangeStore(({ available }) => heard.push(available));
  await kill(server);
  await refused(closed);
  assert.deepEqual(heard, [false]);
  assert.equal(await open.execute(() => 7), 7);
  for (let n = 0; n < 3; n++) await fail(insurance);
  await refused(insurance);
  insurance.dispose();
});

test('what nobody knows is refused by its name, and what is no operation is no failure', async () => {
  const asked = [];
  const client = { eval() {}, evalsha: async (...parameters) => (asked.push(parameters), ['0', '0']) };
  const config = { client, name: 'payments', whenDown: 'closed' };
  for (const [fields, word] of [
    [{ failureTreshold: 1 }, 'failureTreshold'],
    [{ timeOut: 50 }, 'timeOut'],
    [{ judgeError: 'failure' }, 'judgeError'],
  ])
    assert.throws(
      () => new RedisCircuitBreaker({ ...config, ...fields }),
      (error) => error.code === 'ERR_CONFIG_INVALID' && error.message.includes(word),
    );
  const breaker = new RedisCircuitBreaker(config);
  await assert.rejects(breaker.execute('x'), { code: 'ERR_ARGUMENT_INVALID' });
  assert.deepEqual(asked, []);
});
