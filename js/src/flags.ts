/** Feature flags: phases that build on each other, rollout by percentage, and an emergency stop. */
import { Emitter, type Event } from './events.js';
import { plainCopy } from './engine/configuration.js';
import { call } from './engine/engine.js';
import { checkText } from './engine/limits.js';
import { type Kind, Resident } from './engine/resident.js';
import { createError } from './errors.js';
import type { Disposable } from './types.js';

/** The phases, each of which needs those before it. They are flags too. */
export type FlagPhase =
  'foundation' | 'rateLimiting' | 'consentManagement' | 'inputSanitization' | 'fullIntegration';

/** One flag. */
export interface FlagConfig {
  readonly enabled: boolean;
  /**
   * The part of all subjects for which it is on, from 0 to 100, to two decimals. A subject's place is fixed: growing the
   * percentage takes nobody out. @default 100
   */
  readonly rolloutPercentage?: number;
  /** The phase without which it is off. */
  readonly phase?: FlagPhase;
}

/** Why a flag is on or off. */
export type FlagReason = 'unknown' | 'stopped' | 'disabled' | 'phase-closed' | 'rollout' | 'enabled';

/** The state of a flag for a subject. */
export interface FlagEvaluation {
  readonly on: boolean;
  readonly reason: FlagReason;
}

/** A set of flags as plain data. */
export interface FlagsSnapshot {
  readonly version: 1;
  /** Whether the emergency stop is pulled. */
  readonly stopped: boolean;
  readonly flags: Readonly<Record<string, FlagConfig>>;
}

const KIND: Kind = { domain: 'flags', free: (core, handle) => core.flagsFree(handle) };
// The numbers of src/wasm/flags.rs.
const REASONS: readonly FlagReason[] = [
  'unknown',
  'stopped',
  'disabled',
  'phase-closed',
  'rollout',
  'enabled',
];
const MAX_NAME = 128;
const MAX_SUBJECT = 4_096;
/** Room for 10,000 flags with the longest names. */
const LARGEST = 10 << 20;

/**
 * Feature flags.
 *
 * @example
 * const flags = new SecurityFeatureFlags();
 * flags.setFlag('foundation', true);
 * flags.setFlag('rateLimiting', { enabled: true, rolloutPercentage: 10 });
 * flags.isEnabled('rateLimiting', userId);
 */
export class SecurityFeatureFlags implements Disposable {
  readonly #resident: Resident;
  readonly #changed = new Emitter<{ readonly flags: readonly string[] }>();
  // Outlives an instance of the engine: what toJSON answers.
  #known: FlagsSnapshot;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field */
  constructor(initial: Readonly<Record<string, boolean | FlagConfig>> | FlagsSnapshot = {}) {
    // A map or a list would be read as an object without names: as no flags at all.
    if (typeof initial !== 'object' || initial === null || Symbol.iterator in initial)
      throw createError('ERR_CONFIG_INVALID', 'flags: the flags must be an object, by their names');
    const snapshot = isSnapshot(initial) ? initial : { version: 1, stopped: false, flags: mapped(initial) };
    this.#known = plainCopy('flags', snapshot, LARGEST) as FlagsSnapshot;
    this.#resident = new Resident(
      KIND,
      (core) => core.flagsNew(this.#known),
      (core) => core.flagsNew(this.#known),
    );
  }

  /** Sets a flag: on or off for everyone, or with its details. @throws VesperaSecurityError `ERR_CONFIG_INVALID` */
  setFlag(name: string, flag: boolean | FlagConfig): void {
    checkText('flags', name, MAX_NAME);
    const plain = plainCopy('flags', configOf(flag));
    this.#change([name], (core, handle) => core.flagsSet(handle, name, plain));
  }

  /** Forgets a flag: it is off, as one that was never set. */
  removeFlag(name: string): void {
    checkText('flags', name, MAX_NAME);
    this.#change([name], (core, handle) => core.flagsRemove(handle, name));
  }

  /** Whether a flag is on for a subject. A rollout below 100 % is off for nobody in particular. */
  isEnabled(name: string, subject?: string): boolean {
    return this.evaluate(name, subject).on;
  }

  /** The same, with the reason. */
  evaluate(name: string, subject?: string): FlagEvaluation {
    checkText('flags', name, MAX_SUBJECT);
    if (subject !== undefined) checkText('flags', subject, MAX_SUBJECT);
    const { handle } = this.#resident;
    const answer = call((core) => core.flagsEvaluate(handle, name, subject));
    return { on: answer % 2 === 1, reason: REASONS[answer >> 1] ?? 'unknown' };
  }

  /** Turns everything off at once, and remembers what it was. */
  emergencyStop(): void {
    this.#change(Object.keys(this.#known.flags), (core, handle) => core.flagsStop(handle, true));
  }

  /** Ends the emergency stop: every flag is what it was. */
  resume(): void {
    this.#change(Object.keys(this.#known.flags), (core, handle) => core.flagsStop(handle, false));
  }

  /** Whether the emergency stop is pulled. */
  get stopped(): boolean {
    return this.#known.stopped;
  }

  /** After flags changed. */
  get onDidChange(): Event<{ readonly flags: readonly string[] }> {
    return this.#changed.event;
  }

  /** The set as plain data, for the constructor of the next one. */
  toJSON(): FlagsSnapshot {
    return structuredClone(this.#known);
  }

  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #change(
    flags: readonly string[],
    work: (core: Parameters<Kind['free']>[0], handle: number) => unknown,
  ): void {
    const { handle } = this.#resident;
    this.#known = call((core) => {
      work(core, handle);
      return core.flagsJson(handle) as FlagsSnapshot;
    });
    if (this.#changed.used) this.#changed.fire({ flags });
  }
}

const configOf = (flag: boolean | FlagConfig): FlagConfig =>
  typeof flag === 'boolean' ? { enabled: flag } : flag;

function mapped(flags: Readonly<Record<string, boolean | FlagConfig>>): Record<string, FlagConfig> {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, configOf(flag)]));
}

function isSnapshot(initial: object): initial is FlagsSnapshot {
  return 'version' in initial && 'flags' in initial && 'stopped' in initial;
}
