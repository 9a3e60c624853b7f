/** SARIF logs against the published schema of SARIF 2.1.0, as `@microsoft/jest-sarif` carries it. */
import { Validator } from '@cfworker/json-schema';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { path } from '../../js/scripts/run.mjs';

const { ThreatDetector, toSarif } = await import(pathToFileURL(path('pkg', 'node.mjs')));

const SCHEMA = path(
  ...['tests', 'package', 'node_modules', '@microsoft', 'jest-sarif', 'lib', 'schemas'],
  'sarif-2.1.0-rtm.5.json',
);
const validator = new Validator(JSON.parse(readFileSync(SCHEMA, 'utf8')), '4', false);

const errors = (log) =>
  validator
    .validate(JSON.parse(JSON.stringify(log)))
    .errors.map((error) => `${error.instanceLocation} ${error.error}`);

const detector = new ThreatDetector({
  patterns: [{ id: 'a ticket/é', type: 'secret', pattern: 'TICKET-\\d+', severity: 'low', action: 'log' }],
});
const TEXT = [
  '<script>alert(1)</script>',
  '%3Cimg src=x onerror=alert(1)%3E',
  "' or 1=1 --",
  'mail ann@example.org, 4111 1111 1111 1111, TICKET-7 😀',
  `${String.fromCodePoint(...[...'run'].map((c) => 0xe0000 + c.charCodeAt(0)))} \u202e`,
].join('\n');

test('a log is valid, with and without the text, and with nothing found', () => {
  const threats = detector.detectThreats(TEXT);
  assert.ok(new Set(threats.map(({ type }) => type)).size >= 5);
  assert.deepEqual(errors(toSarif(threats, 'src/a.html', TEXT)), []);
  assert.deepEqual(errors(toSarif(threats, 'src/a.html')), []);
  assert.deepEqual(errors(toSarif([], 'src/a.html', '')), []);
  assert.deepEqual(
    errors(toSarif(detector.detectThreatsInTool({ name: 'x', description: TEXT }), 'tool.json')),
    [],
  );
});

test('a path that is no URI becomes one', () => {
  const [threat] = detector.detectThreats(TEXT);
  const uri = (path) => {
    const log = toSarif([threat], path);
    assert.deepEqual(errors(log), [], path);
    return log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri;
  };
  assert.equal(uri('src/a b[1].html'), 'src/a%20b%5B1%5D.html');
  assert.equal(uri('src\\größe.html'), 'src/gr%C3%B6%C3%9Fe.html');
  assert.equal(uri('file:///a%20b.html'), 'file:///a%20b.html');
  assert.equal(uri('100%/\ud800'), '100%25/%EF%BF%BD');
});

test('the schema refuses what it must', () => {
  const log = toSarif(detector.detectThreats(TEXT), 'a');
  log.runs[0].results[0].level = 'loud';
  assert.notDeepEqual(errors(log), []);
});
