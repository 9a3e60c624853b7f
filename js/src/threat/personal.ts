/** Masks personal data, and puts it back. */
import { Keyset } from '../crypto/keyset.js';
import { requireObject } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { checkText, resolveLimit } from '../engine/limits.js';
import { createError } from '../errors.js';
import { scalars } from './strings.js';

/** What kind of personal data. */
export type PersonalDataType = 'email' | 'phone' | 'card' | 'iban' | 'national_id' | 'ip' | 'mac';

/** In the order of the core's bits. */
const TYPES: readonly PersonalDataType[] = ['email', 'phone', 'card', 'iban', 'national_id', 'ip', 'mac'];

/** How masks look. */
export interface MaskOptions {
  /** @default all */
  readonly types?: readonly PersonalDataType[];
  /** `label`: `[EMAIL]`; `partial`: `a**@e******.org`; `token`: `[EMAIL_1]`, to be put back. @default 'label' */
  readonly style?: 'label' | 'partial' | 'token';
  /** Where `token` keeps what it masked. */
  readonly session?: MaskingSession;
}

/**
 * The text with personal data masked.
 *
 * @example
 * const session = new MaskingSession(Keyset.generate());
 * const prompt = maskPersonalData(text, { style: 'token', session });
 * const answer = session.restore(await model.ask(prompt));
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` over 2 MiB, `ERR_DISPOSED`
 */
export function maskPersonalData(text: string, options: MaskOptions = {}): string {
  checkText('threat', text, resolveLimit('text', undefined));
  requireObject('threat: the options of masks', options, ['types', 'style', 'session']);
  const { types = TYPES, style = 'label', session } = options;
  if (!Array.isArray(types)) throw createError('ERR_ARGUMENT_INVALID', 'threat: types must be a list');
  const kinds = types.reduce((bits: number, type: PersonalDataType) => bits | bit(type), 0);
  if (style === 'token') {
    if (!(session instanceof MaskingSession))
      throw createError('ERR_ARGUMENT_INVALID', 'threat: masks of style token need a session');
    const well = scalars(text);
    return session.mask(
      well,
      found(well).filter(([type]) => kinds & bit(type)),
    );
  }
  // Who hands in a session wants the values back.
  if (session !== undefined)
    throw createError('ERR_ARGUMENT_INVALID', 'threat: a session is for masks of style token');
  if (style !== 'label' && style !== 'partial') {
    throw createError('ERR_ARGUMENT_INVALID', 'threat: style must be label, partial or token');
  }
  return call((core) => core.personalMask(text, kinds, style === 'partial')) ?? text;
}

type Found = readonly [type: PersonalDataType, start: number, end: number];

function found(text: string): Found[] {
  const rows = call((core) => core.personalFind(text));
  return rows === undefined ? [] : (JSON.parse(rows) as Found[]);
}

function bit(type: PersonalDataType): number {
  const at = TYPES.indexOf(type);
  if (at < 0) throw createError('ERR_ARGUMENT_INVALID', `threat: types must be of ${TYPES.join(', ')}`);
  return 1 << at;
}

/** How many values one session keeps. */
const MAX_VALUES = 100_000;
/** The highest number of a token: `TOKEN` knows no longer one. */
const MAX_NUMBER = 999_999;
const TOKEN = /\[([A-Z_]{2,12}_\d{1,6})\]/g;
const CONTEXT = 'vespera/threat/mask/v1';

/**
 * What was masked in a session, sealed under a keyset: memory holds no value in the open. The same value gets the
 * same token, so that a model can speak about it.
 */
export class MaskingSession {
  readonly #keyset: Keyset;
  readonly #sealed = new Map<string, Uint8Array>();
  readonly #tokens = new Map<string, string>();
  readonly #counts = new Map<PersonalDataType, number>();
  readonly #salt = crypto.getRandomValues(new Uint32Array(4));

  /** @param keyset seals the values; whoever made it disposes of it */
  constructor(keyset: Keyset) {
    if (!(keyset instanceof Keyset))
      throw createError(
        'ERR_CONFIG_INVALID',
        'threat: a session needs a keyset, make one with Keyset.generate()',
      );
    this.#keyset = keyset;
  }

  /**
   * The text with the tokens of this session replaced by what they stand for. A token that this session did not
   * give stays as it is.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_DISPOSED` if the keyset was disposed of
   */
  restore(text: string): string {
    if (typeof text !== 'string')
      throw createError('ERR_ARGUMENT_INVALID', 'threat: the input must be a string');
    return text.replaceAll(TOKEN, (token, name: string) => {
      const sealed = this.#sealed.get(name);
      return sealed ? new TextDecoder().decode(this.#keyset.open(sealed, `${CONTEXT}/${name}`)) : token;
    });
  }

  /** Forgets every value. */
  clear(): void {
    this.#sealed.clear();
    this.#tokens.clear();
    this.#counts.clear();
  }

  /** @internal */
  mask(text: string, places: readonly Found[]): string {
    // What stands in the text as a token would be put back as if it had been masked.
    const taken = new Set(places.length > 0 ? [...text.matchAll(TOKEN)].map(([, name]) => name) : []);
    let masked = '';
    let kept = 0;
    for (const [type, start, end] of places) {
      masked += `${text.slice(kept, start)}[${this.#token(type, text.slice(start, end), taken)}]`;
      kept = end;
    }
    return masked + text.slice(kept);
  }

  #token(type: PersonalDataType, value: string, taken: ReadonlySet<string | undefined>): string {
    const key = `${type} ${this.#digest(value)} ${value.length}`;
    const known = this.#tokens.get(key);
    // Two values may share a digest: the sealed value decides.
    if (known !== undefined && this.restore(`[${known}]`) === value) return known;
    if (this.#sealed.size >= MAX_VALUES) {
      throw full();
    }
    let number = this.#counts.get(type) ?? 0;
    let name: string;
    do name = `${type.toUpperCase()}_${++number}`;
    while (taken.has(name));
    if (number > MAX_NUMBER) throw full();
    this.#counts.set(type, number);
    this.#sealed.set(name, this.#keyset.seal(new TextEncoder().encode(value), `${CONTEXT}/${name}`));
    this.#tokens.set(key, name);
    return name;
  }

  /** A salted hash to find a value again; it need not be hard to invert, only not be the value. */
  #digest(value: string): number {
    let hash = this.#salt[0]!;
    for (let at = 0; at < value.length; at++)
      hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193) ^ this.#salt[at & 3]!;
    return hash >>> 0;
  }
}

function full(): Error {
  return createError('ERR_INPUT_TOO_LARGE', `threat: a session masks at most ${MAX_VALUES} values`, {
    limit: MAX_VALUES,
  });
}
