/**
 * Runs every test, on a machine that has nothing but rustup, Node and npm.
 *
 *     npm test                    all of it
 *     npm test -- native node     the named parts
 *
 * A part whose means cannot be had is skipped by name, and so is a test; under CI=1 either is a failure.
 */
import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ensureChromium, HOW_TO_GET as HOW_TO_GET_CHROMIUM } from '../../tests/browser/chromium.mjs';
import { ensureEditor, HOW_TO_GET as HOW_TO_GET_EDITOR } from '../../tests/vscode/editor.mjs';
import { ensureRedis, HOW_TO_GET as HOW_TO_GET_REDIS } from '../../tests/redis/server.mjs';
import { bootstrap, npmPackages } from './bootstrap.mjs';
import { buildIfStale, rustflags } from './build.mjs';
import { main, path, run, say } from './run.mjs';
import { CI } from './skips.mjs';

/** What a part answers when it could not run. */
class Skip {
  constructor(reason) {
    this.reason = reason;
  }
}

const nodeTest = (folder) => () => {
  const files = readdirSync(path(...folder.split('/'))).filter((file) => file.endsWith('.test.mjs'));
  run(process.execPath, [
    '--test',
    '--test-reporter=dot',
    '--test-reporter-destination=stdout',
    `--test-reporter=${pathToFileURL(path('js', 'scripts', 'skips.mjs'))}`,
    '--test-reporter-destination=stdout',
    '--expose-gc',
    ...files.map((file) => path(folder, file)),
  ]);
};

/** The boundary by wasm-bindgen's own test runner, in Node, from the artefacts of the quick build. */
const boundary = (env) => {
  const args = [
    'test',
    '--locked',
    '--profile',
    'quick',
    '--test',
    'wasm',
    '--target',
    'wasm32-unknown-unknown',
  ];
  const options = {
    env: {
      ...env,
      CARGO_ENCODED_RUSTFLAGS: rustflags().join('\x1f'),
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: 'wasm-bindgen-test-runner',
    },
  };
  // Cargo hands `--quiet` on to the runner, which does not know it: only the build is quiet.
  run('cargo', [...args, '--no-run', '--quiet'], options);
  run('cargo', args, options);
};

/** A part that needs Chromium. */
const inChromium = (part) => () => (ensureChromium(say) ? part() : new Skip(HOW_TO_GET_CHROMIUM));

/** A part that needs a real VS Code. */
const inEditor = (part) => () => (ensureEditor(say) ? part() : new Skip(HOW_TO_GET_EDITOR));

/** A part that needs a Redis. */
const withRedis = (part) => () => (ensureRedis(say) ? part() : new Skip(HOW_TO_GET_REDIS));

/** A part that compares with the peers of the benchmark. */
const withPeers = (part) => () => {
  npmPackages('tests', 'bench');
  return part();
};

/** A part that packs the package and gives it to the projects in tests/package/. */
const withConsumers = (part) => () => {
  npmPackages('tests', 'package');
  return part();
};

/** The parts, in the order in which a mistake is cheapest to find. */
const PARTS = {
  native: () => run('cargo', ['test', '--quiet', '--locked']),
  node: withPeers(nodeTest('tests/node')),
  wasm: boundary,
  redis: withRedis(nodeTest('tests/redis')),
  package: withConsumers(nodeTest('tests/package')),
  browser: inChromium(withConsumers(nodeTest('tests/browser'))),
  vscode: inChromium(inEditor(withConsumers(nodeTest('tests/vscode')))),
};

const WITHOUT_PACKAGE = ['native', 'wasm'];

await main(async (names) => {
  const chosen = names.length ? names : Object.keys(PARTS);
  const unknown = chosen.filter((name) => !(name in PARTS));
  if (unknown.length)
    throw new Error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);
  const env = bootstrap();
  if (chosen.some((name) => !WITHOUT_PACKAGE.includes(name))) await buildIfStale();
  if (chosen.includes('node')) await buildIfStale({ trap: true });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  for (const name of chosen) {
    const started = performance.now();
    let outcome = 'passed';
    let note = '';
    try {
      const answer = await PARTS[name](env);
      if (answer instanceof Skip) [outcome, note] = [CI ? 'failed' : 'skipped', answer.reason];
    } catch (error) {
      [outcome, note] = ['failed', error.message];
    }
    counts[outcome] += 1;
    const seconds = ((performance.now() - started) / 1_000).toFixed(0).padStart(5);
    lines.push(
      `${{ passed: '✔', failed: '✗', skipped: '–' }[outcome]} ${name.padEnd(12)}${seconds} s  ${note}`,
    );
  }
  console.log(
    `\n${lines.join('\n')}\n\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
  );
  if (counts.failed) process.exitCode = 1;
});
