/** The default entry outside Node: the bytes are in the script, and the engine starts at once on first use. */

import { decodeBase64 } from '../engine/base64.js';
import { setBytesProvider } from '../engine/engine.js';
import { front, rest } from './bytes.js';

export * from '../index.js';

setBytesProvider(() => ({ front: decodeBase64(front), rest: () => decodeBase64(rest) }));
