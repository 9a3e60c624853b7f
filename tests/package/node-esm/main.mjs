/** `import` in Node. */
import { TokenBucket, isVesperaSecurityError } from 'vespera-security';

const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 60_000 });
const answers = Array.from({ length: 6 }, () => bucket.consumeTokens());

let code;
try {
  new TokenBucket({ capacity: -1, refillRate: 1, refillInterval: 1_000 });
} catch (error) {
  if (isVesperaSecurityError(error)) code = error.code;
}
console.log(JSON.stringify({ answers, code }));
