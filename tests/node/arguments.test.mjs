/** No argument stops the engine: a call that makes no sense costs nobody the keys and consents that live in it. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const lib = createRequire(import.meta.url)('../../pkg/index.cjs');

/** A view of a buffer that was transferred elsewhere. */
function gone() {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

const thrower = () => {
  throw new Error('mine');
};

/** Values of every kind, each made anew. */
const values = {
  undefined: () => undefined,
  null: () => null,
  'no number': () => Number.NaN,
  'a negative number': () => -1,
  'a number beyond 32 bits': () => 2 ** 40,
  'a text': () => 'x',
  'half a pair': () => '\ud800',
  'an object': () => ({}),
  'an object of nothing': () => Object.create(null),
  'an object of wrong fields': () => ({ dataType: 5, thirdParty: {}, method: Symbol('s') }),
  'an object that throws': () => new Proxy({}, { get: thrower, ownKeys: thrower }),
  'an object like a text': () => ({ length: 3, toString: () => 'abc' }),
  'a list': () => [1, Symbol('s')],
  'a function': () => () => {},
  'a symbol': () => Symbol('s'),
  'a large number': () => 5n,
  'bytes that are gone': gone,
  'shared bytes': () => new Uint8Array(new SharedArrayBuffer(4)),
  'pairs of bytes': () => new Uint16Array(3),
  'a buffer': () => new ArrayBuffer(4),
};

const keyset = lib.Keyset.generate();
const consentStore = () => new lib.ConsentStore(new lib.MemoryStore(), { keyset });
const purpose = {
  id: 'usage',
  name: 'Usage',
  description: 'Counts commands',
  category: 'analytics',
  dataTypes: ['commands'],
  retentionPeriod: 86_400_000,
};
const rule = {
  id: 'any',
  pattern: '*',
  scope: 'user',
  bucket: { capacity: 9, refillRate: 1, refillInterval: 9 },
};

/** An object of each class that lives in the engine, or that stands on one. */
const objects = {
  HtmlSanitizer: () => new lib.HtmlSanitizer(),
  ThreatDetector: () => new lib.ThreatDetector(),
  VesperaInputSanitizer: () => new lib.VesperaInputSanitizer(),
  MaskingSession: () => new lib.MaskingSession(keyset),
  TokenBucket: () => new lib.TokenBucket(rule.bucket),
  VesperaRateLimiter: () => new lib.VesperaRateLimiter({ rules: [rule] }),
  CircuitBreaker: () => new lib.CircuitBreaker({ failureThreshold: 3 }),
  SecurityFeatureFlags: () => new lib.SecurityFeatureFlags({}),
  Keyset: () => lib.Keyset.generate(),
  DataKey: () => lib.DataKey.generate(),
  SigningKey: () => lib.SigningKey.generate(),
  SecretVault: () => new lib.SecretVault(keyset, new lib.MemoryStore()),
  VesperaConsentManager: async () => {
    const controller = { name: 'Example Ltd', email: 'privacy@example.com' };
    const options = { store: consentStore(), purposes: [purpose], controller, cleanup: { attempts: 1 } };
    const consents = await lib.VesperaConsentManager.open(options);
    await consents.grantConsent('ada', 'usage');
    return consents;
  },
};

/** Arguments that get a call as far as they can, with one of them replaced. */
const sensible = { 0: 'ada', 1: 'usage', 2: 'x' };
const bytesFirst = /^(seal|open|isCurrent|reseal|export|sign)/;

async function outcome(work) {
  try {
    await Promise.race([work(), new Promise((resolve) => setTimeout(resolve, 100).unref())]);
    return undefined;
  } catch (thrown) {
    return thrown?.code;
  }
}

for (const [name, make] of Object.entries(objects)) {
  test(`no argument of ${name} stops the engine`, async () => {
    const stops = [];
    const object = await make();
    const shape = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object));
    for (const [method, { value: callable }] of Object.entries(shape)) {
      if (typeof callable !== 'function' || ['constructor', 'dispose'].includes(method)) continue;
      for (const [what, value] of Object.entries(values)) {
        for (const at of [0, 1, 2]) {
          const given = [0, 1, 2].map((place) => (place === at ? value() : sensible[place]));
          if (at !== 0 && bytesFirst.test(method) && name !== 'VesperaConsentManager')
            given[0] = new Uint8Array(90);
          if ((await outcome(async () => object[method](...given))) === 'ERR_ENGINE_FAULT')
            stops.push(`${method}: ${what} at ${at}`);
        }
      }
    }
    assert.deepEqual(stops, []);
  });
}

