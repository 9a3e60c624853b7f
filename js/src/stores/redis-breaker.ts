/** A circuit shared between processes: the failures of all of them open it, and all of them share its probes. */
import type { Event } from '../events.js';
import { refusal } from '../breaker/refusal.js';
import { judgeError, type Verdict, verdictOf } from '../breaker/verdict.js';
import { CircuitBreaker } from '../breaker.js';
import { requireObject } from '../engine/configuration.js';
import { createError } from '../errors.js';
import type { Disposable } from '../types.js';
import { STORE_OPTIONS, type StoreChange, type StoreConfig, StoredScript } from './script.js';

/** A circuit on a store. Times are milliseconds on the server's clock. */
export interface RedisCircuitBreakerConfig extends StoreConfig {
  /** The name of the circuit in the store, 1 to 128 characters: breakers with one name are one circuit. */
  readonly name: string;
  /** Failures within the monitoring period that open the circuit, from 1 to 1,000. @default 5 */
  readonly failureThreshold?: number;
  /** How long a failure counts. @default 60_000 */
  readonly monitoringPeriod?: number;
  /** How long an open circuit refuses, and how long a probe may be out before it is given up. @default 30_000 */
  readonly recoveryTimeout?: number;
  /** Probes of all processes together that pass while half-open, and must succeed. @default 1 */
  readonly halfOpenMaxCalls?: number;
  /** What an error says about the service. `rate-limited` is a failure here: the circuit waits as long as always. */
  readonly judgeError?: (error: unknown) => Verdict;
}

/**
 * KEYS[1] the circuit. ARGV: `ask`, or `success` or `failure` and the generation that was asked; threshold, period,
 * recovery, probes. Answers 0 and the generation when the call may go on, or the milliseconds to wait. The generation
 * grows with every change of state, so that a late report is nobody's.
 */
const SCRIPT = `
local clock = redis.call('TIME')
local now = math.floor(clock[1] * 1000 + clock[2] / 1000)
local act, generation = ARGV[1], tonumber(ARGV[2])
local threshold, period, recovery, probes = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local kept = redis.call('HMGET', KEYS[1], 'state', 'generation', 'until', 'issued', 'succeeded', 'failures')
local state, current = kept[1] or 'closed', tonumber(kept[2] or 0)
local due, issued, succeeded = tonumber(kept[3] or 0), tonumber(kept[4] or 0), tonumber(kept[5] or 0)
local failures = {}
for time in string.gmatch(kept[6] or '', '%d+') do
  if now - tonumber(time) < period then failures[#failures + 1] = time end
end
local function enter(next, at)
  state, current, due, issued, succeeded, failures = next, current + 1, at, 0, 0, {}
end
local wait = 0
if act == 'ask' then
  -- An open circuit whose time has come, and probes that never reported.
  if state ~= 'closed' and now >= due and (state == 'open' or issued >= probes) then enter('half-open', now) end
  if state == 'open' or (state == 'half-open' and issued >= probes) then
    wait = due - now
  elseif state == 'half-open' then
    issued = issued + 1
    due = now + recovery
  end
elseif generation == current then
  if act == 'failure' and state == 'half-open' then
    enter('open', now + recovery)
  elseif act == 'failure' then
    failures[#failures + 1] = string.format('%.0f', now)
    if #failures >= threshold then enter('open', now + recovery) end
  elseif state == 'half-open' then
    succeeded = succeeded + 1
    if succeeded >= probes then enter('closed', 0) end
  end
end
redis.call('HSET', KEYS[1], 'state', state, 'generation', current, 'until', string.format('%.0f', due), 'issued', issued, 'succeeded', succeeded, 'failures', table.concat(failures, ' '))
redis.call('PEXPIRE', KEYS[1], math.max(period, recovery) * 10)
return { string.format('%.0f', wait), string.format('%.0f', current) }
`;

/**
 * A circuit breaker for services with more than one process.
 *
 * While the store is down, `insurance` is a breaker of this process, `open` lets every call through and `closed` none.
 *
 * @example
 * const breaker = new RedisCircuitBreaker({ client, name: 'payments', whenDown: 'insurance' });
 * const answer = await breaker.execute(() => fetch(url));
 */
