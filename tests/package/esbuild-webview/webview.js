/** The script of a webview, bundled into one file. */
import { HtmlSanitizer, TokenBucket } from 'vespera-security';

const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 60_000 });
const answers = Array.from({ length: 6 }, () => bucket.consumeTokens());
window.report({ answers, clean: new HtmlSanitizer().sanitize('<p onclick="steal()">hi</p>') });
