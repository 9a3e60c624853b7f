/** Looks, cleans, and looks again: input under the rules of its scope. */
import { call } from './engine/engine.js';
import { type Kind, Resident } from './engine/resident.js';
import { createError } from './errors.js';
import { type HtmlProfile, HtmlSanitizer } from './html.js';
import { escapeHtml } from './markup.js';
import { checkConfig } from './sanitizer/check.js';
import {
  DEFAULT_RULES,
  type Processor,
  type ScopeRules,
  type VesperaInputSanitizerConfig,
} from './sanitizer/rules.js';
import { revealInvisible, stripTerminalEscapes } from './text.js';
import { isScope, ThreatDetector, type ThreatDetectorOptions } from './threat/detector.js';
import { maskPersonalData } from './threat/personal.js';
import { scalars } from './threat/strings.js';
import { byGravity, SEVERITIES, type SanitizationScope, type Threat } from './threat/types.js';
import type { Disposable } from './types.js';

export type { Processor, ScopeRules, ValidatorLike, VesperaInputSanitizerConfig } from './sanitizer/rules.js';

/** What became of an input. */
export interface SanitizationResult<T = string> {
  /** The input after its processors; the empty string, or `undefined` for data, if it was blocked. */
  readonly sanitized: T;
  /** What the first look found, and what only the final look did. Gravest first. */
  readonly threats: readonly Threat[];
  /** The processors that changed something, in order. */
  readonly processed: readonly string[];
  /** Whether nothing remains at or above the threshold. */
  readonly safe: boolean;
  /** Whether the input is refused. */
  readonly blocked: boolean;
  /** What a schema refused. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  /** Milliseconds. */
  readonly processingTime: number;
}

const EXPRESSION: Kind = { domain: 'sanitizer', free: (core, handle) => core.expressionFree(handle) };

/** Decoding steps that a processor has made harmless. */
const ESCAPED = { html: 'html', url: 'url', json: 'script' } as const;

const MAX_STRINGS = 10_000;
const MAX_DEPTH = 32;

/** The steps of a scope, compiled. */
interface Compiled {
  readonly rules: Required<ScopeRules>;
  readonly expressions: ReadonlyMap<Processor, Resident>;
}

/**
 * Sanitizes input under the rules of its scope: threats are looked for, the processors run in order, and a final
 * look decides. What the processors removed does not block.
 *
 * @example
 * const sanitizer = new VesperaInputSanitizer();
 * const { sanitized, blocked } = sanitizer.sanitize('<script>alert("xss")</script>Hello world', 'user_input');
 * // sanitized: 'Hello world', blocked: false
 */
export class VesperaInputSanitizer implements Disposable {
  readonly #detector: ThreatDetector;
  readonly #html = new Map<HtmlProfile, HtmlSanitizer>();
  readonly #scopes = new Map<SanitizationScope, Compiled>();
  readonly #config: VesperaInputSanitizerConfig;
  #disposed = false;

  /**
   * @param detector what to look for, patterns of your own included
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the processor or pattern
   */
  constructor(config: VesperaInputSanitizerConfig = {}, detector: ThreatDetectorOptions = {}) {
    checkConfig(config);
    this.#config = config;
    this.#detector = new ThreatDetector(detector);
    try {
      for (const scope of Object.keys(config.scopes ?? {}) as SanitizationScope[]) this.#compiled(scope);
    } catch (refused) {
      this.dispose();
      throw refused;
    }
  }

