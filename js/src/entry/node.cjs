'use strict';
/**
 * The default entry in Node: reads core.wasm beside it. In a bundle that was moved elsewhere the file is not
 * there, and the bytes come from a script that is loaded only then.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { setBytesProvider } = require('./provider.cjs');

const CORE = { file: '%file%', bytes: '%bytes%', front: '%front%', rest: '%rest%' };

setBytesProvider(() => fileBeside() ?? inScript());

/** The file whose name carries the hash of what this package was built with, if it is there and whole. */
function fileBeside() {
  try {
    const bytes = readFileSync(join(__dirname, CORE.file));
    if (bytes.length !== CORE.bytes) return undefined;
    return { front: bytes.subarray(0, CORE.front), rest: () => bytes.subarray(CORE.rest) };
  } catch {
    return undefined;
  }
}

function inScript() {
  const { front, rest } = require('./bytes.cjs');
  return { front: Buffer.from(front, 'base64'), rest: () => Buffer.from(rest, 'base64') };
}

module.exports = require('./slim.cjs');
