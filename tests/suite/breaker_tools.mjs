/** What the tests of a breaker share. */
export const FAST = {
  failureThreshold: 2,
  recoveryTimeout: 1_000,
  monitoringPeriod: 10_000,
  halfOpenMaxCalls: 1,
};

export const boom = async () => {
  throw new Error('boom');
};
export const fine = async () => 'fine';

/** Waits for real time to pass: for what runs on the host's timers. */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An operation that ends when it is told. */
export const pending = () => {
  const call = {};
  call.promise = new Promise((resolve, reject) => Object.assign(call, { resolve, reject }));
  return call;
};

export const http = (status, headers = {}) =>
  Object.assign(new Error(`status ${status}`), { status, headers });

/** Breakers on the clock of the test. */
export const tools = ({ assert, lib, clock }) => {
  const host = () => ({ clock, wallClock: clock });
  const breakerOf = (config = {}) => new lib.CircuitBreaker({ ...FAST, ...config }, host());

  const fails = async (breaker, operation = boom, options = undefined) => {
    try {
      await breaker.execute(operation, options);
    } catch (error) {
      return error;
    }
    throw new Error('the operation succeeded');
  };
  const opened = async (config = {}) => {
    const breaker = breakerOf(config);
    while (breaker.state === 'closed') await fails(breaker);
    assert.equal(breaker.state, 'open');
    return breaker;
  };
  return { host, breakerOf, fails, opened };
};
