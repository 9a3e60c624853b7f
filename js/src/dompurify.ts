/**
 * DOMPurify's interface without a DOM: `import DOMPurify from 'vespera-security/dompurify'`.
 *
 * Options are DOMPurify's. What needs a DOM or a callback, and what would let code run, is refused with
 * `ERR_CONFIG_UNSUPPORTED` and the alternative; nothing is ignored.
 */
import { plainCopy, requireObject } from './engine/configuration.js';
import { call } from './engine/engine.js';
import { checkText, resolveLimit } from './engine/limits.js';
import { type Kind, Resident } from './engine/resident.js';
import { createError } from './errors.js';
import { createPolicy, type TrustedTypesLike } from './html/trusted-types.js';
import type { HtmlInspection, HtmlRemoval } from './html.js';

/** The options of `sanitize`. Each is DOMPurify's of the same name. */
export interface DOMPurifyConfig {
  readonly ALLOWED_TAGS?: readonly string[];
  readonly ALLOWED_ATTR?: readonly string[];
  readonly ADD_TAGS?: readonly string[];
  readonly ADD_ATTR?: readonly string[];
  readonly FORBID_TAGS?: readonly string[];
  readonly FORBID_ATTR?: readonly string[];
  readonly FORBID_CONTENTS?: readonly string[];
  readonly ADD_FORBID_CONTENTS?: readonly string[];
  readonly USE_PROFILES?:
    | false
    | {
        readonly html?: boolean;
        readonly svg?: boolean;
        readonly svgFilters?: boolean;
        readonly mathMl?: boolean;
      };
  readonly ALLOW_DATA_ATTR?: boolean;
  readonly ALLOW_ARIA_ATTR?: boolean;
  /** Translated to an expression that runs in linear time; look-around and back-references are refused. */
  readonly ALLOWED_URI_REGEXP?: RegExp;
  readonly ALLOW_UNKNOWN_PROTOCOLS?: boolean;
  readonly ADD_URI_SAFE_ATTR?: readonly string[];
  readonly ADD_DATA_URI_TAGS?: readonly string[];
  readonly KEEP_CONTENT?: boolean;
  readonly SAFE_FOR_TEMPLATES?: boolean;
  readonly SAFE_FOR_XML?: boolean;
  readonly SANITIZE_DOM?: boolean;
  readonly SANITIZE_NAMED_PROPS?: boolean;
  readonly CUSTOM_ELEMENT_HANDLING?: {
    readonly tagNameCheck?: RegExp | null;
    readonly attributeNameCheck?: RegExp | null;
    readonly allowCustomizedBuiltInElements?: boolean;
  };
  readonly FORCE_BODY?: boolean;
  /** In a browser with Trusted Types, `sanitize` answers a `TrustedHTML`, of the policy `dompurify`. */
  readonly RETURN_TRUSTED_TYPE?: boolean;
}

/** What was taken out by the last call. For people and tests, never for a decision. */
export type DOMPurifyRemoved = { readonly element: string } | { readonly attribute: string };

const KIND: Kind = { domain: 'html', free: (core, handle) => core.htmlFree(handle) };

/** What needs a DOM or calls back, and what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  WHOLE_DOCUMENT: 'sanitize the content of the body',
  RETURN_DOM: 'put the string into a template element',
  RETURN_DOM_FRAGMENT: 'put the string into a template element',
  IN_PLACE: 'sanitize the markup before it becomes nodes',
  NAMESPACE: 'only fragments of HTML are sanitized',
  ALLOWED_NAMESPACES: 'markup of HTML, SVG and MathML is sanitized, and no other',
  PARSER_MEDIA_TYPE: 'only text/html is parsed',
  TRUSTED_TYPES_POLICY: 'use RETURN_TRUSTED_TYPE, or wrap the string with a policy of your own',
  MATHML_TEXT_INTEGRATION_POINTS: 'the parser knows them',
  HTML_INTEGRATION_POINTS: 'the parser knows them',
  ALLOW_SELF_CLOSE_IN_ATTR: 'every value is written in quotes',
};

/** What may be asked for because it is always so. */
const ONLY: Readonly<Record<string, unknown>> = {
  NAMESPACE: 'http://www.w3.org/1999/xhtml',
  PARSER_MEDIA_TYPE: 'text/html',
  ALLOW_SELF_CLOSE_IN_ATTR: true,
};

// Callers hand in the same few configurations again and again: each is compiled once. The oldest goes first.
const MOST_COMPILED = 16;
const compiled = new Map<string, Resident>();
let standing: DOMPurifyConfig | undefined;
let last: { readonly dirty: string; readonly config: DOMPurifyConfig | undefined } | undefined;

