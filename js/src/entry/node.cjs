'use strict';
/**
 * The default entry in Node: reads core.wasm beside it. In a bundle that was moved elsewhere the file is not
 * there, and the bytes come from scripts that are loaded only then.
 */
const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const { join } = require('node:path');
const { provideBytes } = require('%engine%');

const CORE = { file: '%file%', bytes: '%bytes%', parts: '%parts%' };

provideBytes(
  CORE.parts.map(
    ({ start, end }, part) =>
      () =>
        stretch(start, end) ?? inScript(part, end - start),
  ),
);

/** A part of the file whose name carries the hash of what this package was built with, if it is there and whole. */
function stretch(start, end) {
  let file;
  try {
    file = openSync(join(__dirname, CORE.file));
    const bytes = Buffer.allocUnsafeSlow(end - start);
    const whole = fstatSync(file).size === CORE.bytes;
    return whole && readSync(file, bytes, 0, bytes.length, start) === bytes.length ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The first one is not deflated: inflating it would take the time that reading less of it saves. */
function inScript(part, size) {
  const bytes = Buffer.from(require('./bytes.cjs').parts[part](), 'base64');
  return part === 0 ? bytes : require('node:zlib').inflateRawSync(bytes, { chunkSize: size });
}
