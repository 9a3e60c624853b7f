/** The default entry outside Node: the bytes are in the script, and the engine starts at once on first use. */

import { decodeBase64 } from '../engine/base64.js';
import { setBytesProvider } from '../engine/engine.js';
import bytes from './bytes.js';

export * from '../index.js';

setBytesProvider(() => decodeBase64(bytes));