function residentOf(config: DOMPurifyConfig | undefined): Resident {
  if (config !== undefined) requireObject('html: the configuration', config);
  const options = config === undefined ? {} : translate(config as Record<string, unknown>);
  // Read once: what is compiled is what the key says, whatever a getter answers the next time.
  const plain = plainCopy('html', options);
  const key = config === undefined ? '' : JSON.stringify(plain);
  const known = compiled.get(key);
  if (known) return known;
  const make: ConstructorParameters<typeof Resident>[1] = (core) => core.htmlPurify(plain);
  const resident = new Resident(KIND, make, make);
  if (compiled.size >= MOST_COMPILED) {
    const [oldest] = compiled;
    oldest?.[1].dispose();
    if (oldest) compiled.delete(oldest[0]);
  }
  compiled.set(key, resident);
  return resident;
}

/** DOMPurify's options as data, without those that say nothing. */
function translate(config: Record<string, unknown>): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    if (name === 'ALLOW_SELF_CLOSE_IN_ATTR' && value === false)
      throw unsupported(`${name} cannot be false: ${INSTEAD[name]}`);
    if (value === undefined || value === null || value === false) {
      if (value === false && !(name in INSTEAD) && name !== 'RETURN_TRUSTED_TYPE' && name !== 'USE_PROFILES')
        plain[name] = false;
      continue;
    }
    const instead = INSTEAD[name];
    if (instead !== undefined && value !== ONLY[name])
      throw unsupported(`${name} needs a DOM or another parser: ${instead}`);
    if (instead !== undefined || name === 'RETURN_TRUSTED_TYPE') continue;
    plain[name] = dataOf(name, value);
  }
  return plain;
}

function dataOf(name: string, value: unknown): unknown {
  if (typeof value === 'function')
    throw unsupported(`${name} cannot be a function: list the names, or give a RegExp`);
  if (value instanceof RegExp) return { source: value.source, flags: value.flags.replace(/[dg]/g, '') };
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null && part !== undefined)
      .map(([key, part]) => [key, dataOf(`${name}.${key}`, part)]),
  );
}

function unsupported(words: string): Error {
  return createError('ERR_CONFIG_UNSUPPORTED', `html: ${words}`);
}

let trusted: ((html: string) => unknown) | undefined;

function trustedHtml(html: string): unknown {
  const types = (globalThis as { trustedTypes?: TrustedTypesLike }).trustedTypes;
  if (!types) return html;
  if (!trusted) {
    const policy = createPolicy(types, 'dompurify', (clean) => clean);
    trusted = (clean) => policy.createHTML(clean);
  }
  return trusted(html);
}

/** The interface of DOMPurify. */
const DOMPurify = {
  /** The version of DOMPurify whose defaults these are. */
  version: '3.4.18',
  /** Always: no DOM is needed. */
  isSupported: true,

  /**
   * The clean markup.
   * @throws VesperaSecurityError `ERR_CONFIG_UNSUPPORTED`, `ERR_CONFIG_INVALID`, `ERR_INPUT_TOO_LARGE`
   */
  sanitize(dirty: string, config?: DOMPurifyConfig | null): string {
    const text = typeof dirty === 'string' ? dirty : String(dirty ?? '');
    checkText('html', text, resolveLimit('text', undefined));
    const chosen = standing ?? config ?? undefined; // DOMPurify takes null for no configuration
    const { handle } = residentOf(chosen);
    last = { dirty: text, config: chosen };
    const clean = call((core) => core.htmlSanitize(handle, text)) ?? text;
    return (chosen?.RETURN_TRUSTED_TYPE ? trustedHtml(clean) : clean) as string;
  },

  /** What the last call took out, found when it is asked for: the last input is held until then, or `clearConfig`. */
  get removed(): readonly DOMPurifyRemoved[] {
    if (!last) return [];
    const { dirty, config } = last;
    const { handle } = residentOf(config);
    const { removed } = call((core) => core.htmlInspect(handle, dirty)) as HtmlInspection;
    return removed.map(({ kind, name }: HtmlRemoval) =>
      kind === 'attribute' ? { attribute: name } : { element: name || `#${kind}` },
    );
  },

  /** Uses a configuration for every call until `clearConfig`; those of the calls are then not looked at. */
  setConfig(config?: DOMPurifyConfig | null): void {
    residentOf(config ?? {});
    standing = { ...config };
  },

  /** Forgets the configuration of `setConfig`, and the last call. */
  clearConfig(): void {
    standing = undefined;
    last = undefined;
  },

  /** @throws VesperaSecurityError `ERR_CONFIG_UNSUPPORTED`: a hook gets nodes, and there are none */
  addHook(): never {
    throw unsupported('hooks get nodes, and there are none: use options, or change the string');
  },
  /** Nothing to remove: there are no hooks. */
  removeHook(): undefined {
    return undefined;
  },
  /** Nothing to remove: there are no hooks. */
  removeHooks(): void {},
  /** Nothing to remove: there are no hooks. */
  removeAllHooks(): void {},
};

export { DOMPurify };
export default DOMPurify;
