/**
 * The package in a real VS Code: in the Node extension host, in the web-worker extension host and in a webview, with
 * and without the directive that allows WebAssembly.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';
import { launch } from '../browser/chromium.mjs';
import { bundle, copies } from '../package/bundle.mjs';
import { install } from '../package/tarball.mjs';
import { suites } from '../suite/all.mjs';
import { countTests } from '../suite/harness.mjs';
import { startEditor } from './editor.mjs';

const { at, remove } = install([]);
let answers;

before(
  async () => {
    const fixture = await pack();
    const editor = await startEditor(at('editor'));
    let browser;
    try {
      browser = await launch();
      const said = await runTests(browser, editor, fixture);
      const file = join(fixture, 'answers.json');
      assert.ok(existsSync(file), `the test runner wrote no answers; it said: ${said}`);
      answers = JSON.parse(readFileSync(file, 'utf8'));
    } finally {
      await browser?.close();
      editor.stop();
    }
  },
  { timeout: 300_000 },
);

after(remove);

const HOSTS = {
  'the Node extension host': (all) => {
    assert.match(all.node.node, /^\d+\./);
    return all.node;
  },
  'the web-worker extension host': (all) => {
    assert.equal(all.worker.worker, true);
    return all.worker;
  },
  'a webview': (all) => all.webview,
  'a webview that fetches the module': (all) => all['webview that fetches'],
};

for (const [host, answerOf] of Object.entries(HOSTS)) {
  test(`the suite passes in ${host}`, async (t) => {
    const { clean, results, error } = answerOf(answers);
    assert.equal(error, undefined);
    assert.equal(clean, '<p>hi</p>');
    for (const { name, error: failure } of results) {
      await t.test(name, () => {
        if (failure) throw new Error(failure);
      });
    }
    assert.equal(results.length, countTests(suites));
  });
}

test("a webview without 'wasm-unsafe-eval' says so", () => {
  const { error } = answers['webview without wasm'];
  assert.equal(error.code, 'ERR_WASM_BLOCKED_BY_CSP');
  assert.match(error.message, /'wasm-unsafe-eval' to script-src/);
});

/** Bundles both extensions from the installed tarball and answers the folder of the one that holds the test. */
async function pack() {
  const from = (...parts) => path('tests', 'vscode', ...parts);
  const node = at('node-fixture');
  const worker = at('editor', 'extensions', 'vespera-security.vespera-worker-fixture-0.0.1');
  for (const [folder, name] of [
    [node, 'node'],
    [worker, 'worker'],
  ]) {
    mkdirSync(folder, { recursive: true });
    cpSync(from(name, 'package.json'), join(folder, 'package.json'));
  }
  const common = { nodePaths: [at('node_modules')], external: ['vscode'] };
  const host = { ...common, format: 'cjs', platform: 'node' };
  await bundle(from('node', 'extension.js'), join(node, 'extension.cjs'), host);
  await bundle(from('node', 'test.js'), join(node, 'test.js'), host);
  const page = { ...common, format: 'iife', platform: 'browser' };
  await bundle(from('node', 'page.js'), join(node, 'webview.js'), page);
  // The same page from the slim entry, with the module as a file of the extension.
  await bundle(from('node', 'fetching.js'), join(node, 'fetching.js'), page);
  assert.equal(copies(join(node, 'fetching.js')), 0);
  const { resolve } = createRequire(at('package.json'));
  cpSync(resolve('vespera-security/core.wasm'), join(node, 'core.wasm'));
  await bundle(from('worker', 'extension.js'), join(worker, 'extension.js'), {
    ...common,
    format: 'cjs',
    platform: 'browser',
  });
  return node;
}

/** Opens the window and lets the editor's own test runner run; answers what it said. */
async function runTests(browser, { url, authority }, fixture) {
  const page = await (await browser.newContext()).newPage();
  const said = [];
  const ended = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`the test runner did not end: ${said.join('\n')}`)), 240_000).unref();
    page.exposeFunction('codeAutomationExit', (code) => resolve(code)).catch(reject);
  });
  await page.exposeFunction('codeAutomationLog', (type, args) =>
    said.push([type, ...[args].flat()].join(' ')),
  );
  const remote = `vscode-remote://${authority}${fixture}`;
  const payload = [
    ['extensionDevelopmentPath', remote],
    ['extensionTestsPath', `${remote}/test`],
  ];
  await page.goto(`${url}/?folder=${fixture}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  await ended;
  return said.slice(-20).join('\n');
}
