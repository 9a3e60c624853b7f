/** The suite of every domain, in the order of `src/lib.rs`. The same text runs in every host. */
import breaker from './breaker.mjs';
import consent from './consent.mjs';
import consentRights from './consent-rights.mjs';
import crypto from './crypto.mjs';
import engine from './engine.mjs';
import flags from './flags.mjs';
import html from './html.mjs';
import limit from './limit.mjs';
import sanitizer from './sanitizer.mjs';
import text from './text.mjs';
import threat from './threat.mjs';

export const suites = {
  engine,
  html,
  text,
  threat,
  sanitizer,
  limit,
  breaker,
  crypto,
  consent,
  consentRights,
  flags,
};
