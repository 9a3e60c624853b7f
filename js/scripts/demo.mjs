/** Shows the package at work in a terminal, on real input. What it prints is what the calls answered. */

/** The message of the README. */
export const HOSTILE = 'Hi <b>team</b>, <a href="javascript:steal()">read this</a><script>steal()</script>';

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const bold = paint(1);
const dim = paint(2);
const good = paint(32);
const bad = paint(31);

export async function demonstrate(lib) {
  const started = performance.now();
  await lib.init();
  console.log(dim(`\nthe engine started in ${(performance.now() - started).toFixed(1)} ms`));
  await clean(lib);
  await limit(lib);
  await cutOff(lib);
  await seal(lib);
  console.log('');
}

function title(words) {
  console.log(`\n${bold(words)}`);
}

/** A line of the protocol: what was done, and what came of it. */
function line(left, right) {
  console.log(`  ${left.padEnd(28)} ${right}`);
}

async function clean({ HtmlSanitizer }) {
  title('A message from a stranger is cleaned');
  const { html, removed } = new HtmlSanitizer({ profile: 'chat' }).inspect(HOSTILE);
  console.log(`  ${bad('in ')} ${HOSTILE}`);
  console.log(`  ${good('out')} ${html}`);
  for (const { kind, name, reason } of removed) console.log(dim(`      ${kind} ${name}: ${reason}`));
}

async function limit({ TokenBucket }) {
  title('Six requests against a bucket of five');
  const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 1_000 });
  for (let request = 1; request <= 6; request++) {
    const granted = bucket.consumeTokens();
    const wait = Math.ceil(bucket.timeUntilAvailable(1));
    line(`request ${request}`, granted ? good('granted') : `${bad('refused')}, try again in ${wait} ms`);
  }
  bucket.dispose();
}

async function cutOff({ CircuitBreaker, isVesperaSecurityError }) {
  title('A service that fails is cut off after three failures');
  const breaker = new CircuitBreaker({
    failureThreshold: 3,
    recoveryTimeout: 1_000,
    monitoringPeriod: 10_000,
    halfOpenMaxCalls: 1,
  });
  let reached = 0;
  const service = async () => {
    reached += 1;
    throw new Error('connection refused');
  };
  for (let call = 1; call <= 5; call++) {
    const outcome = await breaker.execute(service).catch((error) => error);
    const words = isVesperaSecurityError(outcome)
      ? `${outcome.code}: the service was left alone`
      : outcome.message;
    line(`call ${call}`, `${bad(words)} ${dim(`(${breaker.state})`)}`);
  }
  line('the service was reached', `${reached} times`);
  breaker.dispose();
}

async function seal({ Keyset, isVesperaSecurityError }) {
  title('A consent record is sealed, tampered with, refused, and opened');
  const record = { subject: 'ada', purpose: 'usage statistics', given: '2026-01-15T09:30:00Z' };
  const context = 'consent/1|ada|statistics';
  const keyset = Keyset.generate();
  const sealed = keyset.seal(new TextEncoder().encode(JSON.stringify(record)), context);
  line('sealed', `${sealed.length} bytes ${dim(`${Buffer.from(sealed.subarray(0, 24)).toString('hex')}…`)}`);

  const tampered = sealed.slice();
  tampered[tampered.length - 20] ^= 1;
  line(
    'one bit flipped',
    refusal(() => keyset.open(tampered, context), isVesperaSecurityError),
  );
  line(
    'as someone else’s record',
    refusal(() => keyset.open(sealed, 'consent/1|bob|statistics'), isVesperaSecurityError),
  );
  line('as it was', good(new TextDecoder().decode(keyset.open(sealed, context))));
  keyset.dispose();
}

function refusal(work, isKnown) {
  try {
    work();
  } catch (error) {
    if (isKnown(error)) return bad(error.code);
    throw error;
  }
  throw new Error('a record that was tampered with was opened');
}
