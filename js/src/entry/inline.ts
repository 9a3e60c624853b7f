/** The default entry of ES modules outside Node: the bytes are in the script, and the engine starts on first use. */

import { decodeBase64 } from '../engine/base64.js';
import { provideBytes } from '../engine/engine.js';
import { parts } from './bytes.js';

export * from '../index.js';

provideBytes(parts.map((part) => () => decodeBase64(part())));