test('no argument of a function or constructor stops the engine', async () => {
  const stops = [];
  for (const [name, callable] of Object.entries(lib)) {
    if (typeof callable !== 'function') continue;
    const isClass = Function.prototype.toString.call(callable).startsWith('class');
    for (const [what, value] of Object.entries(values)) {
      for (const at of [0, 1, 2]) {
        const given = [new Uint8Array(40), new Uint8Array(32), 'x'];
        given[at] = value();
        const work = async () => (isClass ? new callable(...given) : callable(...given));
        if ((await outcome(work)) === 'ERR_ENGINE_FAULT') stops.push(`${name}: ${what} at ${at}`);
      }
    }
  }
  assert.deepEqual(stops, []);
  assert.equal(keyset.generation, 1);
});

test('what is not there at all is refused in words of ours', async () => {
  const calls = {
    'a breaker with no host': () => new lib.CircuitBreaker({}, null),
    'an operation that is none': () => new lib.CircuitBreaker().execute(),
    'a bulkhead of nothing': () => new lib.Bulkhead(),
    'an operation that is none, in a bulkhead': () => new lib.Bulkhead({ concurrency: 1 }).execute(5),
    'a registry of null': () => new lib.CircuitBreakerRegistry(null),
    'pieces that are a number': () => new lib.HtmlSanitizer().sanitizeMany(5),
    'a template that is a number': () => lib.safeHtml(5),
    'no findings for SARIF': () => lib.toSarif(),
    'a finding that is none': () => lib.toSarif([null], 'a.js'),
    'no findings for diagnostics': () => lib.toDiagnostics(),
    'options of null': () => new lib.ThreatDetector().detectThreats('a', null),
    'a sanitizer of null': () => new lib.VesperaInputSanitizer(null),
    'a keyset of null': () => lib.Keyset.generate(null),
    'a shared limiter of nothing': () => new lib.RedisRateLimiter(),
    'a shared breaker of nothing': () => new lib.RedisCircuitBreaker(),
  };
  for (const [name, work] of Object.entries(calls))
    await assert.rejects(
      async () => work(),
      (error) => /^ERR_(CONFIG|ARGUMENT)_INVALID$/.test(error.code) && /^[a-z]+: /.test(error.message),
      name,
    );
});

test('a clock that answers no number is refused before it reaches the engine', async () => {
  let wrong = false;
  const clock = { now: () => (wrong ? 5n : 1_700_000_000_000) };
  const turning = lib.Keyset.generate({ clock });
  const store = new lib.ConsentStore(new lib.MemoryStore(), { keyset: lib.Keyset.generate() });
  const controller = { name: 'Example', email: 'privacy@example.com' };
  const purpose = { name: 'a', description: 'a', category: 'functional', required: false, dataTypes: ['a'] };
  const rest = { retentionPeriod: 1_000, thirdParties: [], legalBasis: 'consent', version: '1', notice: 'a' };
  const purposes = [{ id: 'a', ...purpose, ...rest }];
  const manager = await lib.VesperaConsentManager.open({ store, purposes, controller }, { clock });
  wrong = true;
  const calls = {
    'a keyset that is made': () => lib.Keyset.generate({ clock }),
    'a keyset that turns': () => turning.rotate(),
    'a consent that is given': () => manager.grantConsent('ada', ['a']),
    'a bucket': () => new lib.TokenBucket({ capacity: 1, refillRate: 1, refillInterval: 1 }, { clock }),
  };
  for (const [name, work] of Object.entries(calls))
    await assert.rejects(async () => work(), { code: 'ERR_ARGUMENT_INVALID' }, name);
  assert.equal(keyset.generation, 1);
});
