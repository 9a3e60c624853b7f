/** What a text hides, made visible or taken out. */
import { call } from './engine/engine.js';
import { checkText, resolveLimit } from './engine/limits.js';

/**
 * The text without raw terminal escapes and control characters; tabs and line ends stay. Nothing that a terminal
 * would act on is left, however the escapes were nested.
 *
 * @example
 * channel.appendLine(stripTerminalEscapes(toolOutput));
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` over 2 MiB
 */
export function stripTerminalEscapes(text: string): string {
  checkText('text', text, resolveLimit('text', undefined));
  return call((core) => core.textStripTerminal(text)) ?? text;
}

/**
 * The text with a visible stand-in such as `⟦U+202E⟧` for every invisible or control character that hides
 * something. Joiners of emoji, Persian and Indic text, and marks of right-to-left text stay as they are.
 *
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` over 2 MiB
 */
export function revealInvisible(text: string): string {
  checkText('text', text, resolveLimit('text', undefined));
  return call((core) => core.textRevealInvisible(text)) ?? text;
}
