/** A webview whose policy forbids WebAssembly: the failure is a clear one, early and late. */
import { TokenBucket, init } from 'vespera-security';
import { VesperaSecurityError, isVesperaSecurityError } from 'vespera-security/errors';

const described = (error) =>
  isVesperaSecurityError(error) ? { code: error.code, message: error.message } : { message: String(error) };

async function main() {
  const early = await init().then(() => undefined, described);
  let late;
  try {
    new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 1_000 });
  } catch (error) {
    late = described(error);
  }
  // What the extension host found out is still readable here.
  const sent = { name: 'x', code: 'ERR_CONFIG_INVALID', message: 'limit: capacity must be a whole number' };
  window.report({ early, late, received: VesperaSecurityError.fromJSON(sent).name });
}

main();
