/** Many subjects under many rules. */
import { Emitter, type Event } from '../events.js';
import { clockOf } from '../engine/clock.js';
import { plainCopy, requireObject } from '../engine/configuration.js';
import { type Core, call, core, translate } from '../engine/engine.js';
import { checkCount, checkText, LIMITS } from '../engine/limits.js';
import { type Kind, Resident } from '../engine/resident.js';
import { answered, writeTexts } from '../engine/scratch.js';
import { createError } from '../errors.js';
import type { Clock, Disposable, Host } from '../types.js';
import {
  type RateLimitHeaders,
  type RateLimitProblem,
  rateLimitHeaders,
  rateLimitProblem,
  serverWait,
} from './fields.js';
import { type AcquireOptions, WaitingLine } from './queue.js';

/** The buckets of a rule. Amounts are tokens, times milliseconds. */
export interface RateLimitBucket {
  /**
   * `token-bucket` fills evenly or by intervals; `gcra` decides as it does with half of the memory; `sliding-window`
   * is exact in every window, for capacities up to 1000. @default 'token-bucket'
   */
  readonly algorithm?: 'token-bucket' | 'gcra' | 'sliding-window';
  /** What the bucket holds without the burst, a whole number from 1; of a sliding window, what passes in it. */
  readonly capacity: number;
  /** Tokens gained each interval, to six decimals. A sliding window has none. */
  readonly refillRate?: number;
  /** The interval, or the length of the sliding window, in whole milliseconds. */
  readonly refillInterval: number;
  /** Tokens at the start. @default capacity */
  readonly initialTokens?: number;
  /** What the bucket holds beyond its capacity. @default 0 */
  readonly burstAllowance?: number;
  /** Whether tokens come evenly or all at the end of an interval. @default 'continuous' */
  readonly refill?: 'continuous' | 'interval';
}

/** What a rule can do. A bucket that has nothing left refuses whatever the actions are. */
export type RateLimitActionType = 'log' | 'delay' | 'reject' | 'circuit-break' | 'notify';

/** What a rule does at which part of use. */
export interface RateLimitAction {
  /**
   * `log` and `notify` are named in the answer and the event; `delay` answers `delayMs`; `reject` refuses what goes
   * beyond the threshold; `circuit-break` blocks the subject for a while.
   */
  readonly type: RateLimitActionType;
  /** The part of use, in percent of capacity and burst together. @default 100 */
  readonly threshold?: number;
  /** Of `delay`: milliseconds. @default the time that one token takes */
  readonly delay?: number;
  /** Of `circuit-break`: milliseconds. @default 30_000 */
  readonly duration?: number;
}

/** Whose requests share a bucket. Requests that do not say who they are from share one. */
export type RateLimitScope = 'global' | 'user' | 'resource' | 'session' | 'ip';

/** One rule. */
export interface RateLimitRule {
  /** Its name in answers and header fields: 1 to 128 printable ASCII characters, unique. */
  readonly id: string;
  readonly name?: string;
  /**
   * The resources it is for. A string is a glob for the whole resource: `*` is any run of characters, `/` too; `?`,
   * `[a-z]`, `[!a-z]`, `{a,b}`, `\`. A regular expression matches a part, in the syntax of Rust's `regex` crate.
   */
  readonly pattern: string | RegExp | { readonly regex: string };
  readonly scope: RateLimitScope;
  readonly bucket: RateLimitBucket;
  readonly actions?: readonly (RateLimitActionType | RateLimitAction)[];
  /** @default true */
  readonly enabled?: boolean;
  /** The highest wins, among equals the first. @default 0 */
  readonly priority?: number;
}

