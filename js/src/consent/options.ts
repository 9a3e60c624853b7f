/** What a manager is made of, and what its calls take. */
import { requireMethods, requireObject } from '../engine/configuration.js';
import { checkText } from '../engine/limits.js';
import { createError } from '../errors.js';
import type { Clock, Host } from '../types.js';
import type { CleanupOptions } from './cleanup.js';
import type { ConsentStore } from './store.js';
import type {
  CleanupHook,
  ConsentConditions,
  ConsentController,
  ConsentPrompt,
  ConsentPurpose,
} from './types.js';

/** The most bytes of a program's name in the evidence. */
const MAX_USER_AGENT = 256;

/** What a manager is made of. */
export interface ConsentManagerOptions {
  readonly store: ConsentStore;
  /** What data are used for. */
  readonly purposes: readonly ConsentPurpose[];
  /** Who is responsible. */
  readonly controller: ConsentController;
  /** Shows questions; without it nobody can be asked, but consents can be granted and withdrawn by calls. */
  readonly ui?: ConsentPrompt;
  /** How long a consent holds if its purpose does not say, in milliseconds. @default 365 days */
  readonly validity?: number;
  /** How long the proof of a consent is kept after its end, in milliseconds. @default 3 years */
  readonly proofRetention?: number;
  /** The program, for the evidence. */
  readonly userAgent?: string;
  /** What deletes data, by purpose; see `onCleanup`. What a former process left undone is done on opening. */
  readonly hooks?: Readonly<Record<string, CleanupHook>>;
  readonly cleanup?: CleanupOptions;
  /**
   * For stores that have neither `stamp` nor `watch`: how long an answer may rest on what was read, in
   * milliseconds. @default 1_000
   */
  readonly staleAfter?: number;
}

/** What the host provides. */
export interface ConsentHost extends Host {
  /** The wall clock. @default Date */
  readonly clock?: Clock;
  /** Waits before a cleanup is tried again. @default setTimeout */
  readonly sleep?: (ms: number) => PromiseLike<void>;
}

/** How a person is erased. */
export interface EraseOptions {
  /** @default 'subject' */
  readonly requestedBy?: 'subject' | 'controller';
  /** Erase although data could not be deleted where they are held; the certificate says so. @default false */
  readonly force?: boolean;
  /** Erase also a record that does not open any more. @default false */
  readonly unreadable?: boolean;
}

/** An answer that is written without a dialogue. */
export interface ConsentGrant {
  readonly purposeId: string;
  readonly conditions?: ConsentConditions;
}

/**
 * What a manager is made of, as far as the core does not read it.
 * @internal
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID`
 */
export function checkOptions(options: ConsentManagerOptions, host: ConsentHost): void {
  requireObject('consent: the options of a manager', options, [
    'store',
    'purposes',
    'controller',
    'ui',
    'validity',
    'proofRetention',
    'userAgent',
    'hooks',
    'cleanup',
    'staleAfter',
  ]);
  requireObject('consent: the host', host, ['clock', 'sleep']);
  const { ui, userAgent, hooks = {}, staleAfter = 0 } = options;
  if (ui !== undefined) requireMethods('consent: ui', ui, 'ask');
  if (host.sleep !== undefined) requireMethods('consent: the host', host, 'sleep');
  requireObject('consent: hooks', hooks);
  if (userAgent !== undefined) checkText('consent', userAgent, MAX_USER_AGENT);
  if (userAgent === '') throw createError('ERR_CONFIG_INVALID', 'consent: userAgent must not be empty');
  if (!(Number.isFinite(staleAfter) && staleAfter >= 0))
    throw createError(
      'ERR_CONFIG_INVALID',
      'consent: staleAfter must be a finite number of milliseconds from 0',
    );
}
