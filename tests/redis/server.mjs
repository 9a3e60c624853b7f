/** A Redis of one's own: an empty configuration, a loopback port, nothing on disk. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';

const NAMES = ['redis-server', 'valkey-server'];

/** What to say where there is no Redis. */
export const HOW_TO_GET = 'no Redis: run `apt-get install -y redis-server`, or set REDIS_SERVER to its path';

export function findRedis() {
  if (process.env.REDIS_SERVER) return process.env.REDIS_SERVER;
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

/** The path of a server, which is installed if this is Debian and we are root; otherwise undefined. */
export function ensureRedis(say) {
  const found = findRedis();
  if (found || process.getuid?.() !== 0) return found;
  say('redis-server');
  const quiet = {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  };
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], quiet);
  return findRedis();
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a server and waits until it listens. */
export async function startRedis(port) {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(findRedis(), options, { stdio: 'ignore' });
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1');
    const up = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (up) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill('SIGKILL');
  throw new Error('the server does not listen');
}

/** Ends a server the hard way. */
export async function kill(server) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}