/** What a limiter limits. */
export interface RateLimiterConfig {
  /** At most 1000. */
  readonly rules?: readonly RateLimitRule[];
  /** Rules that many need, by the ids of `VesperaRateLimiter.presets()`. */
  readonly presets?: readonly string[];
  /** Whether the rule with the highest priority counts, or all that match: then all take, or none. @default 'first' */
  readonly match?: 'first' | 'all';
  /** Subjects told apart, up to 4,194,304. Beyond them, newcomers share a bucket. @default 100_000 */
  readonly maxKeys?: number;
  /** What `toJSON` wrote. It is a secret: keep it as one. */
  readonly initialState?: RateLimiterSnapshot;
  /** Milliseconds that passed since `initialState`, for which buckets fill up. @default 0 */
  readonly elapsed?: number;
}

/** Who asks for what. */
export interface RateLimitContext {
  readonly resourceId: string;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  /** An IPv4 or IPv6 address without brackets or port. IPv6 counts by /56. */
  readonly ip?: string | undefined;
  /** Tokens that the request takes. @default 1 */
  readonly cost?: number | undefined;
}

/** The answer to a request. */
export interface RateLimitDecision {
  readonly allowed: boolean;
  /** The id of the rule that decided, or `null` if none matches: then everything is allowed. */
  readonly rule: string | null;
  /** Tokens left under that rule; `Infinity` without one. */
  readonly tokensRemaining: number;
  /** Milliseconds until the same request may pass: 0 if it did, `Infinity` if it never will. */
  readonly retryAfterMs: number;
  /** The same as `retryAfterMs`. */
  readonly retryAfter: number;
  /** When the bucket is full again if nothing more is taken, on the limiter's clock. */
  readonly resetTime: number;
  /** The same as milliseconds from now. */
  readonly resetAfterMs: number;
  /** Milliseconds by which the action `delay` puts the request off. */
  readonly delayMs: number;
  readonly actions: readonly RateLimitActionType[];
}

/** An action that fired. */
export interface RateLimitEvent {
  readonly context: RateLimitContext;
  readonly decision: RateLimitDecision;
}

/** What a limiter counted since it was made. */
export interface RateLimiterStats {
  readonly allowed: number;
  readonly refused: number;
  /** Requests that were counted in the bucket of newcomers without room. */
  readonly aggregated: number;
  /** Subjects told apart now. */
  readonly keys: number;
  /** Requests that wait in `acquire`. */
  readonly waiting: number;
}

/** A limiter's state. It is a secret: it holds the seed of the keyed hash of all subjects. */
export interface RateLimiterSnapshot {
  readonly version: 1;
  /** The bytes of `docs/formats/limit.md`, which carry a version of their own, in base64. */
  readonly state: string;
}

const KIND: Kind = { domain: 'limit', free: (core, handle) => core.limiterFree(handle) };
const ACTIONS: readonly RateLimitActionType[] = ['log', 'delay', 'reject', 'circuit-break', 'notify'];

// The numbers of src/wasm/limit.rs.
const LOOK = 0;
const CHARGE = 1;
const REFUND = 2;
const LOWER = 3;
const BLOCK = 4;
const RESET = 5;
const PROLONG = 6;
const FAILED = -1;

/** The number of a key that was released. */
const NO_KEY = -1;

/** How old the snapshot may be that a limiter falls back to if the engine stops, in milliseconds. */
const INTERVAL = 1_000;
/** A large snapshot is made less often: once in as many milliseconds as it has of these bytes. */
const BYTES_PER_MS = 400;
const MAX_SUBJECT = 4_096;
/** The longest that a server's answer makes the client wait, in milliseconds. */
const MAX_SERVER_WAIT = 3_600_000;

/**
 * A rate limiter: rules by resource, a bucket for each subject, bounded memory, no timers (but in `acquire`).
 *
 * @example
 * const limiter = new VesperaRateLimiter({ presets: ['mcp-tools'] });
 * const { allowed, retryAfterMs } = limiter.checkRateLimit({ resourceId: 'tool:read_file', sessionId });
 */
