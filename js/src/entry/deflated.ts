/** The default entry of CommonJS outside Node, where a bundle with the bytes as they are would be twice as large. */

import { inflateSync } from 'fflate'; // small, pure and kept up: no host inflates without waiting
import { decodeBase64 } from '../engine/base64.js';
import { provideBytes } from '../engine/engine.js';
import { parts } from './bytes.js';

export * from '../index.js';

provideBytes(
  parts.map((part, number) => () => {
    const bytes = decodeBase64(part());
    return number === 0 ? bytes : inflateSync(bytes);
  }),
);
