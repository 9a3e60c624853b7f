/** What the editor's own test runner calls, in the Node extension host: asks every host and writes the answers down. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

export async function run() {
  const fixture = vscode.extensions.getExtension('vespera-security.vespera-node-fixture');
  const { run: inNode, webview } = await fixture.activate();
  const hosts = {
    node: inNode,
    worker: () => vscode.commands.executeCommand('vesperaWorkerFixture.run'),
    webview: () => webview({ script: 'webview.js', allowWasm: true }),
    'webview that fetches': () => webview({ script: 'fetching.js', allowWasm: true, allowFetch: true }),
    'webview without wasm': () => webview({ script: 'webview.js', allowWasm: false }),
  };
  const answers = { version: vscode.version };
  for (const [name, ask] of Object.entries(hosts)) {
    answers[name] = await Promise.resolve()
      .then(ask)
      .catch((error) => ({ error: { message: String(error?.stack ?? error) } }));
  }
  writeFileSync(join(__dirname, 'answers.json'), JSON.stringify(answers));
}
