/** Text that becomes markup, and markup that becomes text. */
import { call } from './engine/engine.js';
import { checkText, resolveLimit } from './engine/limits.js';
import { createError } from './errors.js';
import { createPolicy, type TrustedHtmlPolicy, type TrustedTypesLike } from './html/trusted-types.js';
import { HtmlSanitizer } from './html.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text as markup that shows it: for the content of an element, and for an attribute in quotes. */
export function escapeHtml(text: string): string {
  checkText('html', text, resolveLimit('text', undefined));
  return text.replace(/[&<>"'`]/g, (character) => ESCAPES[character] as string);
}

/** Text as the value of an attribute, safe without quotes as well. */
export function escapeAttribute(text: string): string {
  return escapeHtml(text).replace(/[\s=\0]/g, (character) => `&#${character.charCodeAt(0) || 0xfffd};`);
}

/**
 * What a reader would read: blocks become lines, cells tabs, what is not shown is left out. The answer is text:
 * escape it before it becomes markup again.
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`
 */
export function htmlToText(html: string): string {
  checkText('html', html, resolveLimit('text', undefined));
  return call((core) => core.htmlToText(html));
}

/** Markup that `safeHtml` made: inside another template it is not escaped again. */
export class SafeHtml {
  readonly #html: string;

  /** @internal */
  constructor(html: string) {
    this.#html = html;
  }

  toString(): string {
    return this.#html;
  }
}

const URL_ATTRIBUTES =
  /^(?:href|src|action|formaction|poster|cite|background|data|ping|(?:image)?srcset|xlink:href|codebase|longdesc|manifest)$/i;
/** Elements that write their attributes into those of another element. */
const ANIMATION = /^(?:set|animate.*)$/;
const SAFE_URL = /^(?:https?:|mailto:|tel:|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i;

/**
 * Markup with values in it, each escaped by the place it stands in: text, or an attribute in quotes. In an attribute
 * that holds a URL only links to the web, mail, telephone and relative ones stand. Anywhere else (a tag's name, an
 * attribute without quotes, `on…`, `style`, a script or style element, a comment) a value is refused.
 *
 * @example
 * element.innerHTML = String(safeHtml`<a href="${url}">${title}</a>`);
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` naming the place
 */
export function safeHtml(parts: TemplateStringsArray, ...values: readonly unknown[]): SafeHtml {
  if (!Array.isArray(parts))
    throw createError(
      'ERR_ARGUMENT_INVALID',
      'html: safeHtml is a tag of a template, not a function to call',
    );
  const place = new Place();
  let html = '';
  parts.forEach((part, at) => {
    place.read(part);
    html += part;
    if (at < values.length) html += place.write(values[at]);
  });
  return new SafeHtml(html);
}

type State = 'text' | 'tag' | 'quoted' | 'unquoted' | 'comment' | 'raw';

/** Where in the markup a value stands: a reader of the constant parts, which the programmer wrote. */
class Place {
  #state: State = 'text';
  #quote = '';
  #element = '';
  #attribute = '';
  #value = '';

  read(part: string): void {
    for (let at = 0; at < part.length;) at = this.#step(part, at);
  }

  #step(part: string, at: number): number {
    const rest = part.slice(at);
    switch (this.#state) {
      case 'text': {
        const tag = /^<(\/?)([a-z][^\s/>]*)/i.exec(rest);
        if (tag) {
          [this.#state, this.#element] = ['tag', tag[1] ? '' : (tag[2] as string).toLowerCase()];
          return at + tag[0].length;
        }
        // What follows would become a name.
        if (/^<[/!?]?-?$/.test(rest)) [this.#state, this.#element] = ['tag', ''];
        else if (rest.startsWith('<!--')) this.#state = 'comment';
        return at + 1;
      }
      case 'comment':
        if (!rest.startsWith('-->')) return at + 1;
        this.#state = 'text';
        return at + 3;
      case 'raw':
        if (!rest.toLowerCase().startsWith(`</${this.#element}`)) return at + 1;
        [this.#state, this.#element] = ['tag', ''];
        return at + 2;
      case 'quoted':
        if (rest.startsWith(this.#quote)) [this.#state, this.#value] = ['tag', ''];
        else this.#value += rest[0];
        return at + 1;
      case 'unquoted':
        if (/^[\s>]/.test(rest)) {
          this.#state = 'tag';
          return at;
        }
        return at + 1;
      case 'tag': {
        if (rest.startsWith('>')) {
          const raw = /^(?:script|style|textarea|title|xmp|iframe|noembed|noframes|noscript|plaintext)$/;
          this.#state = raw.test(this.#element) ? 'raw' : 'text';
          return at + 1;
        }
        const attribute = /^([^\s=>/]+)\s*=\s*(["']?)/.exec(rest);
        if (!attribute) return at + 1;
        [this.#attribute, this.#quote, this.#value] = [attribute[1] as string, attribute[2] as string, ''];
        this.#state = this.#quote ? 'quoted' : 'unquoted';
        return at + attribute[0].length;
      }
    }
  }

  write(value: unknown): string {
    if (this.#state === 'text') {
      if (value instanceof SafeHtml) return value.toString();
      if (Array.isArray(value)) return value.map((one) => this.write(one)).join('');
      return escapeHtml(String(value ?? ''));
    }
    const text = String(value ?? '');
    if (this.#state !== 'quoted') throw refused(`a value cannot stand in ${WHERE[this.#state]}`);
    if (ANIMATION.test(this.#element))
      throw refused('a value cannot stand in an element that animates another');
    if (/^on/i.test(this.#attribute) || /^(?:style|srcdoc)$/i.test(this.#attribute))
      throw refused('a value cannot stand in an attribute that holds code, styles or a document');
    const url = this.#value + text;
    // What a browser skips before and inside a scheme.
    const bare = [...url].filter((c) => c > ' ').join('');
    if (URL_ATTRIBUTES.test(this.#attribute) && !SAFE_URL.test(bare))
      throw refused('the scheme of the URL is not one that links have');
    this.#value += text;
    return escapeHtml(text);
  }
}

const WHERE: Readonly<Record<Exclude<State, 'text' | 'quoted'>, string>> = {
  tag: 'a tag outside an attribute in quotes',
  unquoted: 'an attribute without quotes',
  comment: 'a comment',
  raw: 'an element whose text is not markup',
};

function refused(words: string): Error {
  return createError('ERR_ARGUMENT_INVALID', `html: ${words}`);
}

/**
 * A Trusted Types policy whose `createHTML` sanitizes; `undefined` where the host has no Trusted Types. Make it once
 * and keep it: a page makes a second one of the same name only if it lists `'allow-duplicates'`.
 * @param name as the page's `trusted-types` directive lists it
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID` if the page allows no policy of this name, or no second one
 */
export function trustedTypesPolicy(
  sanitizer: HtmlSanitizer,
  name = 'vespera-security',
): TrustedHtmlPolicy | undefined {
  if (!(sanitizer instanceof HtmlSanitizer))
    throw createError('ERR_ARGUMENT_INVALID', 'html: a policy needs an HtmlSanitizer');
  const types = (globalThis as { trustedTypes?: TrustedTypesLike }).trustedTypes;
  return types && createPolicy(types, name, (html) => sanitizer.sanitize(html));
}
