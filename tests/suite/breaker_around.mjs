/** What stands around the operation of a breaker: timeout, signal, fallback, bulkhead, retries. */
import { boom, fine, http, pending, sleep, tools } from './breaker_tools.mjs';

export default (given) => {
  const { test, assert, lib, clock } = given;
  const { breakerOf, fails, opened } = tools(given);

  test('a timeout ends the waiting, aborts the signal and counts', async () => {
    const breaker = breakerOf({ timeout: 10 });
    let seen;
    for (let n = 0; n < 2; n++) {
      const late = breaker.execute((signal) => {
        seen = signal;
        return new Promise(() => {});
      });
      const error = await assert.rejects(late, 'ERR_TIMEOUT');
      assert.ok(error instanceof lib.VesperaTimeoutError);
      assert.ok(seen.aborted);
      assert.equal(seen.reason, error);
    }
    assert.equal(breaker.state, 'open');
  });

  test('who aborts gets the reason at once, and the service is not blamed', async () => {
    const breaker = breakerOf({ failureThreshold: 1 });
    const controller = new AbortController();
    const call = fails(breaker, () => new Promise(() => {}), { signal: controller.signal });
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    assert.equal(await call, reason);
    assert.equal(breaker.state, 'closed');
    let started = false;
    const after = await fails(breaker, () => (started = true), { signal: controller.signal });
    assert.equal(after, reason);
    assert.ok(!started);
  });

  test('an aborted probe gives its place back', async () => {
    const breaker = await opened();
    clock.advance(1_000);
    const controller = new AbortController();
    const probe = fails(breaker, () => new Promise(() => {}), { signal: controller.signal });
    controller.abort();
    await probe;
    assert.equal(await breaker.execute(fine), 'fine');
    assert.equal(breaker.state, 'closed');
  });

  test('a fallback answers for a failure and for an open circuit', async () => {
    const breaker = breakerOf();
    const codes = [];
    const fallback = (error) => codes.push(error.code ?? error.message);
    for (let n = 0; n < 3; n++) await breaker.execute(boom, { fallback });
    assert.deepEqual(codes, ['boom', 'boom', 'ERR_CIRCUIT_OPEN']);
  });

  test('options that nobody knows are refused before anything runs', async () => {
    const breaker = breakerOf({ bulkhead: { concurrency: 1 } });
    let runs = 0;
    const count = async () => (runs += 1);
    for (const options of [
      { fallBack: () => 9 },
      { timeout: 5 },
      { fallback: 9 },
      { signal: {} },
      { signal: 5 },
      [],
      5,
    ])
      await assert.rejects(breaker.execute(count, options), 'ERR_CONFIG_INVALID');
    const retry = new lib.Retry({ attempts: 2, delay: 1 });
    for (const options of [
      { sgnal: undefined, judg: () => 'failure' },
      { judge: 'failure' },
      { signal: {} },
      null,
    ])
      await assert.rejects(retry.execute(count, options), 'ERR_CONFIG_INVALID');
    await assert.rejects(retry.execute('x'), 'ERR_ARGUMENT_INVALID');
    const bulkhead = new lib.Bulkhead({ concurrency: 1, queue: 1 });
    for (const options of [{ sgnal: 1 }, { signal: {} }, null])
      await assert.rejects(bulkhead.execute(count, options), 'ERR_CONFIG_INVALID');
    assert.equal(runs, 0);
    assert.deepEqual(breaker.stats.total.failures, 0);
    assert.equal(await breaker.execute(count, { signal: new AbortController().signal }), 1);
    retry.dispose();
  });

  test('a retry is tried whatever its judge answers that is no verdict', async () => {
    const retry = new lib.Retry({ attempts: 3, delay: 1 });
    let runs = 0;
    const count = async () => {
      runs += 1;
      throw new Error('boom');
    };
    const mute = () => {
      throw new Error('judge');
    };
    for (const judge of [() => undefined, mute]) {
      runs = 0;
      const error = await retry.execute(count, { judge }).catch((thrown) => thrown);
      assert.deepEqual([error.message, runs], ['boom', 3]);
    }
    retry.dispose();
  });

  test('a bulkhead runs so many, keeps so many waiting in line, and refuses the rest', async () => {
    const bulkhead = new lib.Bulkhead({ concurrency: 2, queue: 2 });
    const calls = [0, 1, 2, 3].map(() => pending());
    const order = [];
    const running = calls.map((call, n) =>
      bulkhead.execute(() => {
        order.push(n);
        return call.promise;
      }),
    );
    const full = await assert.rejects(bulkhead.execute(fine), 'ERR_BULKHEAD_FULL');
    assert.ok(full instanceof lib.VesperaBulkheadFullError);
    assert.deepEqual([bulkhead.active, bulkhead.waiting, order.join()], [2, 2, '0,1']);
    calls[1].reject(new Error('boom'));
    await running[1].catch(() => {});
    await sleep(0);
    assert.equal(order.join(), '0,1,2');
    for (const call of calls) call.resolve();
    await Promise.allSettled(running);
    assert.deepEqual([bulkhead.active, bulkhead.waiting, order.join()], [0, 0, '0,1,2,3']);
  });

  test('who aborts leaves the line', async () => {
    const bulkhead = new lib.Bulkhead({ concurrency: 1, queue: 1 });
    const first = pending();
    const running = bulkhead.execute(() => first.promise);
    for (let n = 0; n < 100; n++) {
      const controller = new AbortController();
      const waiting = bulkhead.execute(fine, { signal: controller.signal });
      controller.abort(new Error('left'));
      assert.equal((await waiting.catch((error) => error)).message, 'left');
    }
    assert.equal(bulkhead.waiting, 0);
    first.resolve();
    await running;
    assert.equal(await bulkhead.execute(fine), 'fine');
  });

  test('a full bulkhead does not open the circuit', async () => {
    const breaker = breakerOf({ failureThreshold: 1, bulkhead: { concurrency: 1 } });
    const first = pending();
    const running = breaker.execute(() => first.promise);
    await assert.rejects(breaker.execute(fine), 'ERR_BULKHEAD_FULL');
    assert.deepEqual(breaker.load, { active: 1, waiting: 0 });
    first.resolve();
    await running;
    assert.equal(breaker.state, 'closed');
  });

  test('retries stop at success, at the last attempt, and at what will not get better', async () => {
    const retry = new lib.Retry({ attempts: 3, delay: 1, backoff: { kind: 'constant' } });
    let runs = 0;
    const third = async () => {
      runs += 1;
      if (runs < 3) throw new Error('not yet');
      return runs;
    };
    assert.equal(await retry.execute(third), 3);
    runs = -10;
    await retry.execute(third).catch(() => {});
    assert.equal(runs, -7);
    let refused = 0;
    await retry
      .execute(async () => {
        refused += 1;
        throw http(403);
      })
      .catch(() => {});
    assert.equal(refused, 1);
  });

  test('retries stop when the circuit opens, with the error of the operation', async () => {
    const breaker = breakerOf({ retry: { attempts: 10, delay: 1, backoff: { kind: 'constant' } } });
    let runs = 0;
    const error = await fails(breaker, async () => {
      runs += 1;
      throw new Error('boom');
    });
    assert.equal(error.message, 'boom');
    assert.equal(runs, 2);
    await assert.rejects(breaker.execute(fine), 'ERR_CIRCUIT_OPEN');
  });

  test('a pause between retries ends when another call opens the circuit', async () => {
    const breaker = breakerOf({ retry: { attempts: 2, delay: 60_000, backoff: { kind: 'constant' } } });
    const waiting = fails(breaker);
    await sleep(1);
    breaker.isolate();
    assert.equal((await waiting).message, 'boom');
  });
};
