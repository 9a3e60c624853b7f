/**
 * Compares the package with its peers, in one run.
 *
 *     npm run bench                    everything
 *     npm run bench -- limit load      the groups whose name holds one of the words
 *     npm run bench -- --json          the same as JSON, on standard output
 *     npm run bench -- --rounds=31     more rounds
 *     npm run bench -- --as-is         with pkg/ as it is, for the loop between two edits
 *
 * Each file of tests/bench/ is a domain. Its default export is called with the package and answers groups
 * (`measure.mjs` has their shape). The peers are installed below tests/bench/ when they are first needed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { pathToFileURL } from 'node:url';
import { bootstrap, npmPackages } from './bootstrap.mjs';
import { buildIfStale } from './build.mjs';
import { measure } from './measure.mjs';
import { main, path, say } from './run.mjs';

const FOLDER = path('tests', 'bench');

await main(async (args) => {
  const words = args.filter((arg) => !arg.startsWith('--'));
  const rounds =
    Number(args.find((arg) => arg.startsWith('--rounds='))?.slice('--rounds='.length)) || undefined;
  bootstrap();
  if (!args.includes('--as-is')) await buildIfStale();
  npmPackages('tests', 'bench'); // the peers
  const groups = (await allGroups()).filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (groups.length === 0) throw new Error(`no group's name holds ${words.join(' or ')}`);
  const measured = [];
  for (const group of groups) {
    if (group.skipped) {
      say(`${group.name}: skipped: ${group.skipped}`);
      continue;
    }
    say(group.name);
    const result = await measure(group, { rounds });
    measured.push(result);
    if (!args.includes('--json')) console.log(table(result));
  }
  for (const group of groups) await group.close?.();
  if (args.includes('--json')) console.log(JSON.stringify({ machine: machine(), groups: measured }, null, 2));
  else console.log(summary(measured));
});

async function allGroups() {
  const lib = await import(pathToFileURL(path('pkg', 'node.mjs')));
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.mjs'));
  const domains = await Promise.all(files.map((file) => import(pathToFileURL(path('tests', 'bench', file)))));
  return (await Promise.all(domains.map(({ default: groups }) => groups(lib)))).flat();
}

function table({ name, unit, bytes, results }) {
  const width = Math.max(...results.map((result) => result.name.length));
  const rows = results.map(({ name: contender, median, ratio, goal, met, baseline }) => {
    const cells = [contender.padEnd(width), show(unit, median).padStart(9)];
    cells.push((ratio === undefined ? '' : `${ratio.toFixed(2)}×`).padStart(9));
    if (bytes) cells.push(`${(bytes / median / 1e3).toFixed(1)} MB/s`.padStart(12));
    if (baseline) cells.push('  taken off the others');
    if (goal) cells.push(`  ${met ? '✔' : '✗'} ${wanted(unit, goal)}`);
    return `  ${cells.join('')}`;
  });
  return `${name}\n${rows.join('\n')}\n`;
}

function wanted(unit, { atLeast, atMost }) {
  const words = [];
  if (atMost !== undefined) words.push(`at most ${show(unit, atMost)}`);
  if (atLeast !== undefined) words.push(`at least ${+atLeast.toFixed(3)}×`);
  return words.join(', ');
}

function show(unit, value) {
  if (unit === 'bytes') return value < 10_000 ? `${Math.round(value)} B` : `${(value / 1e6).toFixed(2)} MB`;
  const [scale, word] = Math.abs(value) < 1e-3 ? [1e6, 'ns'] : Math.abs(value) < 1 ? [1e3, 'µs'] : [1, 'ms'];
  const scaled = value * scale;
  return `${scaled.toFixed(Math.abs(scaled) < 10 ? 2 : Math.abs(scaled) < 100 ? 1 : 0)} ${word}`;
}

function summary(measured) {
  const goals = measured.flatMap(({ results }) => results.filter(({ goal }) => goal));
  const missed = goals.filter(({ met }) => !met).length;
  return `medians; a ratio is theirs over ours, so above 1 ours is faster or smaller\n${goals.length - missed} of ${goals.length} goals reached · ${machine()}`;
}

function machine() {
  const version = JSON.parse(readFileSync(path('pkg', 'package.json'), 'utf8')).version;
  return `vespera-security ${version}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
}
