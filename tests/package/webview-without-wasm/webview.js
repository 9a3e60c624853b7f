/** A webview whose policy forbids WebAssembly: the failure is a clear one, early and late. */
import { init, isVesperaSecurityError, TokenBucket } from 'vespera-security';

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
  window.report({ early, late });
}

main();
