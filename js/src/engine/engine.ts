/**
 * The engine: one WebAssembly instance, started on first use, started again after a trap.
 *
 *     empty ── first call or init() ──▶ ready ── a call traps ──▶ faulted ── next call ──▶ ready (epoch + 1)
 *
 * A trap leaves the core's memory half-way through something, so
 * nothing of it is used again: the call throws `ERR_ENGINE_FAULT`, and the next one runs in a new instance made
 * from the compiled module. Objects that lived in the old one are known by their epoch (`resident.ts`).
 *
 * The core has parts, and each but the first is compiled when something of it is called. A call that cannot have a part
 * stops the engine as a trap does, but says what the matter is, and the next one asks for it again.
 */

import type * as glue from '#glue';
import { core as functions, parts } from '#glue';
import { createError, isErrorCode, isVesperaSecurityError, type VesperaSecurityError } from '../errors.js';

/** The private boundary. None of it is published. @internal */
export type Core = typeof glue;

/**
 * The core's functions.
 *
 * For hot calls alone, in the form `try { core.take(…) } catch (thrown) { throw translate(thrown) }` after a
 * `Resident.handle` has made sure that the engine runs; everything else goes through `call`.
 * @internal
 */
export const core = functions as Core;

/**
 * The epoch of the running instance, 0 while none runs. A field: what CommonJS files import from each other is read
 * once (`js/scripts/commonjs.mjs`).
 * @internal
 */
export const live = { epoch: 0 };

/** How many instances there have been. */
let started = 0;

/** Whether the memory of a stopped instance is still to be overwritten. */
let remains = false;

/** Whether a start stopped half-way: then there may be an instance that is not whole. */
let startedInPart = false;

/** What kept a part of the core away when it was last asked for. */
let partError: VesperaSecurityError | undefined;
let provided: CoreBytes | undefined;

/** The bytes of the core's parts: of the one that it starts with, and of those asked for when something of theirs is called. */
export type CoreBytes = readonly (() => Uint8Array)[];

/** How the bytes arrive when nobody called `init` with some: each entry says its own way. */
export function provideBytes(bytes: CoreBytes): void {
  provided ??= bytes;
}

/**
 * What `init` takes: bytes, a compiled `WebAssembly.Module`, or a `Response` (a promise of one is fine).
 * The types are structural, because a Node project has no `WebAssembly` or `Response` in its libraries.
 */
export type EngineSource =
  ArrayBuffer | ArrayBufferView | CompiledModule | ResponseLike | PromiseLike<ResponseLike>;

/** A compiled `WebAssembly.Module`. */
export type CompiledModule = object;

