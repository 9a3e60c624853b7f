/** What the README says is so: its examples run as written, its table of limits is the one in force. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HOSTILE } from '../../js/scripts/demo.mjs';
import { path } from '../../js/scripts/run.mjs';
import { LIMITS } from '../../pkg/node.mjs';

const readme = readFileSync(path('README.md'), 'utf8');
const published = readFileSync(path('pkg-template', 'README.md'), 'utf8');
let consumer;

before(() => {
  consumer = mkdtempSync(join(tmpdir(), 'readme-'));
  mkdirSync(join(consumer, 'node_modules'));
  symlinkSync(path('pkg'), join(consumer, 'node_modules', 'vespera-security'), 'dir');
});

after(() => rmSync(consumer, { recursive: true, force: true }));

test('the first example has fifteen lines at most and prints what it says', () => {
  const { code } = firstExample(readme);
  assert.ok(code.trimEnd().split('\n').length <= 15);
  const said = code.match(/^\/\/ (.*)$/m)[1];
  assert.equal(run(code).trimEnd(), said);
  assert.ok(code.includes(HOSTILE), 'the demonstration cleans the same message');
});

test('the published README has the same first example', () => {
  assert.equal(firstExample(published).code, firstExample(readme).code);
});

for (const { heading, code } of examples(readme).filter(({ code }) =>
  code.includes("from 'vespera-security'"),
)) {
  test(`the example of “${heading}” runs: ${code.split('\n', 1)[0]}`, () => {
    run(code);
  });
}

test('the table of limits is the one in force', () => {
  const rows = [...readme.matchAll(/^\| `(\w+)`: .* \| (\d+ [KM]iB) \| (\d+ [KM]iB) \|$/gm)];
  const table = Object.fromEntries(
    rows.map(([, name, standard, ceiling]) => [name, { default: bytes(standard), ceiling: bytes(ceiling) }]),
  );
  assert.deepEqual(table, { ...LIMITS });
});

/** The blocks of JavaScript with the heading above each. */
function examples(text) {
  let heading = '';
  return [...text.matchAll(/^#+ (.*)$|^```js\n([\s\S]*?)^```$/gm)].flatMap(([, title, code]) => {
    if (title) heading = title;
    return code ? [{ heading, code }] : [];
  });
}

function firstExample(text) {
  return examples(text).find(({ heading }) => heading === 'Example');
}

/** Runs a module in a project that has the package installed, and answers what it printed. */
function run(code) {
  const file = join(consumer, 'example.mjs');
  writeFileSync(file, code);
  return execFileSync(process.execPath, [file], {
    cwd: consumer,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function bytes(words) {
  const [count, unit] = words.split(' ');
  return Number(count) * { KiB: 1_024, MiB: 1_024 ** 2 }[unit];
}
