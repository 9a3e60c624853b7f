/**
 * What servers and clients tell each other about limits: the fields `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers-10, structured fields of RFC 9651), `Retry-After`, and problem documents (RFC 9457).
 */
import { headerOf, parseRetryAfter } from '../breaker/verdict.js';
import type { RateLimitDecision } from './limiter.js';

/** The header fields of an answer. */
export interface RateLimitHeaders {
  readonly 'RateLimit-Policy'?: string;
  readonly RateLimit?: string;
  /** Whole seconds. */
  readonly 'Retry-After'?: string;
}

/** A problem document, for `application/problem+json`. */
export interface RateLimitProblem {
  readonly type: string;
  readonly title: string;
  readonly status: 429;
  readonly 'violated-policies': readonly string[];
}

interface Policy {
  readonly quota: number;
  readonly windowMs: number;
}

/** The largest integer of a structured field. */
const MAX_INTEGER = 999_999_999_999_999;
/** The longest field that is read. */
const MAX_FIELD = 4_096;

/** @internal */
export function rateLimitHeaders(decision: RateLimitDecision, policy: Policy | undefined): RateLimitHeaders {
  if (decision.rule === null || policy === undefined) return {};
  const name = `"${decision.rule.replace(/["\\]/g, '\\$&')}"`;
  const seconds = (ms: number): number => Math.min(MAX_INTEGER, Math.ceil(ms / 1_000));
  const whole = (tokens: number): number => Math.min(MAX_INTEGER, Math.max(0, Math.floor(tokens)));
  const retry = Number.isFinite(decision.retryAfterMs) && !decision.allowed;
  const reset = seconds(decision.allowed ? decision.resetAfterMs : decision.retryAfterMs);
  return {
    'RateLimit-Policy': `${name};q=${whole(policy.quota)};w=${seconds(policy.windowMs)}`,
    RateLimit: `${name};r=${decision.allowed ? whole(decision.tokensRemaining) : 0};t=${reset}`,
    ...(retry ? { 'Retry-After': String(seconds(decision.retryAfterMs)) } : {}),
  };
}

/** @internal */
export function rateLimitProblem(decision: RateLimitDecision): RateLimitProblem {
  return {
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    status: 429,
    'violated-policies': decision.rule === null ? [] : [decision.rule],
  };
}

/** What a server's answer says: how long to stop, and how much is left at most. @internal */
export function serverWait(headers: unknown): { blockMs: number; remaining: number | undefined } {
  const retry = parseRetryAfter(headerOf(headers, 'Retry-After'));
  const items = parseRateLimit(headerOf(headers, 'RateLimit'));
  const tightest = items.reduce<(typeof items)[number] | undefined>(
    (least, item) => (least === undefined || item.remaining < least.remaining ? item : least),
    undefined,
  );
  const spent = items.filter(({ remaining }) => remaining === 0).map(({ resetMs }) => resetMs);
  return { blockMs: retry ?? Math.max(0, ...spent), remaining: tightest?.remaining };
}

/**
 * The items of a `RateLimit` field: `"name";r=50;t=30, …`. A field that is not well-formed says nothing, as RFC 9651
 * has it; an item without `r` is left out.
 */
export function parseRateLimit(
  value: unknown,
): { readonly policy: string; readonly remaining: number; readonly resetMs: number }[] {
  if (typeof value !== 'string' || value.length > MAX_FIELD) return [];
  const items = [];
  const member =
    /[ \t]*"((?:[ !#-[\]-~]|\\["\\])*)"((?:;[ ]*[a-z*][a-z0-9_.*-]*(?:=(?:-?\d{1,15}(?:\.\d{1,3})?|"(?:[ !#-[\]-~]|\\["\\])*"|:[A-Za-z0-9+/=]*:|\?[01]|[A-Za-z*][\w!#$%&'*+.^`|~:/-]*))?)*)[ \t]*(,|$)/y;
  let ended = false;
  while (!ended) {
    const match = member.exec(value);
    if (match === null) return [];
    const [, name = '', parameters = '', end] = match;
    const number = (key: string): number | undefined => {
      // The last of several parameters with one name counts.
      const found = [...parameters.matchAll(new RegExp(`;[ ]*${key}=(\\d{1,15})(?=;|$)`, 'g'))].at(-1)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    const remaining = number('r');
    if (remaining !== undefined)
      items.push({ policy: name.replace(/\\(.)/g, '$1'), remaining, resetMs: (number('t') ?? 0) * 1_000 });
    ended = end === '';
  }
  return items;
}