/** The part of a `Response` that is read. */
export interface ResponseLike {
  readonly ok: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * Starts the engine ahead of its first use. Optional wherever the entry brings the bytes; the slim entry
 * needs it once, with the bytes, a compiled module, or a `Response` that streams them.
 *
 * Whoever comes first starts the engine; later calls wait for nothing and change nothing.
 *
 * @throws VesperaSecurityError `ERR_WASM_BLOCKED_BY_CSP`, `ERR_ENGINE_BYTES_INVALID`, `ERR_ENGINE_NOT_READY`
 */
export async function init(source?: EngineSource): Promise<void> {
  if (started > 0) return;
  let modules: WebAssembly.Module[];
  try {
    modules = await compile(source);
  } catch (thrown) {
    throw startError(thrown);
  }
  if (started === 0) start((part) => modules[part] as WebAssembly.Module);
}

/**
 * Calls the core.
 * @internal
 * @throws VesperaSecurityError whatever the core answers, `ERR_ENGINE_FAULT` if it trapped
 */
export function call<T>(work: (core: Core) => T): T {
  if (live.epoch === 0) makeReady();
  try {
    return work(core);
  } catch (thrown) {
    const epoch = live.epoch;
    // Stopped until it is known what happened: where the stack is exhausted, asking throws as well.
    live.epoch = 0;
    remains = true;
    throw translate(thrown, epoch);
  }
}

/** Bytes of linear memory, or 0 before the start: for tests and diagnostics. */
export function memoryBytes(): number {
  return live.epoch === 0 ? 0 : core.memoryBytes();
}

function makeReady(): void {
  if (started > 0) return restart();
  const bytes = bytesOfEntry();
  start((part) => new WebAssembly.Module((bytes[part] as () => Uint8Array)() as BufferSource));
}

function bytesOfEntry(): CoreBytes {
  if (!provided)
    throw createError(
      'ERR_ENGINE_NOT_READY',
      'engine: call init(source) with the bytes of core.wasm first, or import the main entry',
    );
  return provided.map((part) => () => found(part));
}

/** What an entry reads of its package. */
function found(read: () => Uint8Array): Uint8Array {
  try {
    return read();
  } catch (thrown) {
    if (isExhausted(thrown)) throw fault(thrown);
    throw createError(
      'ERR_ENGINE_BYTES_INVALID',
      'engine: core.wasm and the scripts with its bytes are gone or damaged; install the package again',
    );
  }
}

function start(compiled: (part: number) => WebAssembly.Module): void {
  try {
    core.provideParts(compiled, (thrown) => (partError = startError(thrown)));
    core.initSync({ module: compiled(0) });
    // initSync takes an instance that is there for one that is whole.
    if (startedInPart) core.__wbg_reset_state();
  } catch (thrown) {
    startedInPart = true;
    throw startError(thrown);
  }
  live.epoch = started += 1;
}

function restart(): void {
  try {
    wipe();
    core.__wbg_reset_state();
  } catch (thrown) {
    throw fault(thrown);
  }
  live.epoch = started += 1;
}

/** All parts, compiled beside the host's thread. */
async function compile(source: EngineSource | undefined): Promise<WebAssembly.Module[]> {
  if (source === undefined)
    return Promise.all(bytesOfEntry().map((part) => WebAssembly.compile(part() as BufferSource)));
  const front = await compileFront(source);
  const further = WebAssembly.Module.customSections(front, 'part');
  if (further.length !== parts - 1) throw new WebAssembly.LinkError('the core is not whole');
  return [front, ...(await Promise.all(further.map((part) => WebAssembly.compile(part))))];
}

async function compileFront(source: EngineSource): Promise<WebAssembly.Module> {
  const arrived = await source;
  if (arrived instanceof WebAssembly.Module) return arrived;
  if (typeof Response === 'function' && arrived instanceof Response) {
    const streams = arrived.headers.get('content-type')?.startsWith('application/wasm') ?? false;
    if (streams && arrived.ok) return WebAssembly.compileStreaming(arrived);
  }
  if (isResponse(arrived)) return WebAssembly.compile(await bytesOf(arrived));
  // V8 before 12 takes no DataView.
  const { buffer, byteOffset, byteLength } = arrived as ArrayBufferView<ArrayBuffer>;
  return WebAssembly.compile(
    arrived instanceof DataView ? new Uint8Array(buffer, byteOffset, byteLength) : (arrived as BufferSource),
  );
}

/** Whether it is a response, the host's own or that of another implementation of `fetch`. */
function isResponse(arrived: unknown): arrived is ResponseLike {
  return typeof (arrived as Partial<ResponseLike> | null)?.arrayBuffer === 'function';
}

function bytesOf(response: ResponseLike): Promise<ArrayBuffer> {
  if (response.ok) return response.arrayBuffer();
  throw createError('ERR_ENGINE_BYTES_INVALID', 'engine: the server had no core.wasm to answer with');
}

/** What a caller gets to see of something thrown in the core, in the instance of this epoch. @internal */
export function translate(thrown: unknown, epoch = live.epoch): VesperaSecurityError {
  live.epoch = 0;
  remains = epoch !== 0;
  const error = answerOf(thrown);
  if (!error) {
    // A trap, an exhausted stack, or an exception that flew through the core's frames: its state is unknown.
    wipe();
    return partError && thrown === partError ? partError : fault(thrown);
  }
  live.epoch = epoch;
  remains = false;
  return error;
}

function answerOf(thrown: unknown): VesperaSecurityError | undefined {
  // It may have flown through the core's frames.
  if (thrown === partError) return undefined;
  if (isVesperaSecurityError(thrown)) return thrown;
  const answered = thrown instanceof Error && !(thrown instanceof WebAssembly.RuntimeError);
  return answered && isErrorCode(thrown.name) ? createError(thrown.name, thrown.message) : undefined;
}

function fault(thrown: unknown): VesperaSecurityError {
  const kind = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
  return createError(
    'ERR_ENGINE_FAULT',
    `engine: the call stopped half-way (${kind}); nothing was decided, and the next call starts the engine again`,
  );
}

/** Keys and texts of a stopped instance are nobody's any more, but its memory lives until it is collected. */
function wipe(): void {
  if (!remains) return;
  // Once there is an instance, initSync does nothing but answer its exports.
  const { memory } = core.initSync(undefined as never);
  new Uint8Array(memory.buffer).fill(0);
  remains = false;
}

/** Whether there was no stack or memory left: the bytes are none the worse for it. */
function isExhausted(thrown: unknown): boolean {
  // Firefox has an error of its own for the stack.
  return thrown instanceof RangeError || (thrown instanceof Error && thrown.name === 'InternalError');
}

function startError(thrown: unknown): VesperaSecurityError {
  if (isVesperaSecurityError(thrown)) return thrown;
  if (isExhausted(thrown)) return fault(thrown);
  const message = thrown instanceof Error ? thrown.message : '';
  const blocked = /content security policy|unsafe-eval|blocked by csp|disallowed by embedder/i;
  if (thrown instanceof EvalError || blocked.test(message)) {
    return createError(
      'ERR_WASM_BLOCKED_BY_CSP',
      "engine: the page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src",
    );
  }
  return createError(
    'ERR_ENGINE_BYTES_INVALID',
    'engine: the bytes are not the core.wasm of this version of the package',
  );
}
