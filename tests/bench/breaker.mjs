/** The circuit breaker. */
import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  CountBreaker,
  handleAll,
  SamplingBreaker,
} from 'cockatiel';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import Opossum from 'opossum';

const { memoryBytes } = createRequire(import.meta.url)('../../pkg/provider.cjs');

// Exposed by what measures.
const collect = runInNewContext('gc');

const operation = async () => 1;
const failing = async () => {
  throw new Error('the bench fails on purpose');
};
const WINDOW = 100;

export default async ({ CircuitBreaker }) => {
  const cockatiel = (breaker) => circuitBreaker(handleAll, { halfOpenAfter: 1e9, breaker });
  const opossum = () => new Opossum(operation, { timeout: false, rollingPercentilesEnabled: false });
  const peer = { failures: opossum(), open: opossum() };

  const failures = new CircuitBreaker({ failureThreshold: 5 });
  const consecutive = cockatiel(new ConsecutiveBreaker(5));
  const count = new CircuitBreaker({ failureRate: 0.5, window: { kind: 'count', size: WINDOW } });
  const countPeer = cockatiel(new CountBreaker({ threshold: 0.5, size: WINDOW }));
  const time = new CircuitBreaker({ failureRate: 0.5, monitoringPeriod: 30_000 });
  const sampling = cockatiel(new SamplingBreaker({ threshold: 0.5, duration: 30_000 }));

  const open = new CircuitBreaker({ failureThreshold: 1, recoveryTimeout: 1e9 });
  const openPeer = cockatiel(new ConsecutiveBreaker(1));
  await open.execute(failing).catch(() => {});
  await openPeer.execute(failing).catch(() => {});
  peer.open.open();

  return [
    {
      name: 'breaker: added to a bare await',
      baseline: 'a bare await',
      contenders: {
        'vespera-security': () => failures.execute(operation),
        'cockatiel, consecutive': () => consecutive.execute(operation),
        opossum: () => peer.failures.fire(),
        'a bare await': operation,
      },
      goals: { 'cockatiel, consecutive': { atLeast: 1 }, opossum: { atLeast: 2 } },
    },
    {
      name: `breaker: added, window of ${WINDOW} calls`,
      baseline: 'a bare await',
      contenders: {
        'vespera-security': () => count.execute(operation),
        'cockatiel, count': () => countPeer.execute(operation),
        'a bare await': operation,
      },
      goals: { 'cockatiel, count': { atLeast: 1 } },
    },
    {
      name: 'breaker: added, window of 30 s',
      baseline: 'a bare await',
      contenders: {
        'vespera-security': () => time.execute(operation),
        'cockatiel, sampling': () => sampling.execute(operation),
        'a bare await': operation,
      },
      goals: { 'cockatiel, sampling': { atLeast: 1 } },
    },
    {
      name: 'breaker: refuse',
      contenders: {
        'vespera-security': refused(() => open.execute(operation), 'ERR_CIRCUIT_OPEN'),
        cockatiel: refused(() => openPeer.execute(operation), undefined, BrokenCircuitError),
        opossum: refused(() => peer.open.fire(), 'EOPENBREAKER'),
      },
      goals: { cockatiel: { atLeast: 5 } },
    },
    ...memory(CircuitBreaker, cockatiel, opossum),
  ];
};

/** A call that must be refused: one that passes would be measured as something else. */
function refused(call, code, type = Error) {
  return async () => {
    try {
      await call();
    } catch (error) {
      if (error.code === code && error instanceof type) return;
      throw error;
    }
    throw new Error('the bench: a call passed an open circuit');
  };
}

/** Bytes a breaker with a count window, on the heap and in the engine's linear memory. What is made is kept. */
function memory(CircuitBreaker, cockatiel, opossum) {
  const MANY = 10_000;
  const kept = [];
  const growth = (make, used) => () => {
    const list = new Array(MANY).fill(undefined);
    kept.push(list);
    const before = used();
    for (let at = 0; at < MANY; at++) list[at] = make();
    return (used() - before) / MANY;
  };
  const config = { failureRate: 0.5, window: { kind: 'count', size: WINDOW } };
  const ours = () => new CircuitBreaker(config);
  const sketched = () => new CircuitBreaker({ ...config, latency: true });
  return [
    {
      name: `breaker: memory of one, window of ${WINDOW} calls`,
      unit: 'bytes',
      rounds: 3,
      samples: {
        'vespera-security, engine': growth(ours, memoryBytes),
        '… with a latency sketch': growth(sketched, memoryBytes),
        'vespera-security, heap': growth(ours, heapBytes),
        'cockatiel, heap': growth(
          () => cockatiel(new CountBreaker({ threshold: 0.5, size: WINDOW })),
          heapBytes,
        ),
        'opossum, heap': growth(opossum, heapBytes),
      },
      goals: {
        'vespera-security, engine': { atMost: 300 },
        '… with a latency sketch': { atMost: 300 + 512 },
      },
    },
  ];
}

function heapBytes() {
  collect();
  return process.memoryUsage().heapUsed;
}