  /**
   * Sanitizes a text, or every string of structured data: of objects and lists; times and bytes go through as they
   * are. Keys that reach a prototype are dropped from data.
   * @throws VesperaThreatError `ERR_THREAT_BLOCKED` in strict mode
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`, `ERR_DISPOSED`
   */
  sanitize(input: string, scope: SanitizationScope): SanitizationResult;
  sanitize(input: unknown, scope: SanitizationScope): SanitizationResult<unknown>;
  sanitize(input: unknown, scope: SanitizationScope): SanitizationResult<unknown> {
    const started = performance.now();
    if (!isScope(scope))
      throw createError('ERR_ARGUMENT_INVALID', 'sanitizer: the scope is none of those that are known');
    if (this.#disposed)
      throw createError('ERR_DISPOSED', 'sanitizer: the object was disposed of, make a new one');
    const run = new Run(this.#compiled(scope), scope);
    let sanitized: unknown;
    if (typeof input === 'string') {
      sanitized = this.#text(input, run, '');
    } else {
      sanitized = this.#data(this.#schema(input, run), run, '', 0);
    }
    const blocked = run.blocked;
    const threats = run.threats.sort(byGravity);
    for (const threat of threats) {
      if ((threat.action ?? run.compiled.rules.actions[threat.type]) === 'alert')
        this.#config.onAlert?.(threat, scope);
    }
    if (blocked && this.#config.strict) {
      throw createError(
        'ERR_THREAT_BLOCKED',
        run.errors.length > 0
          ? 'sanitizer: the input does not fit its schema'
          : `sanitizer: the input still holds ${[...new Set(threats.map(({ type }) => type))].join(', ')}`,
        { size: threats.length },
      );
    }
    return {
      sanitized: blocked ? (typeof input === 'string' ? '' : undefined) : sanitized,
      threats,
      processed: [...run.processed],
      safe: !blocked,
      blocked,
      errors: run.errors,
      processingTime: performance.now() - started,
    };
  }

  dispose(): void {
    this.#disposed = true;
    this.#detector.dispose();
    for (const html of this.#html.values()) html.dispose();
    for (const { expressions } of this.#scopes.values())
      for (const one of expressions.values()) one.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #compiled(scope: SanitizationScope): Compiled {
    let compiled = this.#scopes.get(scope);
    if (!compiled) {
      const given = this.#config.scopes?.[scope] ?? {};
      const defaults = DEFAULT_RULES[scope];
      const rules = {
        processors: given.processors ?? defaults.processors,
        threshold: given.threshold ?? defaults.threshold,
        actions: { ...defaults.actions, ...given.actions },
      };
      const expressions = new Map<Processor, Resident>();
      rules.processors.forEach((processor, at) => {
        if (processor.type !== 'regex-replace') return;
        const field = `sanitizer: ${scope}.processors[${at}].pattern`;
        const make: ConstructorParameters<typeof Resident>[1] = (core) =>
          core.expressionNew(processor.pattern, field);
        expressions.set(processor, new Resident(EXPRESSION, make, make));
      });
      compiled = { rules, expressions };
      this.#scopes.set(scope, compiled);
    }
    return compiled;
  }

  /** One text: look, process, look again. */
  #text(input: string, run: Run, field: string): string {
    const { rules } = run.compiled;
    const first = this.#look(input, run, field);
    run.threats.push(...first);
    const harmless = new Set<string>();
    let text = input;
    for (const processor of rules.processors) {
      if (processor.type === 'html' && processor.when === 'xss' && !first.some(({ type }) => type === 'xss'))
        continue;
      if (processor.type === 'schema' && field !== '') continue;
      const before = text;
      text = this.#process(processor, text, run, harmless);
      if (text !== before) run.processed.add(processor.type === 'custom' ? processor.name : processor.type);
    }
    if (run.errors.length > 0) return '';
    if (first.length === 0 && text === input) return text;
    let left = this.#remaining(text, run, field, harmless);
    const removable = left.filter((threat) => this.#action(threat, run) === 'sanitize');
    if (removable.length > 0) {
      const before = text;
      text = takeOut(text, removable);
      if (text !== before) run.processed.add('sanitize');
      left = this.#remaining(text, run, field, harmless);
    }
    for (const threat of left) {
      const known = run.threats.some(({ id, field: place }) => id === threat.id && place === threat.field);
      if (!known) run.threats.push(threat);
      const action = this.#action(threat, run);
      const grave = SEVERITIES.indexOf(threat.severity) >= SEVERITIES.indexOf(rules.threshold);
      if (grave && (action === 'block' || action === 'sanitize')) run.blocked = true;
    }
    return text;
  }

  #look(text: string, { scope }: Run, field: string): Threat[] {
    const found = this.#detector.detectThreats(text, { scope });
    return field === '' ? found : found.map((threat) => ({ ...threat, field }));
  }

  #remaining(text: string, run: Run, field: string, harmless: ReadonlySet<string>): Threat[] {
    // What a processor has escaped is read as text where it goes: its first layer is no way in any more.
    return this.#look(text, run, field).filter(({ path }) => path[0] === undefined || !harmless.has(path[0]));
  }

  #action(threat: Threat, { compiled }: Run): string {
    return threat.action ?? compiled.rules.actions[threat.type] ?? 'block';
  }

  #process(processor: Processor, text: string, run: Run, harmless: Set<string>): string {
    switch (processor.type) {
      case 'html': {
        harmless.add('html');
        return this.#cleaner(processor.profile).sanitize(text);
      }
      case 'regex-replace': {
        const { handle } = run.compiled.expressions.get(processor)!;
        return call((core) => core.expressionReplace(handle, text, processor.replacement));
      }
      case 'encoding':
        harmless.add(ESCAPED[processor.for]);
        return encode(text, processor.for);
      case 'trim': {
        const trimmed = text.trim();
        return processor.maxLength === undefined ? trimmed : cut(trimmed, processor.maxLength);
      }
      case 'normalize':
        return text.normalize(processor.form ?? 'NFC');
      case 'schema': {
        const value = this.#validate(processor, parseJson(text), run);
        return run.blocked ? '' : (JSON.stringify(value) ?? '');
      }
      case 'custom': {
        const answer: unknown = processor.process(text, run.scope);
        if (typeof answer === 'string') return answer;
        throw createError('ERR_ARGUMENT_INVALID', 'sanitizer: a custom processor must answer a string');
      }
    }
  }

