/**
 * What must hold beside the tests: formatting, lints, arrows, generated files, packaging, size.
 *
 *     npm run check                  all of it
 *     npm run check -- arrows size   the named ones
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { brokenArrows } from './arrows.mjs';
import { bootstrap } from './bootstrap.mjs';
import { buildIfStale, rustflags } from './build.mjs';
import { compiledCrates } from './notices.mjs';
import { main, path, run } from './run.mjs';

/** Bytes that core.wasm may have, plain and as brotli. */
const SIZE = { plain: 2_500_000, brotli: 700_000 };

const CHECKS = {
  format() {
    run('cargo', ['fmt', '--check']);
    run('node_modules/.bin/prettier', ['--check', '--log-level', 'warn', '.']);
  },
  clippy() {
    run('cargo', ['clippy', '--quiet', '--locked', '--all-targets', '--', '-D', 'warnings']);
    run(
      'cargo',
      [
        'clippy',
        '--quiet',
        '--locked',
        '--lib',
        '--test',
        'wasm',
        '--target',
        'wasm32-unknown-unknown',
        '--',
        '-D',
        'warnings',
      ],
      {
        env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: rustflags().join('\x1f') },
      },
    );
  },
  docs() {
    run('cargo', ['doc', '--quiet', '--locked', '--no-deps'], {
      env: { ...process.env, RUSTDOCFLAGS: '-D warnings' },
    });
  },
  arrows() {
    refuse(brokenArrows());
  },
  generated() {
    run('cargo', ['test', '--quiet', '--locked', '--test', 'generated']);
  },
  /** Every crate in the module bears a licence that deny.toml allows. */
  licences() {
    const allowed = readFileSync(path('deny.toml'), 'utf8')
      .match(/^allow = \[([^\]]+)\]/m)[1]
      .match(/[^",\s]+/g);
    const fine = (license) =>
      license
        .split(/ AND |\) ?AND ?\(/)
        .every((part) => part.split(/ OR |\//).some((id) => allowed.includes(id.replace(/[() ]/g, ''))));
    refuse(
      compiledCrates()
        .filter(({ license }) => !fine(license ?? ''))
        .map(({ name, license }) => `${name}: ${license}`),
    );
  },
  /** No shipped file compiles strings, and none tells where it was built. */
  content() {
    const broken = [];
    for (const file of shipped()) {
      const text = readFileSync(file, 'latin1');
      if (/\.[cm]?js$/.test(file) && /\bnew Function\b|(?<![\w.])eval\(/.test(text))
        broken.push(`${file}: compiles strings`);
      for (const part of [path(), `${homedir()}/.`, 'registry/src']) {
        if (part && part.length > 1 && text.includes(part)) broken.push(`${file}: holds the path ${part}`);
      }
    }
    refuse(broken);
  },
  size() {
    const wasm = shipped().filter((file) => file.endsWith('.wasm'));
    if (wasm.length !== 1) refuse([`pkg/ holds ${wasm.length} .wasm files`]);
    const bytes = readFileSync(wasm[0]);
    const brotli = brotliCompressSync(bytes).length;
    console.log(`  core.wasm: ${bytes.length} bytes of ${SIZE.plain}, brotli ${brotli} of ${SIZE.brotli}`);
    // Its first bytes as base64: each format may carry them once.
    const literal = bytes.subarray(0, 96).toString('base64');
    const copies = shipped()
      .filter((file) => readFileSync(file, 'latin1').includes(literal))
      .map((file) => file.slice(-3));
    refuse([
      ...(bytes.length > SIZE.plain ? ['core.wasm is too large'] : []),
      ...(brotli > SIZE.brotli ? ['core.wasm is too large as brotli'] : []),
      ...(copies.sort().join() === 'cjs,mjs' ? [] : [`the bytes stand in ${copies.length} scripts`]),
    ]);
  },
  packaging() {
    run('node_modules/.bin/publint', ['--strict', 'pkg']);
    run('node_modules/.bin/attw', [
      '--pack',
      'pkg',
      '--profile',
      'node16',
      '--exclude-entrypoints',
      'core.wasm',
      '--format',
      'ascii',
      '--quiet',
    ]);
  },
};

const NEEDS_PACKAGE = ['content', 'size', 'packaging'];

function shipped(folder = path('pkg')) {
  return readdirSync(folder).flatMap((name) => {
    const file = join(folder, name);
    return statSync(file).isDirectory() ? shipped(file) : [file];
  });
}

function refuse(broken) {
  if (broken.length) throw new Error(broken.join('\n  '));
}

await main(async (names) => {
  const chosen = names.length ? names : Object.keys(CHECKS);
  const unknown = chosen.filter((name) => !(name in CHECKS));
  if (unknown.length)
    throw new Error(`no such check: ${unknown.join(', ')}; there are ${Object.keys(CHECKS).join(', ')}`);
  bootstrap();
  if (chosen.some((name) => NEEDS_PACKAGE.includes(name))) await buildIfStale();
  let failed = 0;
  for (const name of chosen) {
    try {
      CHECKS[name]();
      console.log(`✔ ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`✗ ${name}: ${error.message}`);
    }
  }
  console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
  if (failed) process.exitCode = 1;
});
