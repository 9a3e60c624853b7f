/** Cuts off what keeps failing. */
import { Bulkhead } from './breaker/bulkhead.js';
import {
  type CircuitBreakerConfig,
  type CircuitBreakerHost,
  type CircuitMode,
  POLICY,
  type Policy,
  type PolicyHost,
  policyOf,
} from './breaker/config.js';
import { type Operation, withDeadline } from './breaker/deadline.js';
import { Emitter, type Event } from './events.js';
import { refusal } from './breaker/refusal.js';
import { isFailure } from './breaker/retry.js';
import type {
  CircuitBreakerSnapshot,
  CircuitBreakerStats,
  CircuitCause,
  CircuitRefusal,
  CircuitReport,
  CircuitState,
  CircuitStateChange,
  ExecuteOptions,
} from './breaker/types.js';
import { type Verdict, verdictOf } from './breaker/verdict.js';
import { plainCopy, requireObject, requireSignal } from './engine/configuration.js';
import { type Core, call } from './engine/engine.js';
import { LIMITS } from './engine/limits.js';
import { type Kind, Resident } from './engine/resident.js';
import { createError, isVesperaSecurityError } from './errors.js';
import type { Clock, Disposable } from './types.js';

export type {
  CircuitBreakerConfig,
  CircuitBreakerHost,
  CircuitMode,
  WindowConfig,
} from './breaker/config.js';

export type {
  CircuitBreakerEvents,
  CircuitBreakerSnapshot,
  CircuitBreakerStats,
  CircuitCause,
  CircuitRefusal,
  CircuitReport,
  CircuitState,
  CircuitStateChange,
  ExecuteOptions,
} from './breaker/types.js';

// The numbers of src/wasm/breaker.rs.
const STATES = ['closed', 'open', 'half-open', 'isolated', 'disabled'] as const;
const [CLOSED, OPEN, , ISOLATED] = [0, 1, 2, 3];
const MODES = { normal: 0, 'metrics-only': 1, isolated: 2, disabled: 3 } as const;
const OUTCOMES = { success: 0, failure: 1, ignored: 2, 'rate-limited': 3 } as const;
const NEEDS_DURATION = 1;

const KIND: Kind = { domain: 'breaker', free: (core, handle) => core.breakerFree(handle) };

/** How old the snapshot may be that a breaker falls back to if the engine stops, in milliseconds. */
const INTERVAL = 1_000;

/** What waits for it goes on in the next turn of microtasks. */
const NEXT_TURN = Promise.resolve();

/** No permit without asking. */
const NONE = -1;

interface Emitters {
  readonly state: Emitter<CircuitStateChange>;
  readonly refuse: Emitter<CircuitRefusal>;
  readonly report: Emitter<CircuitReport>;
  target?: EventTarget;
}

/**
 * A circuit breaker. It has no timer: an open circuit becomes half-open when someone asks.
 *
 * Around the operation, from the outside in: the fallback, the retries, the bulkhead, the breaker, the timeout.
 *
 * @example
 * const breaker = new CircuitBreaker({ failureThreshold: 5, recoveryTimeout: 30_000 });
 * const answer = await breaker.execute((signal) => fetch(url, { signal }));
 */