  #cleaner(profile: HtmlProfile): HtmlSanitizer {
    let cleaner = this.#html.get(profile);
    if (!cleaner) this.#html.set(profile, (cleaner = new HtmlSanitizer({ profile })));
    return cleaner;
  }

  #schema(input: unknown, run: Run): unknown {
    let value = input;
    for (const processor of run.compiled.rules.processors) {
      if (processor.type === 'schema') value = this.#validate(processor, value, run);
    }
    return value;
  }

  #validate(processor: Extract<Processor, { type: 'schema' }>, value: unknown, run: Run): unknown {
    const result = processor.validator.validate(processor.schema, value);
    if (typeof result?.valid !== 'boolean' || !(result.valid || Array.isArray(result.errors)))
      throw createError('ERR_ARGUMENT_INVALID', 'sanitizer: a validator must answer valid, value and errors');
    run.processed.add('schema');
    if (!result.valid) {
      run.errors.push(...result.errors);
      run.blocked = true;
    }
    return result.value;
  }

  /** A copy of data with every string sanitized. */
  #data(value: unknown, run: Run, field: string, depth: number): unknown {
    if (depth > MAX_DEPTH)
      throw createError(
        'ERR_INPUT_TOO_LARGE',
        `sanitizer: the input is nested deeper than ${MAX_DEPTH} levels`,
      );
    if (typeof value === 'string') {
      if (++run.strings > MAX_STRINGS)
        throw createError(
          'ERR_INPUT_TOO_LARGE',
          `sanitizer: the input has more than ${MAX_STRINGS} strings`,
          { limit: MAX_STRINGS },
        );
      return this.#text(value, run, field || '$');
    }
    if (Array.isArray(value))
      return value.map((item, at) => this.#data(item, run, `${field}[${at}]`, depth + 1));
    if (typeof value !== 'object' || value === null || isTextless(value)) return value;
    if (value instanceof Map || value instanceof Set)
      throw createError(
        'ERR_ARGUMENT_INVALID',
        'sanitizer: data must be objects and lists: turn a Map or Set into one',
      );
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const place = field === '' ? key : `${field}.${key}`;
      const inner = (value as Record<string, unknown>)[key];
      if (key === '__proto__' || (key === 'constructor' && typeof inner === 'object')) {
        run.threats.push(prototypeKey(place));
        run.processed.add('sanitize');
        continue;
      }
      copy[key] = this.#data(inner, run, place, depth + 1);
    }
    return copy;
  }
}

/** Whether an object can hold no text: a time, or bytes. It goes through as it is. */
function isTextless(value: object): boolean {
  return value instanceof Date || value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

/** What one call gathers. */
class Run {
  readonly threats: Threat[] = [];
  readonly processed = new Set<string>();
  readonly errors: { path: string; message: string }[] = [];
  blocked = false;
  strings = 0;

  constructor(
    readonly compiled: Compiled,
    readonly scope: SanitizationScope,
  ) {}
}

/** Takes what was found out of a text: hidden characters and escapes by themselves, the rest by its place. */
function takeOut(text: string, threats: readonly Threat[]): string {
  let clean = text;
  const places = threats.filter(({ type }) => type !== 'terminal_escape' && type !== 'personal_data');
  let end = Infinity;
  for (const { range } of places.toSorted?.((a, b) => b.range.start - a.range.start) ??
    [...places].sort((a, b) => b.range.start - a.range.start)) {
    if (range.end > end) continue;
    clean = clean.slice(0, range.start) + clean.slice(range.end);
    end = range.start;
  }
  if (threats.some(({ type }) => type === 'terminal_escape')) clean = stripTerminalEscapes(clean);
  if (threats.some(({ type }) => type === 'personal_data')) clean = maskPersonalData(clean);
  // Characters that came together by the cut and hide something are shown.
  return threats.some(({ type }) => type === 'hidden_unicode') ? revealInvisible(clean) : clean;
}

function encode(text: string, place: keyof typeof ESCAPED): string {
  if (place === 'url') return encodeURIComponent(scalars(text));
  if (place === 'json') {
    // Also fit for a script element: no `<`, `>`, `&`, and no line separators.
    return JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
  return escapeHtml(text);
}

function cut(text: string, length: number): string {
  const unit = text.charCodeAt(length);
  return text.length <= length ? text : text.slice(0, unit >= 0xdc00 && unit <= 0xdfff ? length - 1 : length);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function prototypeKey(field: string): Threat {
  return {
    id: 'prototype.key',
    type: 'prototype_pollution',
    severity: 'high',
    confidence: 1,
    range: { start: 0, end: 0 },
    path: [],
    cwe: 'CWE-1321',
    message: "a key that reaches an object's prototype",
    field,
  };
}