export class VesperaRateLimiter implements Disposable {
  readonly #clock: Clock;
  readonly #resident: Resident;
  #rules: readonly { readonly id: string; readonly quota: number; readonly windowMs: number }[] = [];
  // What is known if the engine stops: the last snapshot, when it was taken, and all that was spent since.
  #saved: Uint8Array | undefined;
  #savedAt: number;
  #spent = 0;
  #interval = INTERVAL;
  // Keys outlive an instance of the engine: by key, its request and its number in the core, -1 for none.
  readonly #keys: (RateLimitContext | undefined)[] = [];
  readonly #inCore: number[] = [];
  readonly #keyOf = new Map<number, number>();
  readonly #freeKeys: number[] = [];
  readonly #triggered = new Emitter<RateLimitEvent>();
  readonly #line: WaitingLine<RateLimitContext, RateLimitDecision>;

  /** The rules that `presets` names, as plain data. */
  static presets(): RateLimitRule[] {
    return JSON.parse(call((core) => core.limiterPresets()));
  }

  /**
   * @param host its `clock` is monotonic; the default is `performance.now()`
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field
   */
  constructor(config: RateLimiterConfig, host: Host = {}) {
    requireObject('limit: the configuration', config);
    requireObject('limit: the host', host, ['clock']);
    const { initialState, elapsed = 0, rules, ...rest } = config;
    const written = Array.isArray(rules) ? rules.map(withPlainPattern) : rules;
    const plain = plainCopy('limit', { ...rest, rules: written }, LIMITS.configuration.ceiling);
    this.#clock = clockOf('limit', host.clock, performance);
    checkCount('limit', 'elapsed', elapsed);
    let now = this.#clock.now();
    this.#savedAt = now;
    if (initialState !== undefined) {
      this.#saved = bytesOf(initialState);
      this.#savedAt -= elapsed;
    }
    const make = (core: Core): number => {
      const handle = this.#saved
        ? core.limiterRestore(plain, this.#saved, now - this.#savedAt, this.#spent, now)
        : core.limiterNew(plain, now);
      this.#keyOf.clear();
      this.#keys.forEach((context, key) => {
        if (context) this.#learnKey(key, this.#keyInCore(core, handle, context));
      });
      this.#save(core, handle, now);
      return handle;
    };
    this.#resident = new Resident(KIND, make, make, () => {
      now = this.#clock.now();
    });
    const { handle } = this.#resident;
    this.#rules = call((core) => core.limiterRules(handle))
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [quota, windowMs, ...id] = line.split(' ');
        return { id: id.join(' '), quota: Number(quota), windowMs: Number(windowMs) };
      });
    this.#line = new WaitingLine(
      (context) => this.checkRateLimit(context),
      (context) => this.peek(context),
      this.#clock,
    );
  }

  /**
   * Takes the tokens that a request costs, all or none, and says everything there is to say.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`
   */
  checkRateLimit(context: RateLimitContext): RateLimitDecision {
    const { resourceId, userId, sessionId, ip, cost = 1 } = checkObject(context);
    checkRequest(resourceId, userId, sessionId, ip, cost);
    const now = this.#clock.now();
    const { handle } = this.#resident;
    let wait: number;
    try {
      writeTexts(resourceId, userId, sessionId, ip);
      wait = core.limiterCheck(handle, cost, now);
      if (wait === FAILED) core.limiterError();
    } catch (thrown) {
      throw translate(thrown);
    }
    const decision = this.#decision(wait, now);
    if (wait === 0) this.#spend(cost, now);
    if (decision.actions.length > 0 && this.#triggered.used) this.#triggered.fire({ context, decision });
    return decision;
  }

  /** The same for those who only want to know whether it may go on. A string is a resource. */
  consume(context: RateLimitContext | string, cost?: number): boolean {
    if (typeof context === 'string') return this.#take(context, undefined, undefined, undefined, cost ?? 1);
    const { resourceId, userId, sessionId, ip, cost: own } = checkObject(context);
    return this.#take(resourceId, userId, sessionId, ip, cost ?? own ?? 1);
  }

  /** What `checkRateLimit` would answer, without taking anything. */
  peek(context: RateLimitContext): RateLimitDecision {
    const cost = checkContext(context);
    const now = this.#clock.now();
    return this.#decision(this.#act(LOOK, context, cost, now), now);
  }

  /**
   * A number for a request that comes often, for `consumeKey`: nothing is hashed or matched again. The same request has
   * the same number. At most 65,536 are out at once. What it costs is said to `consumeKey`, not here.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_TOO_MANY_HANDLES`
   */
  key(context: RateLimitContext | string): number {
    const full = typeof context === 'string' ? { resourceId: context } : { ...checkObject(context) };
    checkContext(full);
    // A cost that were taken here would be forgotten: each call of consumeKey has its own.
    if ((full.cost ?? 1) !== 1)
      throw createError('ERR_ARGUMENT_INVALID', 'limit: a key has no cost, give it to consumeKey');
    const { handle } = this.#resident;
    const number = call((core) => this.#keyInCore(core, handle, full));
    const known = this.#keyOf.get(number);
    if (known !== undefined) return known;
    const key = this.#freeKeys.pop() ?? this.#keys.length;
    this.#keys[key] = full;
    this.#learnKey(key, number);
    return key;
  }

  /** Takes `cost` tokens for the request of a key. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` */
  consumeKey(key: number, cost = 1): boolean {
    if (cost !== 1) checkCount('limit', 'cost', cost);
    const now = this.#clock.now();
    const { handle } = this.#resident;
    const number = this.#inCore[key] as number;
    if (!(number >= 0))
      throw createError('ERR_ARGUMENT_INVALID', 'limit: there is no such key, or it was released');
    let wait: number;
    try {
      wait = core.limiterCheckKey(handle, number, cost, now);
      if (wait === FAILED) core.limiterError();
    } catch (thrown) {
      throw translate(thrown);
    }
    if (wait !== 0) return false;
    this.#spend(cost, now);
    return true;
  }

  /** Lets go of a key; its number may come again. */
  releaseKey(key: number): void {
    if (this.#keys[key] === undefined) return;
    const { handle } = this.#resident;
    const number = this.#inCore[key] as number;
    this.#keys[key] = undefined;
    this.#inCore[key] = NO_KEY;
    this.#keyOf.delete(number);
    this.#freeKeys.push(key);
    call((core) => core.limiterReleaseKey(handle, number));
  }

  /** Takes tokens whether they are there or not; what is missing is owed. */
  penalty(context: RateLimitContext, tokens: number): void {
    checkCount('limit', 'tokens', tokens);
    const now = this.#clock.now();
    this.#act(CHARGE, context, tokens, now);
    this.#spend(tokens, now);
  }

  /** Gives tokens, at most up to capacity and burst. */
  reward(context: RateLimitContext, tokens: number): void {
    checkCount('limit', 'tokens', tokens);
    this.#act(REFUND, context, tokens);
  }

  /** Gives back what a request took and did not need, such as the rest of an estimate. */
  refund(context: RateLimitContext, tokens: number): void {
    this.reward(context, tokens);
  }

  /** Refuses the request's subjects until a time on the limiter's clock; a time gone by lifts it. */
  block(context: RateLimitContext, until: number): void {
    if (typeof until !== 'number' || Number.isNaN(until))
      throw createError(
        'ERR_ARGUMENT_INVALID',
        "limit: until must be a time in milliseconds on the limiter's clock",
      );
    const now = this.#clock.now();
    this.#act(BLOCK, context, until, now);
    this.#saveAt(now);
  }

  /** Forgets the request's subjects: they start anew, and a block is lifted. */
  reset(context: RateLimitContext): void {
    const now = this.#clock.now();
    this.#act(RESET, context, 0, now);
    this.#saveAt(now);
  }

  /**
   * Waits for its turn, first come, first served for the same user, session, address and resource. The answer is a
   * refusal if `maxWait` is too short or nothing can ever be granted.
   * @throws the signal's reason; VesperaSecurityError `ERR_TOO_MANY_HANDLES` if 10,000 wait already
   */
  async acquire(context: RateLimitContext, options: AcquireOptions = {}): Promise<RateLimitDecision> {
    // A copy: the caller may change its object while the request waits.
    const { resourceId, userId, sessionId, ip, cost } = checkObject(context);
    const own = { resourceId, userId, sessionId, ip, cost };
    checkContext(own);
    return this.#line.wait(JSON.stringify(subjectOf(own)), own, options);
  }

  /**
   * Slows down as a server's answer asks: `Retry-After` blocks, `RateLimit` lowers what is left. At most an hour is
   * believed, and a longer block stays.
   * @param headers a `Headers`, or an object of fields
   */
  learn(context: RateLimitContext, headers: unknown): void {
    checkContext(context);
    requireObject('limit: the headers', headers as object);
    const { blockMs, remaining } = serverWait(headers);
    const now = this.#clock.now();
    if (remaining !== undefined) this.#act(LOWER, context, remaining, now);
    if (blockMs > 0) this.#act(PROLONG, context, now + Math.min(blockMs, MAX_SERVER_WAIT), now);
    this.#saveAt(now);
  }

  /** The header fields of an answer: `RateLimit-Policy`, `RateLimit` and, of a refusal, `Retry-After`. */
  headers(decision: RateLimitDecision): RateLimitHeaders {
    const rule = this.#rules.find(({ id }) => id === decision.rule);
    return rateLimitHeaders(decision, rule);
  }

  /** The problem document (RFC 9457) of a refusal. */
  problem(decision: RateLimitDecision): RateLimitProblem {
    return rateLimitProblem(decision);
  }

  /** After an action fired in `checkRateLimit` or `acquire`. */
  get onDidTrigger(): Event<RateLimitEvent> {
    return this.#triggered.event;
  }

  getStats(): RateLimiterStats {
    const { handle } = this.#resident;
    const [allowed = 0, refused = 0, aggregated = 0, keys = 0] = call((core) => core.limiterStats(handle));
    return { allowed, refused, aggregated, keys, waiting: this.#line.waiting };
  }

  /** The state, for `initialState`. It is a secret. */
  toJSON(): RateLimiterSnapshot {
    const now = this.#clock.now();
    const { handle } = this.#resident;
    const bytes = call((core) => core.limiterSnapshot(handle, now));
    let binary = '';
    for (let at = 0; at < bytes.length; at += 8_192)
      binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
    return { version: 1, state: btoa(binary) };
  }

  /** A limiter with the state of another one. `elapsed` milliseconds have passed since. */
  static restore(
    config: RateLimiterConfig,
    initialState: RateLimiterSnapshot,
    { elapsed = 0, ...host }: Host & { readonly elapsed?: number } = {},
  ): VesperaRateLimiter {
    return new VesperaRateLimiter({ ...config, initialState, elapsed }, host);
  }

  /** Lets go of the engine's part. Whoever waits is refused. */
  dispose(): void {
    if (this.#resident.disposed) return;
    this.#line.close(createError('ERR_DISPOSED', 'limit: the limiter was disposed of while requests waited'));
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #take(
    resourceId: string,
    userId: string | undefined,
    sessionId: string | undefined,
    ip: string | undefined,
    cost: number,
  ): boolean {
    checkRequest(resourceId, userId, sessionId, ip, cost);
    const now = this.#clock.now();
    const { handle } = this.#resident;
    let wait: number;
    try {
      writeTexts(resourceId, userId, sessionId, ip);
      wait = core.limiterTake(handle, cost, now);
      if (wait === FAILED) core.limiterError();
    } catch (thrown) {
      throw translate(thrown);
    }
    if (wait !== 0) return false;
    this.#spend(cost, now);
    return true;
  }

  #learnKey(key: number, number: number): void {
    this.#inCore[key] = number;
    this.#keyOf.set(number, key);
  }

  #act(act: number, context: RateLimitContext, amount: number, now = this.#clock.now()): number {
    const { resourceId, userId, sessionId, ip } = checkObject(context);
    checkRequest(resourceId, userId, sessionId, ip, 0);
    const { handle } = this.#resident;
    return call((core) => {
      writeTexts(resourceId, userId, sessionId, ip);
      const answer = core.limiterAct(handle, act, amount, now);
      if (answer === FAILED) core.limiterError();
      return answer;
    });
  }

  #keyInCore(core: Core, handle: number, { resourceId, userId, sessionId, ip }: RateLimitContext): number {
    writeTexts(resourceId, userId, sessionId, ip);
    const key = core.limiterKey(handle);
    if (key === FAILED) core.limiterError();
    return key;
  }

  /** The last answer of the core as an object. */
  #decision(wait: number, now: number): RateLimitDecision {
    const numbers = answered();
    const resetAfterMs = numbers[2] as number;
    const fired = numbers[4] as number;
    return {
      allowed: wait === 0,
      rule: this.#rules[numbers[0] as number]?.id ?? null,
      tokensRemaining: numbers[1] as number,
      retryAfterMs: wait,
      retryAfter: wait,
      resetTime: now + resetAfterMs,
      resetAfterMs,
      delayMs: numbers[3] as number,
      actions: fired === 0 ? [] : ACTIONS.filter((_, bit) => fired & (1 << bit)),
    };
  }

  #spend(cost: number, now: number): void {
    this.#spent += cost;
    if (now - this.#savedAt > this.#interval) this.#saveAt(now);
  }

  #saveAt(now: number): void {
    const { handle } = this.#resident;
    call((core) => this.#save(core, handle, now));
  }

  #save(core: Core, handle: number, now: number): void {
    this.#saved = core.limiterSnapshot(handle, now);
    this.#savedAt = now;
    this.#spent = 0;
    this.#interval = Math.max(INTERVAL, this.#saved.length / BYTES_PER_MS);
  }
}

