/** Makes hostile markup harmless, without a DOM. */
import { plainCopy, requireObject } from './engine/configuration.js';
import { call } from './engine/engine.js';
import { checkText, resolveLimit } from './engine/limits.js';
import { type Kind, Resident } from './engine/resident.js';
import { createError } from './errors.js';
import type { Disposable } from './types.js';

/** An allow-list to start from; the README has each as a table. */
export type HtmlProfile = 'strict' | 'chat' | 'markdown' | 'webview' | 'svg';

/** Names to add to a profile or to take from it, in whatever case. */
export interface HtmlChanges {
  /** Elements, by local name. */
  readonly tags?: readonly string[];
  /** Attributes by element; those of `*` are every element's. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /**
   * Classes; `*` at the end stands for any rest. `chat` has `language-*`; where another profile has `class`, it has
   * any class until some are added: then only those.
   */
  readonly classes?: readonly string[];
  /** Schemes of links, without the colon. */
  readonly schemes?: readonly string[];
}

/** What URLs may do. */
export interface HtmlUrlOptions {
  /** URLs without a scheme: they stay, they go, or they are resolved and must stay below the base. @default 'keep' */
  readonly relative?: 'keep' | 'remove' | { readonly base: string };
  /**
   * Hosts from which images and other resources may be loaded: `example.com`, `*.example.com`, `*`. Loading an
   * image tells its host who reads the text, and its URL may carry the text itself. @default []
   */
  readonly remoteHosts?: readonly string[];
  /** The longest `data:` URL of a raster image, in bytes. @default 262_144 */
  readonly dataImageBytes?: number;
  /** Ids of the commands that `command:` links may run; their arguments must be JSON. @default [] */
  readonly commands?: readonly string[];
  /** URLs below which the editor's resources may be loaded, as `asWebviewUri` gives them. @default [] */
  readonly resourceRoots?: readonly string[];
}

/** How much work an input may cause. */
export interface HtmlLimits {
  /** Bytes of input; more is refused. @default 2_097_152 */
  readonly bytes?: number;
  /** Elements within elements, at most 512; deeper ones are replaced with their content. @default 512 */
  readonly depth?: number;
  /** Attributes of one element; more are dropped. @default 256 */
  readonly attributes?: number;
  /** Nodes of the tree; more is refused. @default 1_048_576 */
  readonly nodes?: number;
  /** Bytes of output; more is refused. @default 8_388_608 */
  readonly output?: number;
}

/** A name of the HTML Sanitizer API: an element of HTML or an attribute, or one with its namespace. */
export type SanitizerName = string | { readonly name: string; readonly namespace?: string | null };

/** An element of the HTML Sanitizer API, with what is said about its own attributes. */
export type SanitizerElement =
  | string
  | {
      readonly name: string;
      readonly namespace?: string | null;
      readonly attributes?: readonly SanitizerName[];
      readonly removeAttributes?: readonly SanitizerName[];
    };

/** The configuration of the HTML Sanitizer API, as `setHTML` takes it. */
export interface SanitizerConfig {
  readonly elements?: readonly SanitizerElement[];
  readonly removeElements?: readonly SanitizerName[];
  readonly replaceWithChildrenElements?: readonly SanitizerName[];
  readonly attributes?: readonly SanitizerName[];
  readonly removeAttributes?: readonly SanitizerName[];
  readonly comments?: boolean;
  readonly dataAttributes?: boolean;
  readonly processingInstructions?: readonly (string | { readonly target: string })[];
  readonly removeProcessingInstructions?: readonly (string | { readonly target: string })[];
}

/** How to sanitize: a profile and changes to it, or the standard's configuration. */
export interface HtmlSanitizerOptions {
  /** @default 'chat' */
  readonly profile?: HtmlProfile;
  readonly add?: HtmlChanges;
  readonly remove?: HtmlChanges;
  readonly urls?: HtmlUrlOptions;
  /** Stands before every `id` and `name`, so that none shadows a property of the page. @default 'user-content-' */
  readonly idPrefix?: string;
  /**
   * The standard's configuration instead of a profile: what `setHTML(html, { sanitizer })` does, its safe baseline
   * included, without a DOM. It stands alone, beside `limits`.
   */
  readonly sanitizer?: 'default' | SanitizerConfig;
  readonly limits?: HtmlLimits;
}

