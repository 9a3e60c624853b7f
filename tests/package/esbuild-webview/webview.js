/** The script of a webview, bundled into one file. */
import { TokenBucket } from 'vespera-security';

const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 60_000 });
window.report({ answers: Array.from({ length: 6 }, () => bucket.consumeTokens()) });
