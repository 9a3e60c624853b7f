'use strict';
/**
 * The default entry in Node: reads core.wasm beside it. In a bundle that was moved elsewhere the file is not
 * there, and the bytes come from a script that is loaded only then.
 */
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { setBytesProvider } = require('./provider.cjs');

const CORE = { file: '%FILE%', bytes: Number('%BYTES%'), sha256: '%SHA256%' };

setBytesProvider(() => fileBeside() ?? Buffer.from(require('./bytes.cjs'), 'base64'));

/** The file, if it is there and is the one that this package was built with. */
function fileBeside() {
  try {
    const bytes = readFileSync(join(__dirname, CORE.file));
    const hash = createHash('sha256').update(bytes).digest('hex');
    return bytes.length === CORE.bytes && hash === CORE.sha256 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

module.exports = require('./slim.cjs');
