/**
 * Measures contenders against each other in one process and one run.
 *
 * All are warmed up; then each round takes one sample of each, in an order that rotates. A sample is a batch long
 * enough for the timer. The figure is the median over the rounds, and a ratio is the median of the ratios within
 * each round, so that a slow moment of the machine falls on both sides of it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const SAMPLE_MS = 8;
const WARM_UP_MS = 500;
const WARM_UP_LIMIT_MS = 8_000;

/**
 * @typedef {object} Group What is compared.
 * @property {string} name `domain: what`
 * @property {Record<string, () => unknown>} [contenders] one call each; ours comes first. A promise is awaited.
 * @property {Record<string, () => number | Promise<number>>} [samples] instead of contenders: answers the figure
 *   itself, in milliseconds, or in bytes if `unit` says so.
 * @property {string} [baseline] the contender whose median is taken off the others before ratios are formed
 * @property {number} [bytes] what one call reads, for a throughput
 * @property {'time' | 'bytes'} [unit]
 * @property {number} [rounds]
 * @property {string} [skipped] why it cannot be measured here
 * @property {() => Promise<void>} [close] ends what the samples started
 * @property {Record<string, { atLeast?: number, atMost?: number }>} [goals] per contender: `atLeast` is the ratio to
 *   reach, theirs over ours; `atMost` bounds the figure itself, in milliseconds or bytes
 */

/** Measures a group and answers `{ name, unit, results: [{ name, median, low, high, ratio?, goal?, met? }] }`. */
export async function measure(group, { rounds = group.rounds ?? 15 } = {}) {
  const names = Object.keys(group.contenders ?? group.samples);
  const takers = [];
  for (const name of names) takers.push(group.samples?.[name] ?? (await batch(group.contenders[name])));
  const rows = names.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const at = (round + turn) % names.length;
      // The young garbage of the one before. A full collection would shrink the young space and charge every
      // contender that allocates with the growing of it.
      collect({ type: 'minor' });
      rows[at].push(await takers[at]());
    }
  }
  return {
    name: group.name,
    unit: group.unit ?? 'time',
    bytes: group.bytes,
    results: judge(group, names, rows),
  };
}

/**
 * Warms a call up and answers a function that takes one sample of it: milliseconds a call. Warm is who has not become
 * a twentieth faster in three batches; jsdom needs seconds for that.
 */
async function batch(work) {
  const isAsync = typeof work()?.then === 'function';
  const time = isAsync ? timeAsync : timeSync;
  let calls = 1;
  let best = Infinity;
  let took = 0;
  for (let spent = 0, idle = 0; spent < WARM_UP_MS || (idle < 3 && spent < WARM_UP_LIMIT_MS); spent += took) {
    took = await time(work, calls);
    idle = took / calls < best * 0.95 ? 0 : idle + 1;
    best = Math.min(best, took / calls);
    if (took < SAMPLE_MS / 2) calls *= 2;
  }
  calls = Math.max(1, Math.round(SAMPLE_MS / best));
  return async () => (await time(work, calls)) / calls;
}

// What the calls answer goes here, so that none of them is optimized away.
let sink;

function timeSync(work, calls) {
  const started = performance.now();
  for (let call = 0; call < calls; call++) sink = work();
  return performance.now() - started;
}

async function timeAsync(work, calls) {
  const started = performance.now();
  for (let call = 0; call < calls; call++) sink = await work();
  return performance.now() - started;
}

function judge(group, names, rows) {
  const base = group.baseline ? names.indexOf(group.baseline) : -1;
  const cost = rows.map((row, at) =>
    base < 0 || at === base ? row : row.map((value, i) => value - rows[base][i]),
  );
  return names.map((name, at) => {
    const result = {
      name,
      median: quantile(cost[at], 0.5),
      low: quantile(cost[at], 0.1),
      high: quantile(cost[at], 0.9),
    };
    if (at === base) return { ...result, baseline: true };
    const goal = group.goals?.[name];
    if (at > 0)
      result.ratio = quantile(
        cost[at].map((value, i) => value / cost[0][i]),
        0.5,
      );
    if (!goal) return result;
    const met =
      result.median <= (goal.atMost ?? Infinity) && (result.ratio ?? Infinity) >= (goal.atLeast ?? 0);
    return { ...result, goal, met };
  });
}

function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}
