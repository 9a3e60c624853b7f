/** Opens a webview with one script and answers the first message that it sends. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export async function showWebview(folder, { script, allowWasm, allowFetch }) {
  const panel = vscode.window.createWebviewPanel('vespera', 'Vespera', vscode.ViewColumn.One, {
    enableScripts: true,
    localResourceRoots: [folder],
  });
  try {
    const answer = new Promise((resolve, reject) => {
      panel.webview.onDidReceiveMessage(resolve);
      panel.onDidDispose(() => reject(new Error('the webview was closed')));
      setTimeout(() => reject(new Error('the webview said nothing')), 120_000);
    });
    const nonce = randomBytes(16).toString('base64');
    const uri = (name) => panel.webview.asWebviewUri(vscode.Uri.joinPath(folder, name));
    const policy = [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'${allowWasm ? " 'wasm-unsafe-eval'" : ''}`,
      ...(allowFetch ? [`connect-src ${panel.webview.cspSource}`] : []),
    ].join('; ');
    panel.webview.html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <title>Vespera</title>
  </head>
  <body>
    <script nonce="${nonce}" src="${uri(script)}" data-core="${uri('core.wasm')}"></script>
  </body>
</html>`;
    return await answer;
  } finally {
    panel.dispose();
  }
}
