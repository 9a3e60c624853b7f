/** An application built by Vite. Two of the entries are in use: one engine serves both. */
import { HtmlSanitizer, TokenBucket } from 'vespera-security';
import { TokenBucket as Slim } from 'vespera-security/slim';

const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 60_000 });
const answers = Array.from({ length: 6 }, () => bucket.consumeTokens());
const clean = new HtmlSanitizer().sanitize('<p onclick="steal()">hi</p>');
window.report({ answers, clean, oneClass: TokenBucket === Slim });
