/** Serves the playground under the policy that a webview has, on the loopback interface alone. */
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, path } from './run.mjs';

/** What a strict webview allows: its own scripts and styles, WebAssembly, and nothing from anywhere else. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:";

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
};

/** Starts the server; port 0 takes a free one, and so does `orAnother` if the port is taken. Answers `{ address, close }`. */
export async function serve({ port = 0, orAnother = false } = {}) {
  const server = createServer(answer);
  await new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (orAnother && error.code === 'EADDRINUSE') server.listen(0, '127.0.0.1', resolve);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** On the port that PORT names, or else on the usual one if it is free. */
export function servePlayground() {
  const { PORT } = process.env;
  return PORT ? serve({ port: Number(PORT) }) : serve({ port: 4_170, orAnother: true });
}

function answer(request, response) {
  const headers = {
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  };
  const file = request.method === 'GET' || request.method === 'HEAD' ? find(request.url) : undefined;
  if (!file) {
    response.writeHead(404, { ...headers, 'content-type': 'text/plain' }).end('There is nothing here.\n');
    return;
  }
  response.writeHead(200, {
    ...headers,
    'content-type': TYPES[extname(file)],
    'content-length': statSync(file).size,
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
}

/** The file that a URL stands for: one of www/, or one of the package below /pkg/. */
function find(url) {
  try {
    const name = decodeURIComponent(new URL(url, 'http://127.0.0.1').pathname);
    const [root, rest] = name.startsWith('/pkg/')
      ? [path('pkg'), name.slice(5)]
      : [path('www'), name.slice(1)];
    const file = realpathSync(join(root, rest || 'index.html'));
    return file.startsWith(realpathSync(root) + sep) && extname(file) in TYPES ? file : undefined;
  } catch {
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => console.log((await servePlayground()).address));
}
