/**
 * A little of the core's memory that is written and read from here: short texts on their way in, the numbers of an
 * answer on their way out, without an allocation. `src/wasm/scratch.rs` is the other end.
 */
import { createError } from '../errors.js';
import { core, live } from './engine.js';

/** From this length on, the host's encoder is faster than a loop. */
const LONG = 48;

let lengths = new Uint32Array(0);
let bytes = new Uint8Array(0);
let numbers = new Float64Array(0);
let epoch = 0;
let encoder: TextEncoder | undefined;

/**
 * Writes the texts of the next call. Nothing else may call the core between the two.
 * @internal
 */
export function writeTexts(first: string, second = '', third = '', fourth = ''): void {
  if (epoch !== live.epoch || lengths.length === 0) find();
  let end = write(first, 0, 0);
  // Most calls have one text: for those that are not there, a call each is a tenth of a check by name.
  lengths[1] = lengths[2] = lengths[3] = 0;
  if (second !== '') end = write(second, 1, end);
  if (third !== '') end = write(third, 2, end);
  if (fourth !== '') write(fourth, 3, end);
}

/** The numbers of the last answer. @internal */
export function answered(): Float64Array {
  if (epoch !== live.epoch || numbers.length === 0) find();
  return numbers;
}

function write(text: string, index: number, at: number): number {
  const { length } = text;
  if (length > LONG) return encode(text, index, at);
  const into = bytes;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return encode(text, index, at);
    into[at + i] = unit;
  }
  lengths[index] = length;
  return at + length;
}

function encode(text: string, index: number, at: number): number {
  encoder ??= new TextEncoder();
  const { read, written } = encoder.encodeInto(text, bytes.subarray(at));
  if (read !== text.length)
    throw createError('ERR_INPUT_TOO_LARGE', 'engine: the texts of a call are too long');
  lengths[index] = written;
  return at + written;
}

/** Memory that grew, or another instance, has its buffer elsewhere; then the views from before have no length. */
function find(): void {
  // Once there is an instance, initSync does nothing but answer its exports.
  const { buffer } = core.initSync(undefined as never).memory;
  lengths = new Uint32Array(buffer, core.scratchAddress(0), 4);
  bytes = new Uint8Array(buffer, core.scratchAddress(1), core.scratchBytes());
  numbers = new Float64Array(buffer, core.scratchAddress(2), 5);
  epoch = live.epoch;
}
