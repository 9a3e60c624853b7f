/** An application that streams core.wasm as a file of its own. */
import { TokenBucket, init } from 'vespera-security/slim';
import url from 'vespera-security/core.wasm?url';

const config = { capacity: 5, refillRate: 1, refillInterval: 60_000 };
let before;
try {
  new TokenBucket(config);
} catch (error) {
  before = error.code;
}
await init(fetch(url));
const bucket = new TokenBucket(config);
window.report({ before, answers: Array.from({ length: 6 }, () => bucket.consumeTokens()) });
