/** The tarball as tools see it: its manifest, its types, its public names. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';
import { apiReport, difference, REPORTS } from './api.mjs';
import { install } from './tarball.mjs';

const { at, tarball, remove } = install([]);
after(remove);
const installed = (...parts) => at('node_modules', 'vespera-security', ...parts);
const manifest = JSON.parse(readFileSync(installed('package.json'), 'utf8'));

test('publint has nothing to say', () => tool('publint', ['--strict', tarball]));

test('the types are right for whoever resolves them', () =>
  tool('attw', ['--profile', 'node16', '--exclude-entrypoints', 'core.wasm', '--', tarball]));

test('the floor is stated and nothing is needed at run time', () => {
  assert.deepEqual(manifest.engines, { node: '>=20.18', vscode: '^1.95.0' });
  assert.match(readFileSync(path('README.md'), 'utf8'), /VS Code 1\.95, Node 20\.18, Chromium 128/);
  for (const field of ['dependencies', 'optionalDependencies', 'scripts', 'bin']) {
    assert.equal(manifest[field], undefined, field);
  }
  for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
    assert.equal(manifest.peerDependenciesMeta[peer]?.optional, true, `${peer} is optional`);
  }
});

for (const [entry, file] of Object.entries(REPORTS)) {
  test(`the public names of ${entry} are the reviewed ones`, () => {
    const [reviewed, shipped] = [readFileSync(path(file), 'utf8'), apiReport(installed(), entry)];
    if (reviewed !== shipped) {
      assert.fail(`if this is meant, run \`npm run api\` and commit:\n${difference(reviewed, shipped)}`);
    }
  });
}

function tool(name, args) {
  const { status, stdout, stderr } = spawnSync(path('node_modules', '.bin', name), args, {
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
}
