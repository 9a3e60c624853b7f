'use strict';
/**
 * The default entry in Node: reads core.wasm beside it. In a bundle that was moved elsewhere the file is not
 * there, and the bytes come from a script that is loaded only then.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { setBytesProvider } = require('./provider.cjs');

const CORE = { file: '%FILE%', bytes: Number('%BYTES%') };

setBytesProvider(() => fileBeside() ?? Buffer.from(require('./bytes.cjs'), 'base64'));

/** The file whose name carries the hash of what this package was built with, if it is there and whole. */
function fileBeside() {
  try {
    const bytes = readFileSync(join(__dirname, CORE.file));
    return bytes.length === CORE.bytes ? bytes : undefined;
  } catch {
    return undefined;
  }
}

module.exports = require('./slim.cjs');
