/** What the end of a call says about the service. */
import { isVesperaSecurityError } from '../errors.js';

/**
 * What the end of a call says about the service.
 *
 * - `success`, `failure`
 * - `ignored`: nothing. The call was cancelled, or refused for a reason that lies with the caller.
 * - `rate-limited`: the service is well and asks for a pause; the circuit opens for so long.
 *
 * A failure may name its class, whose weight is in `classes` of the configuration.
 */
export type Verdict =
  | 'success'
  | 'failure'
  | 'ignored'
  | 'rate-limited'
  | { readonly outcome: 'failure'; readonly class: string }
  | { readonly outcome: 'rate-limited'; readonly retryAfterMs?: number };

/** The parts of an HTTP answer, or of an error that carries one, that are read. */
interface Answer {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly response?: Answer;
}

/**
 * The verdict on an error, unless the configuration brings its own:
 *
 * | error | verdict |
 * |---|---|
 * | `AbortError`, VS Code's `Canceled` | ignored |
 * | `TimeoutError`, `ERR_TIMEOUT`, HTTP 408 | failure of class `timeout` |
 * | HTTP 429, or 503 with `Retry-After` | rate-limited |
 * | another HTTP 4xx | ignored |
 * | a full bulkhead | ignored |
 * | anything else | failure |
 *
 * The HTTP status is looked for in `status`, `statusCode` and `response` of the error.
 */
export function judgeError(error: unknown, now: number = Date.now()): Verdict {
  if (typeof error !== 'object' || error === null) return 'failure';
  try {
    const { name, code } = error as { name?: unknown; code?: unknown };
    if (name === 'AbortError' || name === 'Canceled' || name === 'CancellationError') return 'ignored';
    if (isVesperaSecurityError(error) && code === 'ERR_BULKHEAD_FULL') return 'ignored';
    if (name === 'TimeoutError' || code === 'ERR_TIMEOUT') return { outcome: 'failure', class: 'timeout' };
    const answer = error as Answer;
    return (
      judgeStatus(answer, now) ??
      (answer.response ? judgeStatus(answer.response, now) : undefined) ??
      'failure'
    );
  } catch {
    // A getter that throws: an error like any other.
    return 'failure';
  }
}

/**
 * What a judge of the caller's says. One that throws, or answers none of the verdicts, has said nothing: the call is
 * then judged by whether it threw. @internal
 */
export function verdictOf<A>(judge: (what: A) => Verdict, what: A, otherwise: Verdict): Verdict {
  try {
    const said: unknown = judge(what);
    if (isOutcome(said)) return said;
    if (typeof said !== 'object' || said === null) return otherwise;
    const { outcome, class: name, retryAfterMs } = said as Readonly<Record<string, unknown>>;
    if (!isOutcome(outcome)) return otherwise;
    if (outcome === 'failure' && typeof name === 'string') return { outcome, class: name };
    if (outcome === 'rate-limited' && typeof retryAfterMs === 'number') return { outcome, retryAfterMs };
    return outcome;
  } catch {
    return otherwise;
  }
}

function isOutcome(said: unknown): said is Extract<Verdict, string> {
  return said === 'success' || said === 'failure' || said === 'ignored' || said === 'rate-limited';
}

/**
 * The verdict on an HTTP answer, for `judgeResult` around `fetch`, which throws for no status.
 *
 * @example
 * const breaker = new CircuitBreaker({ judgeResult: judgeResponse });
 * const response = await breaker.execute((signal) => fetch(url, { signal }));
 */
export function judgeResponse(response: unknown, now: number = Date.now()): Verdict {
  if (typeof response !== 'object' || response === null) return 'success';
  return judgeStatus(response as Answer, now) ?? 'success';
}

function judgeStatus(answer: Answer, now: number): Verdict | undefined {
  const status = typeof answer.status === 'number' ? answer.status : answer.statusCode;
  if (typeof status !== 'number' || status < 400 || status > 599) return undefined;
  if (status === 429 || status === 503) {
    const retryAfterMs = parseRetryAfter(headerOf(answer.headers, 'Retry-After'), now);
    if (retryAfterMs !== undefined) return { outcome: 'rate-limited', retryAfterMs };
    return status === 429 ? 'rate-limited' : 'failure';
  }
  if (status === 408) return { outcome: 'failure', class: 'timeout' };
  return status < 500 ? 'ignored' : 'failure';
}

/** A header field from `Headers`, a map or an object, whatever the case of its name. @internal */
export function headerOf(headers: unknown, name: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: (name: string) => unknown };
  const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase());
  const value =
    typeof get === 'function'
      ? (get.call(headers, name) ?? get.call(headers, name.toLowerCase()))
      : (headers as Record<string, unknown>)[known ?? ''];
  // Some clients keep the lines of a field apart, or have read the number already.
  return Array.isArray(value) ? value.join(', ') : typeof value === 'number' ? String(value) : value;
}

/**
 * Milliseconds of a `Retry-After` (RFC 9110, 10.2.3): seconds, or a date against the wall clock. A date gone by is 0;
 * anything else is `undefined`.
 */
export function parseRetryAfter(value: unknown, now: number = Date.now()): number | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!/^[A-Z][a-z]{2},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
