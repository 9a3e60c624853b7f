/** What a breaker is told at its start. */
import { clockOf } from '../engine/clock.js';
import { plainCopy, requireObject } from '../engine/configuration.js';
import type { Resident } from '../engine/resident.js';
import { createError } from '../errors.js';
import type { Clock, Host } from '../types.js';
import { type BulkheadConfig } from './bulkhead.js';
import { type BackoffConfig, Retry, type RetryConfig } from './retry.js';
import { judgeError, type Verdict } from './verdict.js';

/** What a breaker looks back on. */
export type WindowConfig =
  | { readonly kind: 'consecutive' }
  | { readonly kind: 'count'; readonly size: number }
  | { readonly kind: 'time'; readonly buckets?: number };

/** What a breaker does with its findings. */
export type CircuitMode = 'normal' | 'metrics-only' | 'isolated' | 'disabled';

/** When a breaker opens and how it closes again. All times are milliseconds, all rates above 0, at most 1. */
export interface CircuitBreakerConfig {
  /** Failures in the window that open the circuit, from 1 to 10,000. @default 5, none if a rate is given */
  readonly failureThreshold?: number;
  /** The share of failures in the window that opens the circuit. */
  readonly failureRate?: number;
  /** How long a call may take before it is slow. */
  readonly slowCallDuration?: number;
  /** The share of slow calls in the window that opens the circuit. A slow probe has then failed. */
  readonly slowCallRate?: number;
  /** Calls in the window below which no rate opens the circuit. @default 10, or the window's size if that is less */
  readonly minimumCalls?: number;
  /** What the breaker looks back on. @default the failures of the monitoring period, or with a rate its calls */
  readonly window?: WindowConfig;
  /** How long a failure counts, and with a time window a call. @default 60_000 */
  readonly monitoringPeriod?: number;
  /** How long an open circuit refuses, and how long a probe may be out before it is given up. @default 30_000 */
  readonly recoveryTimeout?: number;
  /** How the refusal grows when the circuit opens again without having closed. @default constant */
  readonly backoff?: BackoffConfig;
  /** The longest that a service's `Retry-After` may keep the circuit open. @default 3_600_000 */
  readonly retryAfterMaximum?: number;
  /** Probes that pass while half-open, from 1 to 1,000. @default 1 */
  readonly halfOpenMaxCalls?: number;
  /** Probes that must succeed for the circuit to close. @default halfOpenMaxCalls */
  readonly successThreshold?: number;
  /** Weights of classes of failures, from 1/16 to 15 in steps of 1/16; others weigh 1. `timeout` is a class. */
  readonly classes?: Readonly<Record<string, number>>;
  /** Whether to keep a sketch of how long calls take: p50, p95 and p99 in `stats`, for 476 bytes. @default false */
  readonly latency?: boolean;
  /** What the breaker does with its findings at the start. @default 'normal' */
  readonly mode?: CircuitMode;
  /** How long one run of the operation may take; its signal is then aborted. @default no limit */
  readonly timeout?: number;
  /** How many operations run at once, and how many wait. @default no limit */
  readonly bulkhead?: BulkheadConfig;
  /** How often to try again. It stops when the circuit opens. @default never */
  readonly retry?: RetryConfig;
  /** What an error says about the service. A judge that throws or answers no verdict has said nothing. @default judgeError */
  readonly judgeError?: (error: unknown) => Verdict;
  /** What a result says about the service, for services that fail without throwing. */
  readonly judgeResult?: (result: unknown) => Verdict;
  /** A name for events and logs. */
  readonly name?: string;
  /** What `toJSON()` gave, in this process or an earlier one. */
  readonly initialState?: unknown;
}

/** What the host provides; every part has a default. */
export interface CircuitBreakerHost extends Host {
  /** The wall clock, which says how old a snapshot is. @default Date */
  readonly wallClock?: Clock;
}

/** A configuration, taken apart once and shared by the breakers of a registry. @internal */
export interface Policy {
  /** What the core reads. */
  readonly plain: object;
  readonly classes: Readonly<Record<string, number>>;
  readonly judgeError: (error: unknown) => Verdict;
  readonly judgeResult: ((result: unknown) => Verdict) | undefined;
  readonly timeout: number | undefined;
  readonly bulkhead: BulkheadConfig | undefined;
  readonly retry: Retry | undefined;
  readonly clock: Clock;
  readonly wallClock: Clock;
  /** The breaker of a registry after which the others are made, without reading the configuration again. */
  template?: Resident;
}

/** How a registry hands its policy to its breakers: the key is not exported from the package. @internal */
export const POLICY: unique symbol = Symbol('policy');

/** @internal */
export interface PolicyHost extends CircuitBreakerHost {
  readonly [POLICY]: Policy;
}

/** The longest that a timer can wait. */
const MOST = 2 ** 31 - 1;

/** Takes a configuration apart. @internal @throws VesperaSecurityError `ERR_CONFIG_INVALID` */
export function policyOf(config: CircuitBreakerConfig, host: CircuitBreakerHost): Policy {
  requireObject('breaker: the configuration', config);
  const { name, initialState, timeout, bulkhead, retry, judgeError: ofError, judgeResult, ...data } = config;
  if (name !== undefined && (typeof name !== 'string' || name.length > 256))
    throw createError('ERR_CONFIG_INVALID', 'breaker: name must be a string of at most 256 characters');
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 1 && timeout <= MOST))
    throw createError('ERR_CONFIG_INVALID', 'breaker: timeout must be from 1 to 2147483647 milliseconds');
  for (const [field, value] of Object.entries({ judgeError: ofError, judgeResult })) {
    if (value !== undefined && typeof value !== 'function')
      throw createError('ERR_CONFIG_INVALID', `breaker: ${field} must be a function`);
  }
  const plain = plainCopy('breaker', data);
  const wallClock = clockOf('breaker', host.wallClock, Date);
  return {
    plain,
    classes: (plain as CircuitBreakerConfig).classes ?? {},
    judgeError: ofError ?? ((error) => judgeError(error, wallClock.now())),
    judgeResult,
    timeout,
    bulkhead,
    retry: retry === undefined ? undefined : new Retry(retry),
    clock: clockOf('breaker', host.clock, performance),
    wallClock,
  };
}
