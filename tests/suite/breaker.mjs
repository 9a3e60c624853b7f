/** The circuit breaker. */
import around from './breaker_around.mjs';
import { FAST, boom, fine, http, pending, tools } from './breaker_tools.mjs';

export default (given) => {
  const { test, assert, lib, clock } = given;
  const { host, breakerOf, fails, opened } = tools(given);

  test('the result comes through, and so does the error, unchanged', async () => {
    const breaker = breakerOf();
    const error = new Error('mine');
    assert.equal(await breaker.execute(fine), 'fine');
    assert.equal(await breaker.execute(() => 'synchronous'), 'synchronous');
    assert.equal(await fails(breaker, () => Promise.reject(error)), error);
    assert.equal(
      await fails(breaker, () => {
        throw error;
      }),
      error,
    );
  });

  test('it opens at the threshold and then starts nothing', async () => {
    const breaker = breakerOf();
    await fails(breaker);
    assert.equal(breaker.state, 'closed');
    await fails(breaker);
    assert.equal(breaker.state, 'open');
    clock.advance(400);
    let started = false;
    const refused = await assert.rejects(
      breaker.execute(async () => {
        started = true;
      }),
      'ERR_CIRCUIT_OPEN',
    );
    assert.ok(refused instanceof lib.VesperaCircuitOpenError);
    assert.equal(refused.details.retryAfterMs, 600);
    assert.ok(!started);
  });

  test('a failure that is older than the monitoring period does not count', async () => {
    const breaker = breakerOf();
    await fails(breaker);
    clock.advance(10_000);
    await fails(breaker);
    assert.equal(breaker.state, 'closed');
  });

  test('half-open, exactly so many probes pass as the configuration says', async () => {
    const breaker = await opened({ halfOpenMaxCalls: 3 });
    clock.advance(1_000);
    assert.equal(breaker.state, 'half-open');
    const probes = [pending(), pending(), pending()];
    const running = probes.map((probe) => breaker.execute(() => probe.promise));
    await assert.rejects(breaker.execute(fine), 'ERR_CIRCUIT_OPEN');
    for (const probe of probes.slice(0, 2)) probe.resolve();
    await Promise.all(running.slice(0, 2));
    assert.equal(breaker.state, 'half-open');
    await assert.rejects(breaker.execute(fine), 'ERR_CIRCUIT_OPEN');
    probes[2].resolve();
    await running[2];
    assert.equal(breaker.state, 'closed');
  });

  test('it opens again at the first probe that fails', async () => {
    const breaker = await opened({ halfOpenMaxCalls: 2 });
    clock.advance(1_000);
    await breaker.execute(fine);
    await fails(breaker);
    assert.equal(breaker.state, 'open');
  });

  test('a probe that never reports blocks nobody for ever, and its late report is ignored', async () => {
    const breaker = await opened();
    clock.advance(1_000);
    const lost = pending();
    const late = breaker.execute(() => lost.promise);
    clock.advance(999);
    await assert.rejects(breaker.execute(fine), 'ERR_CIRCUIT_OPEN');
    clock.advance(1);
    await breaker.execute(fine);
    assert.equal(breaker.state, 'closed');
    lost.reject(new Error('too late'));
    await late.catch(() => {});
    assert.equal(breaker.state, 'closed');
    assert.equal(breaker.stats.total.late, 1);
  });

  test('a row of failures ends with a success', async () => {
    const breaker = breakerOf({ window: { kind: 'consecutive' } });
    for (const operation of [boom, fine, boom, fine]) await breaker.execute(operation).catch(() => {});
    assert.equal(breaker.state, 'closed');
  });

  test('a failure rate over the last calls opens it', async () => {
    const breaker = new lib.CircuitBreaker(
      { failureRate: 0.5, minimumCalls: 4, window: { kind: 'count', size: 10 } },
      host(),
    );
    for (const operation of [fine, boom, fine]) await breaker.execute(operation).catch(() => {});
    assert.equal(breaker.state, 'closed');
    await fails(breaker);
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.stats.cause, 'failure-rate');
    assert.equal(breaker.stats.failureRate, 0.5);
  });

  test('a time window forgets', async () => {
    const breaker = new lib.CircuitBreaker(
      { failureRate: 0.5, minimumCalls: 2, window: { kind: 'time', buckets: 5 }, monitoringPeriod: 5_000 },
      host(),
    );
    await fails(breaker);
    clock.advance(6_000);
    await fails(breaker);
    assert.equal(breaker.state, 'closed');
    await fails(breaker);
    assert.equal(breaker.state, 'open');
  });

  test('slow calls open it even when they succeed', async () => {
    const breaker = new lib.CircuitBreaker(
      { slowCallDuration: 100, slowCallRate: 0.5, minimumCalls: 2, window: { kind: 'count', size: 4 } },
      host(),
    );
    const slow = async () => clock.advance(100);
    await breaker.execute(slow);
    await breaker.execute(slow);
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.stats.cause, 'slow-call-rate');
  });

  test('the refusal grows with each opening in a row', async () => {
    const breaker = await opened({ backoff: { kind: 'exponential', factor: 2, maximum: 3_000 } });
    for (const wait of [1_000, 2_000, 3_000, 3_000]) {
      assert.equal(breaker.stats.retryAfterMs, wait);
      clock.advance(wait);
      await fails(breaker);
    }
  });

  test('isolate, disable, metrics only and back', async () => {
    const breaker = breakerOf();
    breaker.isolate();
    assert.equal(breaker.state, 'isolated');
    const refused = await assert.rejects(breaker.execute(fine), 'ERR_CIRCUIT_OPEN');
    assert.equal(refused.details.retryAfterMs, undefined);
    breaker.enable();
    assert.equal(await breaker.execute(fine), 'fine');
    breaker.disable();
    for (let n = 0; n < 5; n++) await fails(breaker);
    assert.equal(breaker.state, 'disabled');
    breaker.enable();
    breaker.metricsOnly();
    for (let n = 0; n < 5; n++) await fails(breaker);
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.stats.total.wouldRefuse, 3);
    breaker.enable();
    await assert.rejects(breaker.execute(fine), 'ERR_CIRCUIT_OPEN');
    breaker.reset();
    assert.equal(await breaker.execute(fine), 'fine');
  });

  test('what lies with the caller is not held against the service', async () => {
    const breaker = breakerOf();
    const abort = Object.assign(new Error('aborted'), { name: 'AbortError' });
    const canceled = Object.assign(new Error('Canceled'), { name: 'Canceled' });
    for (const error of [abort, canceled, http(401), http(404), { response: { status: 422 } }]) {
      for (let n = 0; n < 3; n++) await fails(breaker, () => Promise.reject(error));
    }
    assert.equal(breaker.state, 'closed');
    assert.equal(breaker.stats.total.ignored, 15);
    await fails(breaker, () => Promise.reject(http(500)));
    await fails(breaker, () => Promise.reject(http(502)));
    assert.equal(breaker.state, 'open');
  });

  test('a service that asks for a pause gets it, and one probe after it', async () => {
    for (const [headers, wait] of [
      [{ 'retry-after': '7' }, 7_000],
      [new Map([['retry-after', '7']]), 7_000],
      [new Map([['Retry-After', '7']]), 7_000],
      [{ 'RETRY-AFTER': 7 }, 7_000],
      [{ 'retry-after': ['7'] }, 7_000],
      [{ 'Retry-After': new Date(clock.now() + 9_000).toUTCString() }, 9_000],
      [{ 'retry-after': 'soon' }, 1_000],
      [{}, 1_000],
    ]) {
      const breaker = breakerOf();
      await fails(breaker, () => Promise.reject(http(429, headers)));
      assert.equal(breaker.state, 'open');
      assert.equal(breaker.stats.cause, 'rate-limited');
      assert.equal(breaker.stats.retryAfterMs, wait);
      clock.set(clock.now() + wait);
      await breaker.execute(fine);
      assert.equal(breaker.state, 'closed');
      clock.set(1_000_000);
    }
  });

  test('a pause asked for by a stranger ends within reason', async () => {
    const breaker = breakerOf({ retryAfterMaximum: 60_000 });
    await fails(breaker, () => Promise.reject(http(429, { 'retry-after': '99999999999' })));
    assert.equal(breaker.stats.retryAfterMs, 60_000);
  });

  test('a result can be a failure', async () => {
    const breaker = breakerOf({ judgeResult: lib.judgeResponse });
    for (let n = 0; n < 2; n++)
      assert.equal((await breaker.execute(async () => ({ status: 503 }))).status, 503);
    assert.equal(breaker.state, 'open');
  });

  test('a class of failures has its weight', async () => {
    const breaker = breakerOf({ classes: { timeout: 2 } });
    await fails(breaker, () => Promise.reject(Object.assign(new Error('late'), { name: 'TimeoutError' })));
    assert.equal(breaker.state, 'open');
    const own = breakerOf({
      classes: { minor: 0.25 },
      judgeError: () => ({ outcome: 'failure', class: 'minor' }),
    });
    for (let n = 0; n < 7; n++) await fails(own);
    assert.equal(own.state, 'closed');
    await fails(own);
    assert.equal(own.state, 'open');
  });

  test('a judge that throws changes neither result nor count', async () => {
    const judge = () => {
      throw new Error('judge');
    };
    const breaker = breakerOf({ judgeError: judge, judgeResult: judge });
    assert.equal(await breaker.execute(fine), 'fine');
    await fails(breaker);
    assert.equal((await fails(breaker)).message, 'boom');
    assert.equal(breaker.state, 'open');
  });

  test('a judge that answers no verdict changes neither result nor count', async () => {
    const wrong = [undefined, null, true, false, 'faliure', 'toString', 5n, {}, { outcome: 'nope' }, []];
    const answers = [...wrong.map((said) => () => said), async () => 'failure'];
    for (const judge of answers) {
      const breaker = breakerOf({ judgeError: judge, judgeResult: judge });
      assert.equal(await breaker.execute(fine), 'fine');
      assert.equal((await fails(breaker)).message, 'boom');
      const { successes, failures, rateLimited } = breaker.stats.total;
      assert.deepEqual([successes, failures, rateLimited], [1, 1, 0]);
    }
    const pause = (retryAfterMs) =>
      breakerOf({ judgeError: () => ({ outcome: 'rate-limited', retryAfterMs }) });
    for (const [said, waits] of [
      [5_000, 5_000],
      [5_000n, FAST.recoveryTimeout],
      ['5000', FAST.recoveryTimeout],
    ]) {
      const breaker = pause(said);
      await fails(breaker);
      assert.equal(breaker.stats.retryAfterMs, waits);
    }
    const calm = breakerOf({ judgeResult: () => ({ outcome: 'ignored' }) });
    await calm.execute(fine);
    assert.equal(calm.stats.total.ignored, 1);
  });

  test('events come in the shape of the editor', async () => {
    const breaker = breakerOf({ name: 'search' });
    const seen = [];
    const disposables = [];
    breaker.onDidChangeState(
      function ({ name, from, to, cause }) {
        seen.push(`${this.tag} ${name} ${from} ${to} ${cause}`);
      },
      { tag: 'state' },
      disposables,
    );
    breaker.onDidRefuse(({ retryAfterMs }) => seen.push(`refused ${retryAfterMs}`));
    await fails(breaker);
    await fails(breaker);
    await fails(breaker);
    clock.advance(1_000);
    await breaker.execute(fine);
    assert.deepEqual(seen, [
      'state search closed open failures',
      'refused 1000',
      'state search open half-open failures',
      'state search half-open closed failures',
    ]);
    for (const subscription of disposables) subscription.dispose();
    breaker.isolate();
    assert.equal(seen.length, 4);
  });

  test('events come as an EventTarget too', async () => {
    const breaker = breakerOf({ failureThreshold: 1 });
    const seen = [];
    for (const type of ['statechange', 'refuse', 'report'])
      breaker.events.addEventListener(type, ({ detail }) =>
        seen.push(`${type} ${detail.to ?? detail.outcome ?? detail.state}`),
      );
    await breaker.execute(fine);
    await fails(breaker);
    await fails(breaker);
    assert.deepEqual(seen, ['report success', 'statechange open', 'report failure', 'refuse open']);
  });

  test('latency comes as quantiles within three per cent', async () => {
    const breaker = breakerOf({ latency: true });
    assert.equal(breaker.stats.latency, null);
    for (let ms = 1; ms <= 100; ms++) await breaker.execute(async () => clock.advance(ms));
    const { p50, p95, p99, calls } = breaker.stats.latency;
    assert.equal(calls, 100);
    for (const [answer, exact] of [
      [p50, 50],
      [p95, 95],
      [p99, 99],
    ])
      assert.ok(Math.abs(answer / exact - 1) < 0.035, `${answer} for ${exact}`);
  });

  test('an open circuit stays open across a restart of the process', async () => {
    const breaker = await opened();
    clock.advance(300);
    const saved = JSON.parse(JSON.stringify(breaker));
    assert.equal(saved.version, 1);
    const wallClock = { now: () => clock.now() + 200 };
    const restarted = new lib.CircuitBreaker(
      { ...FAST, initialState: saved },
      { clock: { now: () => 5 }, wallClock },
    );
    assert.equal(restarted.state, 'open');
    assert.equal(restarted.stats.retryAfterMs, 500);
    assert.equal(restarted.stats.total.failures, 2);
    await assert.rejects(restarted.execute(fine), 'ERR_CIRCUIT_OPEN');
  });

  test('every window survives a restart', async () => {
    for (const window of [
      undefined,
      { kind: 'consecutive' },
      { kind: 'count', size: 10 },
      { kind: 'time', buckets: 4 },
    ]) {
      const config = { ...FAST, ...(window && { window }) };
      const breaker = new lib.CircuitBreaker(config, host());
      await fails(breaker);
      const initialState = JSON.parse(JSON.stringify(breaker));
      const restarted = new lib.CircuitBreaker({ ...config, initialState }, host());
      assert.deepEqual(restarted.toJSON(), breaker.toJSON());
      await fails(restarted);
      assert.equal(restarted.state, 'open', window?.kind);
    }
  });

  test('the largest windows survive a restart too', async () => {
    for (const config of [
      { failureThreshold: 10_000 },
      { failureRate: 1, minimumCalls: 10_000, window: { kind: 'count', size: 10_000 } },
    ]) {
      const breaker = new lib.CircuitBreaker(config, host());
      for (let n = 0; n < 9_999; n++) await breaker.execute(boom).catch(() => {});
      const initialState = JSON.parse(JSON.stringify(breaker));
      const restarted = new lib.CircuitBreaker({ ...config, initialState }, host());
      assert.equal(restarted.state, 'closed');
      await fails(restarted);
      assert.equal(restarted.state, 'open');
    }
  });

  test('a clock that throws harms only the call that reads it', async () => {
    let broken = false;
    const hostile = {
      now: () => {
        if (broken) throw new Error('no time');
        return 5;
      },
    };
    const bystander = lib.Keyset?.generate();
    const breaker = new lib.CircuitBreaker(FAST, { clock: hostile, wallClock: hostile });
    const timed = new lib.CircuitBreaker(
      {
        ...FAST,
        slowCallDuration: 10,
        slowCallRate: 0.5,
        minimumCalls: 2,
        window: { kind: 'count', size: 4 },
      },
      { clock: hostile, wallClock: hostile },
    );
    broken = true;
    for (const one of [breaker, timed]) assert.equal(await one.execute(fine), 'fine');
    for (const ask of [() => breaker.state, () => breaker.stats, () => breaker.toJSON()]) {
      let message = '';
      try {
        ask();
      } catch (error) {
        message = error.message;
      }
      assert.equal(message, 'no time');
    }
    broken = false;
    assert.equal(breaker.state, 'closed');
    // An engine that had stopped would have lost it.
    bystander?.seal(new Uint8Array(1), 'context');
  });

  test('a clock that answers no number harms only the call that reads it', async () => {
    const bystander = lib.Keyset?.generate();
    const sealed = bystander?.seal(new Uint8Array([7]), 'context');
    for (const time of [5n, '5', undefined, null, { valueOf: () => 5n }]) {
      const breaker = new lib.CircuitBreaker(FAST, { clock: { now: () => time } });
      assert.equal(await breaker.execute(fine), 'fine');
      assert.throws(() => breaker.state, 'ERR_ARGUMENT_INVALID');
      const dated = new lib.CircuitBreaker(FAST, { wallClock: { now: () => time } });
      assert.throws(() => dated.toJSON(), 'ERR_ARGUMENT_INVALID');
    }
    if (bystander) assert.equal(bystander.open(sealed, 'context')[0], 7);
  });

  test('a state that no breaker saved is refused', async () => {
    const good = (await opened()).toJSON();
    const bad = [
      { version: 2 },
      { phase: { state: 'open', remaining: -1 } },
      { phase: { state: 'ajar' } },
      { openings: -1 },
      { window: { kind: 'failures', entries: [[-1, 16]] } },
      {
        window: {
          kind: 'failures',
          entries: [
            [1, 16],
            [2, 16],
          ],
        },
      },
      { note: 'x' },
    ];
    for (const change of bad) {
      const initialState = { ...good, ...change };
      const error = assert.throws(
        () => new lib.CircuitBreaker({ ...FAST, initialState }),
        'ERR_CONFIG_INVALID',
      );
      assert.ok(error.message.includes('initialState'), error.message);
    }
  });

  test('a registry has a breaker for each resource', async () => {
    const breakers = new lib.CircuitBreakerRegistry(FAST, host());
    for (let n = 0; n < 2; n++) await breakers.execute('a', boom).catch(() => {});
    await assert.rejects(breakers.execute('a', fine), 'ERR_CIRCUIT_OPEN');
    assert.equal(await breakers.execute('b', fine), 'fine');
    assert.equal(breakers.get('a').name, 'a');
    assert.deepEqual(breakers.resources, ['b', 'a']);
    breakers.dispose();
    await assert.rejects(breakers.execute('a', fine), 'ERR_DISPOSED');
  });

  test('invented resources neither grow a registry nor close an open circuit', async () => {
    const breakers = new lib.CircuitBreakerRegistry({ ...FAST, capacity: 10 }, host());
    for (let n = 0; n < 2; n++) await breakers.execute('victim', boom).catch(() => {});
    for (let n = 0; n < 1_000; n++) await breakers.execute(`good ${n}`, fine);
    assert.equal(breakers.size, 10);
    assert.equal(breakers.get('victim').state, 'open');
    for (let n = 0; n < 1_000; n++) await breakers.execute(`bad ${n}`, boom).catch(() => {});
    assert.equal(breakers.size, 10);
    assert.equal(breakers.get('victim').state, 'open');
    await assert.rejects(breakers.execute('a newcomer shares', fine), 'ERR_CIRCUIT_OPEN');
    assert.throws(() => breakers.get('x'.repeat(2_000)), 'ERR_INPUT_TOO_LARGE');
    assert.throws(() => breakers.get(7), 'ERR_ARGUMENT_INVALID');
  });

  test('a configuration out of range is refused by name', () => {
    for (const [field, value] of [
      ['failureThreshold', 0],
      ['failureThreshold', '5'],
      ['recoveryTimeout', -1],
      ['monitoringPeriod', 0],
      ['halfOpenMaxCalls', 1.5],
      ['successThreshold', 2],
      ['failureRate', 2],
      ['timeout', 0],
      ['timeout', '10'],
      ['judgeError', true],
      ['name', 7],
      ['failureTreshold', 5],
    ]) {
      const error = assert.throws(() => breakerOf({ [field]: value }), 'ERR_CONFIG_INVALID');
      assert.ok(error.message.startsWith('breaker: ') && error.message.includes(field), error.message);
    }
    assert.throws(() => breakerOf({ bulkhead: { concurrency: 0 } }), 'ERR_CONFIG_INVALID');
    assert.throws(() => breakerOf({ retry: { attempts: 0 } }), 'ERR_CONFIG_INVALID');
    for (const bad of [null, []]) assert.throws(() => new lib.CircuitBreaker(bad), 'ERR_CONFIG_INVALID');
    for (const bad of [{ bulkhead: { concurrency: 1, que: 5 } }, { bulkhead: null }, { retry: null }])
      assert.throws(() => breakerOf(bad), 'ERR_CONFIG_INVALID');
    for (const host of [
      { clok: clock },
      { clock: () => 0 },
      { wallClock: Date.now },
      { clock: null },
      null,
    ]) {
      assert.throws(() => new lib.CircuitBreaker({}, host), 'ERR_CONFIG_INVALID');
      assert.throws(() => new lib.CircuitBreakerRegistry({}, host), 'ERR_CONFIG_INVALID');
    }
    for (const own of [{ name: 'a' }, { initialState: {} }])
      assert.throws(() => new lib.CircuitBreakerRegistry(own), 'ERR_CONFIG_INVALID');
  });

  test('a call that ends after its breaker was disposed of keeps its result', async () => {
    const breaker = breakerOf();
    const call = pending();
    const running = breaker.execute(() => call.promise);
    breaker.dispose();
    breaker.dispose();
    call.resolve('kept');
    assert.equal(await running, 'kept');
    await assert.rejects(breaker.execute(fine), 'ERR_DISPOSED');
  });

  test('a refusal carries no stack', async () => {
    const breaker = breakerOf();
    breaker.isolate();
    const error = await assert.rejects(breaker.execute(fine), 'ERR_CIRCUIT_OPEN');
    assert.ok(!(error.stack ?? '').includes('\n'), error.stack);
    assert.ok((new Error('others').stack ?? '\n').includes('\n'));
  });

  around(given);
};