export class RedisCircuitBreaker implements Disposable {
  readonly #store: StoredScript;
  readonly #config: RedisCircuitBreakerConfig;
  readonly #parameters: readonly number[];
  readonly #local: CircuitBreaker | undefined;
  readonly #judge: (error: unknown) => Verdict;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field */
  constructor(config: RedisCircuitBreakerConfig) {
    requireObject('breaker: the configuration', config, [
      ...STORE_OPTIONS,
      'name',
      'failureThreshold',
      'monitoringPeriod',
      'recoveryTimeout',
      'halfOpenMaxCalls',
      'judgeError',
    ]);
    const {
      name,
      failureThreshold = 5,
      monitoringPeriod = 60_000,
      recoveryTimeout = 30_000,
      halfOpenMaxCalls = 1,
    } = config;
    if (typeof name !== 'string' || name.length < 1 || name.length > 128)
      throw createError('ERR_CONFIG_INVALID', 'breaker: name must have from 1 to 128 characters');
    const whole = (field: string, value: number, most: number): number => {
      if (Number.isInteger(value) && value >= 1 && value <= most) return value;
      throw createError('ERR_CONFIG_INVALID', `breaker: ${field} must be a whole number from 1 to ${most}`);
    };
    this.#parameters = [
      whole('failureThreshold', failureThreshold, 1_000),
      whole('monitoringPeriod', monitoringPeriod, 86_400_000),
      whole('recoveryTimeout', recoveryTimeout, 86_400_000),
      whole('halfOpenMaxCalls', halfOpenMaxCalls, 1_000),
    ];
    if (config.judgeError !== undefined && typeof config.judgeError !== 'function')
      throw createError('ERR_CONFIG_INVALID', 'breaker: judgeError must be a function');
    this.#judge = config.judgeError ?? judgeError;
    this.#store = new StoredScript('breaker', SCRIPT, 'vespera:breaker:', config);
    this.#config = config;
    if (config.whenDown === 'insurance') {
      this.#local = new CircuitBreaker({
        failureThreshold,
        monitoringPeriod,
        recoveryTimeout,
        halfOpenMaxCalls,
        judgeError: this.#judge,
      });
    }
  }

  /**
   * Runs the operation if the circuit lets it.
   * @throws VesperaSecurityError `ERR_CIRCUIT_OPEN` (`details.retryAfterMs`); whatever the operation throws
   */
  async execute<T>(operation: () => T | PromiseLike<T>): Promise<T> {
    if (typeof operation !== 'function')
      throw createError('ERR_ARGUMENT_INVALID', 'breaker: the operation must be a function');
    const { name, whenDown, retryAfter = 1_000 } = this.#config;
    const permit = await this.#run(name, 'ask', 0);
    if (permit === undefined) {
      if (this.#local) return this.#local.execute(async () => operation());
      if (whenDown === 'closed') throw refusal(retryAfter);
      return operation();
    }
    const [wait, generation] = permit;
    if (wait > 0) throw refusal(wait);
    try {
      const result = await operation();
      await this.#run(name, 'success', generation);
      return result;
    } catch (error) {
      const outcome = this.#outcome(error);
      // What says nothing about the service leaves the circuit as it is: a probe is given up after its time.
      if (outcome !== 'ignored')
        await this.#run(name, outcome === 'success' ? 'success' : 'failure', generation);
      throw error;
    }
  }

  /** Whether the store answered the last time it was asked. */
  get available(): boolean {
    return this.#store.available;
  }

  /** After the store came or went. */
  get onDidChangeStore(): Event<StoreChange> {
    return this.#store.onDidChange;
  }

  /** Lets go of the local breaker. The client stays the caller's. */
  dispose(): void {
    this.#local?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #outcome(error: unknown): string {
    const verdict = verdictOf(this.#judge, error, 'failure');
    return typeof verdict === 'string' ? verdict : verdict.outcome;
  }

  #run(name: string, act: string, generation: number): Promise<readonly [number, number] | undefined> {
    return this.#store.run(name, [act, generation, ...this.#parameters]);
  }
}
