/**
 * What a suite is given: `test`, `assert`, `lib` and a `clock` that stands still until it is moved. Knows
 * neither Node nor a browser; the host says how a test is registered.
 */
export function context(lib, register) {
  const clock = manualClock();
  const test = (name, body) =>
    register(name, async () => {
      clock.set(1_000_000);
      await body();
    });
  return { test, assert, lib, clock };
}

/** Runs every suite by itself, one test after the other, and answers `[{ name, error? }]`: for pages and workers. */
export async function runAll(suites, lib) {
  const results = [];
  for (const [domain, suite] of Object.entries(suites)) {
    const tests = [];
    suite(context(lib, (name, body) => tests.push({ name, body })));
    for (const { name, body } of tests) {
      const result = { name: `${domain}: ${name}` };
      try {
        await body();
      } catch (error) {
        result.error = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
      }
      results.push(result);
    }
  }
  return results;
}

/** How many tests the suites register: a runner that lost some would not notice otherwise. */
export function countTests(suites) {
  let count = 0;
  for (const suite of Object.values(suites)) suite(context({}, () => count++));
  return count;
}

function manualClock() {
  let time = 0;
  return {
    now: () => time,
    set: (to) => {
      time = to;
    },
    advance: (by) => {
      time += by;
    },
  };
}

export const assert = {
  ok(value, message = 'expected a true value') {
    if (!value) throw new Error(message);
  },
  equal(actual, expected, message = '') {
    if (!Object.is(actual, expected))
      throw new Error(`${message} expected ${show(expected)}, got ${show(actual)}`);
  },
  deepEqual(actual, expected, message = '') {
    if (!same(actual, expected))
      throw new Error(`${message} expected ${show(expected)}, got ${show(actual)}`);
  },
  /** The call throws an error of this code; the error is the answer. */
  throws(work, code) {
    return refused(attempt(work), code);
  },
  /** The promise is rejected with an error of this code; the error is the answer. */
  async rejects(promise, code) {
    return refused(
      await promise.then(
        () => undefined,
        (error) => ({ error }),
      ),
      code,
    );
  },
};

function attempt(work) {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function refused(outcome, code) {
  if (!outcome) throw new Error(`expected ${code}, but nothing was thrown`);
  if (outcome.error?.code !== code)
    throw new Error(`expected ${code}, got ${outcome.error?.code}: ${outcome.error?.message}`);
  return outcome.error;
}

const show = (value) =>
  value instanceof Uint8Array ? `bytes [${value}]` : (JSON.stringify(value) ?? String(value));

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}