/** One thing that was taken out. */
export interface HtmlRemoval {
  readonly kind: 'element' | 'attribute' | 'comment' | 'instruction' | 'doctype' | 'text';
  /** The element's or attribute's name, as the input has it, at most 64 bytes. */
  readonly name: string;
  readonly reason: string;
  /** The rule that decided: `unlisted`, `dropped`, `url`, `css`, `audit`, … */
  readonly rule: string;
}

/** What was done, for people and tests. Never decide on it whether markup was safe: `html` is safe either way. */
export interface HtmlInspection {
  readonly html: string;
  /** Whether `html` differs from the input. */
  readonly changed: boolean;
  /** Whether the markup parses to itself; if it did not, all of it was escaped to text. */
  readonly stable: boolean;
  /** At most 10,000 entries, in the order of the document. */
  readonly removed: readonly HtmlRemoval[];
}

const KIND: Kind = { domain: 'html', free: (core, handle) => core.htmlFree(handle) };

/**
 * Cleans markup under one configuration, compiled once. It keeps nothing of what it cleans.
 *
 * @example
 * const sanitizer = new HtmlSanitizer({ profile: 'markdown' });
 * element.innerHTML = sanitizer.sanitize(message);
 */
export class HtmlSanitizer implements Disposable {
  readonly #resident: Resident;
  readonly #limit: number;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming what contradicts itself or is never safe */
  constructor(options: HtmlSanitizerOptions = {}) {
    const plain = plainCopy('html', options);
    checkStandard(plain);
    this.#limit = resolveLimit('text', options.limits?.bytes);
    const make: ConstructorParameters<typeof Resident>[1] = (core) =>
      core.htmlNew(Object.keys(plain).length > 0 ? plain : undefined);
    this.#resident = new Resident(KIND, make, make);
  }

  /**
   * The clean markup; the same string if nothing had to change.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`, `ERR_DISPOSED`
   */
  sanitize(html: string): string {
    checkText('html', html, this.#limit);
    const { handle } = this.#resident;
    if (isPlain(html)) return wellFormed(html);
    return call((core) => core.htmlSanitize(handle, html)) ?? wellFormed(html);
  }

  /**
   * Cleans many pieces, and crosses into the core once. The limits hold for each.
   * @throws VesperaSecurityError as `sanitize`; then none is cleaned
   */
  sanitizeMany(pieces: readonly string[]): string[] {
    if (!Array.isArray(pieces)) throw createError('ERR_ARGUMENT_INVALID', 'html: pieces must be an array');
    for (const piece of pieces) checkText('html', piece, this.#limit);
    const { handle } = this.#resident;
    return call((core) => core.htmlSanitizeMany(handle, pieces as string[]));
  }

  /**
   * The clean markup and what was taken out of it.
   * @throws VesperaSecurityError as `sanitize`
   */
  inspect(html: string): HtmlInspection {
    checkText('html', html, this.#limit);
    const { handle } = this.#resident;
    return call((core) => core.htmlInspect(handle, html)) as HtmlInspection;
  }

  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Refuses what the standard's configuration does not have, by its name. */
function checkStandard(options: HtmlSanitizerOptions): void {
  const { sanitizer } = options;
  if (sanitizer === undefined) return;
  requireObject<HtmlSanitizerOptions>('html: options with sanitizer', options, ['sanitizer', 'limits']);
  if (sanitizer === 'default') return;
  requireObject('html: sanitizer, if it is not default,', sanitizer, [
    'elements',
    'removeElements',
    'replaceWithChildrenElements',
    'attributes',
    'removeAttributes',
    'comments',
    'dataAttributes',
    'processingInstructions',
    'removeProcessingInstructions',
  ]);
}

/** Whether nothing in the text can be markup or is written in another way: such a text is its own answer. */
function isPlain(text: string): boolean {
  return (
    !text.includes('<') &&
    !text.includes('&') &&
    !text.includes('>') &&
    !text.includes('\r') &&
    !text.includes('\0') &&
    !text.includes('\u00a0') &&
    !text.startsWith('\ufeff')
  );
}

/** A lone surrogate becomes U+FFFD, as it does on the way through the core. */
function wellFormed(text: string): string {
  const modern = text as string & { toWellFormed?: () => string; isWellFormed?: () => boolean };
  if (modern.isWellFormed?.()) return text;
  return modern.toWellFormed?.() ?? new TextDecoder().decode(new TextEncoder().encode(text));
}
