/**
 * Providers for OpenFeature: `SecurityFeatureFlags` behind its standard interface.
 *
 * The subject of a rollout is the evaluation context's `targetingKey`. Flags are booleans: another type is answered by
 * the default value and `TYPE_MISMATCH` (specification 2.2.2 to 2.2.10).
 */
import type { EvaluationContext, JsonValue, Logger, ResolutionDetails } from '@openfeature/core';
import { requireMethods } from './engine/configuration.js';
import type { FlagEvaluation, FlagReason, SecurityFeatureFlags } from './flags.js';

const REASONS: Readonly<Record<FlagReason, string>> = {
  unknown: 'ERROR',
  stopped: 'DISABLED',
  disabled: 'DISABLED',
  'phase-closed': 'DISABLED',
  rollout: 'SPLIT',
  enabled: 'STATIC',
};

type Details<T> = ResolutionDetails<T>;

function resolveBoolean(
  flags: SecurityFeatureFlags,
  name: string,
  fallback: boolean,
  context: EvaluationContext | undefined,
): Details<boolean> {
  let answer: FlagEvaluation;
  try {
    answer = flags.evaluate(name, context?.targetingKey);
  } catch {
    // The codes of the specification are the only ones that an SDK may see.
    const known = context?.targetingKey === undefined || typeof context.targetingKey === 'string';
    return known
      ? failed(fallback, 'GENERAL', 'flags: the flag could not be evaluated')
      : failed(fallback, 'INVALID_CONTEXT', 'flags: targetingKey must be a string');
  }
  const { on, reason } = answer;
  if (reason === 'unknown') return failed(fallback, 'FLAG_NOT_FOUND', 'flags: no such flag was set');
  return {
    value: on,
    variant: on ? 'on' : 'off',
    reason: REASONS[reason],
    flagMetadata: { reason },
  };
}

function mismatch<T>(flags: SecurityFeatureFlags, name: string, fallback: T): Details<T> {
  const known = resolveBoolean(flags, name, false, undefined);
  return known.errorCode
    ? { ...known, value: fallback }
    : failed(fallback, 'TYPE_MISMATCH', 'flags: every flag is a boolean');
}

function failed<T>(
  value: T,
  errorCode: 'FLAG_NOT_FOUND' | 'TYPE_MISMATCH' | 'INVALID_CONTEXT' | 'GENERAL',
  errorMessage: string,
): Details<T> {
  return {
    value,
    reason: 'ERROR',
    errorCode: errorCode as NonNullable<Details<T>['errorCode']>,
    errorMessage,
  };
}

const CHANGED = 'PROVIDER_CONFIGURATION_CHANGED';

type Handler = (details?: { flagsChanged?: string[] }) => unknown;

/**
 * The part of an event emitter that the SDKs use. The flags are always ready, so `PROVIDER_CONFIGURATION_CHANGED` is the
 * only event that ever comes.
 */
class Changes {
  readonly #flags: SecurityFeatureFlags;
  readonly #handlers = new Map<string, Set<Handler>>();
  // While someone listens: a provider that nobody uses any more leaves nothing behind in the flags.
  #subscription: { dispose(): void } | undefined;

  constructor(flags: SecurityFeatureFlags) {
    this.#flags = flags;
  }

  addHandler(event: string, handler: Handler): void {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler));
    this.#listen();
  }

  removeHandler(event: string, handler: Handler): void {
    this.#handlers.get(event)?.delete(handler);
    this.#listen();
  }

  removeAllHandlers(event?: string): void {
    if (event === undefined) this.#handlers.clear();
    else this.#handlers.delete(event);
    this.#listen();
  }

  getHandlers(event: string): Handler[] {
    return [...(this.#handlers.get(event) ?? [])];
  }

  #listen(): void {
    const used = this.getHandlers(CHANGED).length > 0;
    if (used === (this.#subscription !== undefined)) return;
    this.#subscription?.dispose();
    this.#subscription = used
      ? this.#flags.onDidChange(({ flags: flagsChanged }) => {
          for (const handler of this.getHandlers(CHANGED)) handler({ flagsChanged: [...flagsChanged] });
        })
      : undefined;
  }
}

/** A provider for `@openfeature/server-sdk`. */
export class VesperaFlagProvider {
  readonly metadata = { name: 'vespera-security' } as const;
  readonly runsOn = 'server' as const;
  readonly events: Changes;
  readonly #flags: SecurityFeatureFlags;

  /**
   * @param flags stays the caller's: the provider does not dispose of it
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID`
   */
  constructor(flags: SecurityFeatureFlags) {
    requireMethods('flags: the flags of a provider', flags, 'evaluate', 'onDidChange');
    this.#flags = flags;
    this.events = new Changes(flags);
  }

  /** The SDK no longer uses the provider: it leaves nothing behind in the flags. */
  async onClose(): Promise<void> {
    this.events.removeAllHandlers();
  }

  async resolveBooleanEvaluation(
    name: string,
    fallback: boolean,
    context?: EvaluationContext,
    _logger?: Logger,
  ): Promise<Details<boolean>> {
    return resolveBoolean(this.#flags, name, fallback, context);
  }

  async resolveStringEvaluation(name: string, fallback: string): Promise<Details<string>> {
    return mismatch(this.#flags, name, fallback);
  }

  async resolveNumberEvaluation(name: string, fallback: number): Promise<Details<number>> {
    return mismatch(this.#flags, name, fallback);
  }

  async resolveObjectEvaluation<T extends JsonValue>(name: string, fallback: T): Promise<Details<T>> {
    return mismatch(this.#flags, name, fallback);
  }
}

/** A provider for `@openfeature/web-sdk`, whose answers are immediate. */
export class VesperaWebFlagProvider {
  readonly metadata = { name: 'vespera-security' } as const;
  readonly runsOn = 'client' as const;
  readonly events: Changes;
  readonly #flags: SecurityFeatureFlags;

  /**
   * @param flags stays the caller's: the provider does not dispose of it
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID`
   */
  constructor(flags: SecurityFeatureFlags) {
    requireMethods('flags: the flags of a provider', flags, 'evaluate', 'onDidChange');
    this.#flags = flags;
    this.events = new Changes(flags);
  }

  /** The SDK no longer uses the provider: it leaves nothing behind in the flags. */
  async onClose(): Promise<void> {
    this.events.removeAllHandlers();
  }

  resolveBooleanEvaluation(name: string, fallback: boolean, context?: EvaluationContext): Details<boolean> {
    return resolveBoolean(this.#flags, name, fallback, context);
  }

  resolveStringEvaluation(name: string, fallback: string): Details<string> {
    return mismatch(this.#flags, name, fallback);
  }

  resolveNumberEvaluation(name: string, fallback: number): Details<number> {
    return mismatch(this.#flags, name, fallback);
  }

  resolveObjectEvaluation<T extends JsonValue>(name: string, fallback: T): Details<T> {
    return mismatch(this.#flags, name, fallback);
  }
}
