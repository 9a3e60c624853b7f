/** A static server on a loopback port, for the pages of the tests. */
import { randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, resolve, sep } from 'node:path';

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** The policy that a VS Code webview has; `allowWasm` is the one directive that the package asks for. */
export function webviewPolicy(nonce, { allowWasm = true, more = '' } = {}) {
  return `default-src 'none'; script-src 'nonce-${nonce}'${allowWasm ? " 'wasm-unsafe-eval'" : ''}${more}`;
}

/** A page under the policy of a webview, with one script. */
export function webviewPage(script, { type = 'module', ...policy } = {}) {
  const nonce = randomBytes(16).toString('base64');
  return {
    type: TYPES['.html'],
    headers: { 'content-security-policy': webviewPolicy(nonce, policy) },
    body: `<!doctype html><meta charset="utf-8"><title>test</title>
<script nonce="${nonce}" type="${type}" src="${script}"></script>`,
  };
}

/**
 * Serves `pages` (a path to a function that answers `{ type, headers, body }`) and, below `/`, the files of
 * `folder` with the headers that `headersOf(path)` answers.
 */
export async function serve({ pages = {}, folder, headersOf = () => ({}) }) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const page = pages[pathname]?.();
    if (page) {
      response.writeHead(200, { 'content-type': page.type, ...page.headers }).end(page.body);
      return;
    }
    const file = folder && resolve(folder, `.${decodeURIComponent(pathname)}`);
    if (!file?.startsWith(folder + sep) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, ...headersOf(pathname) });
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}