export class CircuitBreaker implements Disposable {
  /** The name of the configuration. */
  readonly name: string | undefined;
  readonly #policy: Policy;
  readonly #ownsPolicy: boolean;
  readonly #resident: Resident;
  readonly #needs: number;
  // Nothing stands around the operation but the breaker.
  readonly #bare: boolean;
  readonly #bulkhead: Bulkhead | undefined;
  // The permit that calls have without asking: the core gave it, and takes it back with the next change of state.
  #permit = NONE;
  #state = CLOSED;
  // Permits of an instance of the engine that stopped mean nothing to the next one.
  #generation = 0;
  #saved: object | undefined;
  #savedAt = Number.NEGATIVE_INFINITY;
  #emitters: Emitters | undefined;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field */
  constructor(config: CircuitBreakerConfig = {}, host: CircuitBreakerHost = {}) {
    requireObject('breaker: the host', host, ['clock', 'wallClock']);
    this.#policy = (host as Partial<PolicyHost>)[POLICY] ?? policyOf(config, host);
    this.name = config.name;
    if (config.initialState !== undefined)
      this.#saved = plainCopy('breaker: initialState', config.initialState, LIMITS.configuration.ceiling);
    this.#ownsPolicy = !(POLICY in host);
    const make = (core: Core): number => this.#make(core);
    this.#resident = new Resident(KIND, make, make);
    if (!this.#ownsPolicy) this.#policy.template ??= this.#resident;
    const { handle } = this.#resident;
    this.#needs = call((core) => core.breakerNeeds(handle));
    const { bulkhead, timeout, retry } = this.#policy;
    this.#bulkhead = bulkhead === undefined ? undefined : new Bulkhead(bulkhead);
    this.#bare = bulkhead === undefined && timeout === undefined && retry === undefined;
  }

  /**
   * Runs the operation if the circuit lets it. Without `signal`, `timeout`, `bulkhead` and `retry`, nothing but the
   * question before and the report after is added to it.
   * @throws VesperaSecurityError `ERR_CIRCUIT_OPEN` (`details.retryAfterMs`), `ERR_TIMEOUT`, `ERR_BULKHEAD_FULL`;
   *   the signal's reason; whatever the operation throws
   */
  execute<T>(operation: Operation<T>, options?: ExecuteOptions<T>): Promise<T> {
    if (typeof operation !== 'function')
      return Promise.reject(createError('ERR_ARGUMENT_INVALID', 'breaker: the operation must be a function'));
    return options === undefined && this.#bare
      ? this.#attempt(operation, undefined)
      : this.#guarded(operation, options ?? {});
  }

  /** What the circuit does with calls now. */
  get state(): CircuitState {
    return STATES[this.#look()] as CircuitState;
  }

  /** What the breaker has seen. */
  get stats(): CircuitBreakerStats {
    this.#look();
    const { handle } = this.#resident;
    const now = this.#policy.clock.now();
    return call((core) => core.breakerStats(handle, now));
  }

  /** Operations of the bulkhead that run and that wait, if there is one. */
  get load(): { readonly active: number; readonly waiting: number } | undefined {
    return this.#bulkhead && { active: this.#bulkhead.active, waiting: this.#bulkhead.waiting };
  }

  /** Refuses everything until `enable()`. */
  isolate(): void {
    this.#setMode('isolated');
  }

  /** Lets everything through and counts nothing until `enable()`. */
  disable(): void {
    this.#setMode('disabled');
  }

  /** Goes on counting and changing states, but refuses nothing until `enable()`: for trying a configuration. */
  metricsOnly(): void {
    this.#setMode('metrics-only');
  }

  /** Back to normal. After `isolate()` and `disable()` the circuit is closed and its window empty. */
  enable(): void {
    this.#setMode('normal');
  }

  /** Closes the circuit and empties its window. */
  reset(): void {
    const { handle } = this.#resident;
    call((core) => core.breakerReset(handle));
    this.#look(true);
  }

  /** After a change of state. It is noticed when someone asks: nobody is woken up when an open circuit becomes half-open. */
  get onDidChangeState(): Event<CircuitStateChange> {
    return this.#events().state.event;
  }

  /** After a call was refused. */
  get onDidRefuse(): Event<CircuitRefusal> {
    return this.#events().refuse.event;
  }

  /** After a call ended. */
  get onDidReport(): Event<CircuitReport> {
    return this.#events().report.event;
  }

  /** The same events as an `EventTarget`: `statechange`, `refuse` and `report`, see `CircuitBreakerEvents`. */
  get events(): EventTarget {
    const emitters = this.#events();
    if (!emitters.target) {
      const target = new EventTarget();
      const forward = (type: string) => (detail: unknown) =>
        target.dispatchEvent(new CustomEvent(type, { detail }));
      emitters.state.event(forward('statechange'));
      emitters.refuse.event(forward('refuse'));
      emitters.report.event(forward('report'));
      emitters.target = target;
    }
    return emitters.target;
  }

  /** The breaker as plain data, for `initialState`. Probes that are out are not part of it. */
  toJSON(): CircuitBreakerSnapshot {
    const now = this.#policy.clock.now();
    const wall = this.#policy.wallClock.now();
    const { handle } = this.#resident;
    return call((core) => core.breakerSave(handle, now, wall));
  }

  /** Whether nothing is lost with this breaker: closed, and no failure counts. @internal */
  get idle(): boolean {
    const { handle } = this.#resident;
    const now = this.#policy.clock.now();
    return call((core) => core.breakerIdle(handle, now));
  }

  dispose(): void {
    this.#permit = NONE;
    this.#resident.dispose();
    if (this.#ownsPolicy) this.#policy.retry?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** With everything around it: fallback, retries, bulkhead, signal. */
  async #guarded<T>(operation: Operation<T>, options: ExecuteOptions<T>): Promise<T> {
    requireObject('breaker: the options', options, ['signal', 'fallback']);
    const { signal, fallback } = options;
    requireSignal('breaker', signal);
    if (fallback && typeof fallback !== 'function')
      throw createError('ERR_CONFIG_INVALID', 'breaker: fallback must be a function');
    const run = (): Promise<T> => this.#attempt(operation, signal);
    const queued = this.#bulkhead ? () => this.#queue(run, signal) : run;
    const { retry } = this.#policy;
    try {
      if (signal?.aborted) throw signal.reason;
      if (!retry) return await queued();
      const again = (error: unknown): boolean => this.#mayRetry(error);
      return await retry.run(queued, signal, again, (end) =>
        this.onDidChangeState(({ to }) => {
          if (to === 'open' || to === 'isolated') end();
        }),
      );
    } catch (error) {
      if (!fallback || signal?.aborted) throw error;
      return await fallback(error);
    }
  }

  /** A circuit that refuses anyway lets nobody wait in line for it. */
  #queue<T>(run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const bulkhead = this.#bulkhead as Bulkhead;
    const full = bulkhead.active >= bulkhead.concurrency;
    return full && (this.#look() === OPEN || this.#state === ISOLATED)
      ? run()
      : bulkhead.execute(run, { signal });
  }

  #mayRetry(error: unknown): boolean {
    if (this.#resident.disposed) return false;
    if (isVesperaSecurityError(error) && error.code === 'ERR_CIRCUIT_OPEN') return false;
    const state = this.#look();
    return (
      state !== OPEN && state !== ISOLATED && isFailure(verdictOf(this.#policy.judgeError, error, 'failure'))
    );
  }

  /** Asks, runs, tells. Not an async function: `then` on the operation's own promise is the least that can be added. */
  #attempt<T>(operation: Operation<T>, signal: AbortSignal | undefined): Promise<T> {
    let permit = this.#permit;
    let running: Promise<T>;
    try {
      if (permit === NONE) permit = this.#admit();
      // No number at all is a refusal too.
      if (!(permit >= 0)) return this.#refuse(-permit);
    } catch (error) {
      return Promise.reject(error);
    }
    const generation = this.#generation;
    // The permit is out: from here on nothing may throw before the operation was tried.
    const started = this.#needs & NEEDS_DURATION ? read(this.#policy.clock) : Number.NaN;
    try {
      const { timeout } = this.#policy;
      running =
        timeout === undefined && signal === undefined
          ? Promise.resolve(operation())
          : withDeadline(operation, timeout, signal);
    } catch (error) {
      running = Promise.reject(error);
    }
    return running.then(
      (result) => {
        const { judgeResult } = this.#policy;
        const verdict = judgeResult === undefined ? 'success' : verdictOf(judgeResult, result, 'success');
        this.#report(permit, generation, started, verdict);
        return result;
      },
      (error) => {
        const verdict = signal?.aborted ? 'ignored' : verdictOf(this.#policy.judgeError, error, 'failure');
        this.#report(permit, generation, started, verdict);
        throw error;
      },
    );
  }

  /** A permit from the core, or the milliseconds to wait as a negative number. */
  #admit(): number {
    const { handle } = this.#resident;
    if (this.#permit !== NONE) return this.#permit;
    const now = this.#policy.clock.now();
    const answer = call((core) => core.breakerAcquire(handle, now));
    // The first probe ends the open state.
    if (answer >= 0 && this.#state !== CLOSED) this.#look();
    return answer;
  }

  /**
   * Rejected a turn later, when the caller listens: an engine's book of unhandled rejections costs more than the rest.
   * And by `reject`, because to throw, an engine walks the stack.
   */
  #refuse(retryAfterMs: number): Promise<never> {
    this.#emitters?.refuse.fire({
      name: this.name,
      state: STATES[this.#state] as CircuitState,
      retryAfterMs,
    });
    const error = refusal(retryAfterMs);
    return new Promise((_, reject) => {
      NEXT_TURN.then(() => reject(error));
    });
  }

  /** Tells the core how a call ended. Never throws: the caller gets what the operation gave. */
  #report(permit: number, generation: number, started: number, verdict: Verdict): void {
    // A success that only has to be counted is reported without its time: reading a clock costs more than the rest.
    if (verdict === 'success' && permit === this.#permit && this.#needs === 0) {
      this.#tell(permit, generation, OUTCOMES.success, Number.NaN, Number.NaN, Number.NaN);
      this.#emitters?.report.fire({ name: this.name, outcome: verdict });
      return;
    }
    if (this.#resident.disposed) return;
    const now = read(this.#policy.clock);
    if (typeof verdict === 'string') {
      this.#tell(permit, generation, OUTCOMES[verdict], Number.NaN, now - started, now);
      this.#emitters?.report.fire({ name: this.name, outcome: verdict });
    } else if (verdict.outcome === 'failure') {
      const { classes } = this.#policy;
      const weight = Object.hasOwn(classes, verdict.class) ? (classes[verdict.class] as number) : 1;
      this.#tell(permit, generation, OUTCOMES.failure, weight, now - started, now);
      this.#emitters?.report.fire({ name: this.name, outcome: 'failure', class: verdict.class });
    } else {
      const pause = verdict.retryAfterMs ?? Number.NaN;
      this.#tell(permit, generation, OUTCOMES['rate-limited'], pause, now - started, now);
      this.#emitters?.report.fire({ name: this.name, outcome: 'rate-limited' });
    }
  }

  #tell(
    permit: number,
    generation: number,
    kind: number,
    value: number,
    duration: number,
    now: number,
  ): void {
    try {
      const { handle } = this.#resident;
      // The engine stopped since: this permit is not one of the breaker that stands for the old one.
      if (generation !== this.#generation) return;
      const state = call((core) => core.breakerReport(handle, permit, kind, value, duration, now));
      if (state !== this.#state) this.#changed(state, Number.isNaN(now) ? this.#policy.clock.now() : now);
      else if (now - this.#savedAt >= INTERVAL && (kind !== OUTCOMES.success || this.#saved)) this.#save(now);
    } catch {
      // The engine stopped just now. The next question starts it again from the snapshot.
      this.#permit = NONE;
    }
  }

  /** The state as the core sees it now. */
  #look(force = false): number {
    const { handle } = this.#resident;
    const now = this.#policy.clock.now();
    const state = call((core) => core.breakerState(handle, now));
    if (force || state !== this.#state) this.#changed(state, now);
    return this.#state;
  }

  #changed(state: number, now: number): void {
    const { handle } = this.#resident;
    const from = STATES[this.#state] as CircuitState;
    const to = STATES[state] as CircuitState;
    this.#state = state;
    this.#permit = call((core) => core.breakerClosedPermit(handle));
    this.#save(now);
    if (from === to || !this.#emitters?.state.used) return;
    const cause = call((core) => core.breakerCause(handle)) as CircuitCause;
    this.#emitters.state.fire({ name: this.name, from, to, cause });
  }

  #save(now: number): void {
    const { handle } = this.#resident;
    const wall = read(this.#policy.wallClock);
    this.#savedAt = now;
    this.#saved = call((core) => core.breakerSave(handle, now, wall));
  }

  #setMode(mode: CircuitMode): void {
    const { handle } = this.#resident;
    call((core) => core.breakerSetMode(handle, MODES[mode]));
    this.#look(true);
  }

  /** Makes the breaker in the core, at the start and after the engine stopped. */
  #make(core: Core): number {
    const { plain, clock, wallClock, template } = this.#policy;
    const now = read(clock);
    // The template itself is made from the configuration, also when it is made anew.
    const model = template === this.#resident ? undefined : template?.handle;
    const handle = model === undefined ? core.breakerNew(plain, now) : core.breakerLike(model, now);
    try {
      if (this.#saved) core.breakerRestore(handle, this.#saved, now, read(wallClock));
    } catch (error) {
      core.breakerFree(handle);
      throw error;
    }
    this.#generation += 1;
    this.#state = core.breakerState(handle, now);
    this.#permit = core.breakerClosedPermit(handle);
    return handle;
  }

  #events(): Emitters {
    this.#emitters ??= { state: new Emitter(), refuse: new Emitter(), report: new Emitter() };
    return this.#emitters;
  }
}

/** Reads a clock where nothing may be thrown: in the middle of a call into the core. No number stands for no time passed. */
function read(clock: Clock): number {
  try {
    return clock.now();
  } catch {
    return Number.NaN;
  }
}
