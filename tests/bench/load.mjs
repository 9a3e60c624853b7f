/** Loading: from the first line of a cold process to the first cleaned message. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const pkg = join(root, 'pkg');
const MESSAGE = 'Hello <b>world</b><img src=x onerror=alert(1)>';

const OURS = `new (require(PKG).HtmlSanitizer)().sanitize(MESSAGE)`;
const PEER = `require('dompurify')(new (require('jsdom').JSDOM)('').window).sanitize(MESSAGE)`;

export default () => {
  const moved = bundleElsewhere();
  return [
    {
      name: 'load: to the first cleaned message',
      rounds: 11,
      samples: {
        'vespera-security, file beside': () => load(OURS.replace('PKG', JSON.stringify(pkg))),
        'vespera-security, inline bytes': () => load(OURS.replace('PKG', JSON.stringify(moved))),
        'dompurify + jsdom': () => load(PEER),
      },
      goals: {
        'vespera-security, file beside': { atMost: 12 },
        'vespera-security, inline bytes': { atMost: 22 },
        'dompurify + jsdom': { atLeast: 20 },
      },
    },
  ];
};

/** The package in a bundle that an extension's build has moved away from core.wasm. */
function bundleElsewhere() {
  const folder = join(root, 'target', 'bench', 'moved');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'extension.cjs');
  buildSync({
    entryPoints: [join(pkg, 'index.cjs')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    outfile,
  });
  return outfile;
}

/** Milliseconds that an expression takes in a process of its own, which has loaded nothing yet. */
function load(expression) {
  const script = `const started = performance.now();
const clean = ${expression.replace('MESSAGE', JSON.stringify(MESSAGE))};
const took = performance.now() - started;
if (clean.includes('onerror') || !clean.includes('world')) throw new Error('not cleaned');
console.log(took);`;
  return Number(execFileSync(process.execPath, ['-e', script], { cwd: here, encoding: 'utf8' }));
}
