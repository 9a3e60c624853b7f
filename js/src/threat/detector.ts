/** Finds threats, with evidence. */
import { plainCopy, requireObject } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { checkText, resolveLimit } from '../engine/limits.js';
import { type Kind, Resident } from '../engine/resident.js';
import { createError } from '../errors.js';
import type { Disposable } from '../types.js';
import { strings } from './strings.js';
import {
  byGravity,
  type SanitizationScope,
  type Threat,
  type ThreatAction,
  type ThreatSeverity,
  type ThreatType,
} from './types.js';

/** A pattern of your own. */
export interface ThreatPattern {
  /** The id that its findings carry, 1 to 128 bytes. */
  readonly id: string;
  readonly type: ThreatType;
  /** A regular expression in Rust's syntax, at most 4,096 bytes; it runs in linear time, without look-around. */
  readonly pattern: string;
  readonly severity: ThreatSeverity;
  /** What is to be done about a match instead of what the scope's rule says. */
  readonly action?: ThreatAction;
}

/** What a detector looks for. */
export interface ThreatDetectorOptions {
  /** The types to look for. @default all */
  readonly types?: readonly ThreatType[];
  /** Patterns of your own, at most 256. */
  readonly patterns?: readonly ThreatPattern[];
}

/** How to read a text. */
export interface DetectOptions {
  /** @default 'user_input' */
  readonly scope?: SanitizationScope;
}

/** How to read a text in windows. */
export interface DetectInChunksOptions extends DetectOptions {
  /** UTF-16 units of one window, from 1,024 to 524,288. @default 262_144 */
  readonly chunkSize?: number;
  /** UTF-16 units that two windows share; a threat longer than that may be missed where they meet. @default 8_192 */
  readonly overlap?: number;
}

const SCOPES: Record<SanitizationScope, number> = {
  user_input: 0,
  message: 1,
  webview: 2,
  file_content: 3,
  configuration: 4,
  api_request: 5,
  api_response: 6,
  tool_definition: 7,
  terminal_output: 8,
};

const KIND: Kind = { domain: 'threat', free: (core, handle) => core.threatFree(handle) };

/** The most findings of one text, as the core bounds them. */
const MAX_FINDINGS = 1_000;

/** How far to its left a finding may depend on what stands there, in UTF-16 units. */
const BESIDE = 64;

/** The most texts of one tool definition or structured input. */
const MAX_STRINGS = 10_000;

/**
 * Finds threats and says what, where, how sure, and through which layers of encoding. It keeps nothing of what it
 * reads. Code is no threat to an editor: `scope` says what the text is.
 *
 * @example
 * const detector = new ThreatDetector();
 * const [threat] = detector.detectThreats("'; DROP TABLE users; --", { scope: 'user_input' });
 * threat.type; // 'sql_injection'
 */
export class ThreatDetector implements Disposable {
  readonly #resident: Resident;
  readonly #limit = resolveLimit('text', undefined);

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` with a pattern's number and the position of its fault */
  constructor(options: ThreatDetectorOptions = {}) {
    const plain = plainCopy('threat', options);
    const make: ConstructorParameters<typeof Resident>[1] = (core) => core.threatNew(plain);
    this.#resident = new Resident(KIND, make, make);
  }

  /**
   * The threats of a text of at most 2 MiB, gravest first, at most 1,000.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`, `ERR_DISPOSED`
   */
  detectThreats(text: string, options: DetectOptions = {}): Threat[] {
    checkText('threat', text, this.#limit);
    requireObject('threat: the options', options, ['scope']);
    const scope = scopeNumber(options.scope);
    const { handle } = this.#resident;
    const found = call((core) => core.threatDetect(handle, text, scope));
    return found === undefined ? [] : (JSON.parse(found) as Threat[]);
  }

  /**
   * The threats of a text of any length, read in overlapping windows: the gravest 1,000.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_DISPOSED`
   */
  detectThreatsInChunks(text: string, options: DetectInChunksOptions = {}): Threat[] {
    if (typeof text !== 'string')
      throw createError('ERR_ARGUMENT_INVALID', 'threat: the input must be a string');
    requireObject('threat: the options', options, ['scope', 'chunkSize', 'overlap']);
    const { scope = 'user_input', chunkSize = 262_144, overlap = 8_192 } = options;
    if (!(Number.isInteger(chunkSize) && chunkSize >= 1_024 && chunkSize <= 524_288)) {
      throw createError(
        'ERR_ARGUMENT_INVALID',
        'threat: chunkSize must be a whole number from 1024 to 524288',
      );
    }
    if (!(Number.isInteger(overlap) && overlap >= 0 && overlap <= chunkSize / 2)) {
      throw createError(
        'ERR_ARGUMENT_INVALID',
        'threat: overlap must be a whole number from 0 to half of chunkSize',
      );
    }
    const found = new Map<string, Threat>();
    let before = 0;
    for (let start = 0; ; start += chunkSize - overlap) {
      // A window never begins or ends between the halves of a surrogate pair.
      const from = boundary(text, start);
      const to = boundary(text, Math.min(text.length, start + chunkSize));
      const next = to < text.length ? boundary(text, start + chunkSize - overlap) : Infinity;
      for (const threat of this.detectThreats(text.slice(from, to), { scope })) {
        const range = { start: threat.range.start + from, end: threat.range.end + from };
        const key = `${threat.id} ${range.start}`;
        // What a border cuts is judged by the window that has it whole, with what stands beside it.
        const late = range.end === to && range.start >= next + BESIDE;
        const early = range.start < from + BESIDE && range.end <= before && !found.has(key);
        if (late || early) continue;
        const known = found.get(key);
        if (!known || known.range.end < range.end) found.set(key, { ...threat, range });
      }
      if (to >= text.length) break;
      before = to;
    }
    return [...found.values()].sort(byGravity).slice(0, MAX_FINDINGS);
  }

  /**
   * The threats of a tool definition as a language model would read it: its name, title and description, and the
   * whole schema with the names of its parameters, descriptions, enums, defaults and examples. `field` says where.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` over 10,000 strings or 32 levels
   */
  detectThreatsInTool(definition: object): Threat[] {
    // Nothing is no harmless tool.
    if (typeof definition !== 'object' || definition === null)
      throw createError('ERR_ARGUMENT_INVALID', 'threat: a tool definition must be an object');
    return this.detectThreatsInValue(definition, { scope: 'tool_definition' });
  }

  /**
   * The threats of every string and key of structured data. `range` counts within the string that `field` names.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` over 10,000 strings or 32 levels
   */
  detectThreatsInValue(value: unknown, options: DetectOptions = {}): Threat[] {
    requireObject('threat: the options', options, ['scope']);
    scopeNumber(options.scope); // also where there is no text
    const found: Threat[] = [];
    for (const [field, text] of strings(value, MAX_STRINGS)) {
      for (const threat of this.detectThreats(text, options))
        found.push(field ? { ...threat, field } : threat);
    }
    return found.sort(byGravity);
  }

  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function scopeNumber(scope: SanitizationScope = 'user_input'): number {
  if (Object.hasOwn(SCOPES, scope)) return SCOPES[scope];
  throw createError('ERR_ARGUMENT_INVALID', `threat: scope must be one of ${Object.keys(SCOPES).join(', ')}`);
}

function boundary(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 0 ? at - 1 : at;
}

/** Whether a value is a scope. @internal */
export function isScope(scope: unknown): scope is SanitizationScope {
  return typeof scope === 'string' && Object.hasOwn(SCOPES, scope);
}