/** Refuses a context that is not one, and answers its cost. */
function checkContext(context: RateLimitContext): number {
  const { resourceId, userId, sessionId, ip, cost = 1 } = checkObject(context);
  checkRequest(resourceId, userId, sessionId, ip, cost);
  return cost;
}

function checkObject(context: RateLimitContext): RateLimitContext {
  if (typeof context === 'object' && context !== null) return context;
  throw createError('ERR_ARGUMENT_INVALID', 'limit: the context must be an object with a resourceId');
}

function checkRequest(
  resourceId: string,
  userId: string | undefined,
  sessionId: string | undefined,
  ip: string | undefined,
  cost: number,
): void {
  checkText('limit', resourceId, MAX_SUBJECT);
  if (userId !== undefined) checkText('limit', userId, MAX_SUBJECT);
  if (sessionId !== undefined) checkText('limit', sessionId, MAX_SUBJECT);
  if (ip !== undefined) checkText('limit', ip, MAX_SUBJECT);
  checkCount('limit', 'cost', cost);
}

function subjectOf({ resourceId, userId, sessionId, ip }: RateLimitContext): readonly (string | null)[] {
  return [resourceId, userId ?? null, sessionId ?? null, ip ?? null];
}

/** A rule whose pattern is data. */
function withPlainPattern(rule: RateLimitRule): RateLimitRule {
  if (typeof rule !== 'object' || rule === null || !(rule.pattern instanceof RegExp)) return rule;
  const { source, flags } = rule.pattern;
  if (/[^imsu]/.test(flags)) {
    throw createError('ERR_CONFIG_INVALID', 'limit: a pattern may have the flags i, m, s and u');
  }
  const wanted = flags.replace('u', '');
  return { ...rule, pattern: { regex: wanted === '' ? source : `(?${wanted})${source}` } };
}

function bytesOf(snapshot: RateLimiterSnapshot): Uint8Array {
  if (snapshot?.version === 1 && typeof snapshot.state === 'string') {
    try {
      return Uint8Array.from(atob(snapshot.state), (character) => character.charCodeAt(0));
    } catch {
      // Not base64: refused below.
    }
  }
  throw createError('ERR_ARGUMENT_INVALID', 'limit: initialState must be what toJSON wrote, of version 1');
}
