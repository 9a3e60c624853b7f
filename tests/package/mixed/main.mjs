/** One application, half of it `import`, half of it `require`: one bucket is seen by both. */
import { TokenBucket, VesperaSecurityError, isVesperaSecurityError } from 'vespera-security';
import * as errors from 'vespera-security/errors';
import * as slim from 'vespera-security/slim';
import legacy from './legacy.cjs';

const bucket = new TokenBucket({ capacity: 2, refillRate: 1, refillInterval: 60_000 });
const answers = [bucket.consumeTokens(), legacy.take(bucket), bucket.consumeTokens(), legacy.take(bucket)];

let caught;
try {
  new legacy.TokenBucket({});
} catch (error) {
  caught = isVesperaSecurityError(error) && error instanceof VesperaSecurityError;
}
console.log(
  JSON.stringify({
    answers,
    caught,
    oneClass: TokenBucket === legacy.TokenBucket && TokenBucket === slim.TokenBucket,
    oneError:
      VesperaSecurityError === errors.VesperaSecurityError &&
      VesperaSecurityError === legacy.errors.VesperaSecurityError,
    // Nobody called init(): the main entry brought the bytes for slim too.
    slimWorks: new slim.TokenBucket({ capacity: 1, refillRate: 1, refillInterval: 1 }).consumeTokens(),
  }),
);
