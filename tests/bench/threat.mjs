/** Threats: a message, source files, and the worst texts at two lengths. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a project writes in an afternoon: eight expressions, each over the whole text. */
const NAIVE = [
  /<script[\s\S]*?>|on\w+\s*=|javascript:/gi,
  /(\bunion\b[\s\S]*\bselect\b)|(\bor\b\s+\d+\s*=\s*\d+)|--|;\s*drop\b/gi,
  /[;&|`]\s*(cat|ls|rm|curl|wget|bash|sh)\b|\$\(/gi,
  /\.\.[/\\]/g,
  /__proto__|constructor\s*\[/g,
  /\{\{[\s\S]*?\}\}|\$\{[\s\S]*?\}|<%[\s\S]*?%>/g,
  /ignore (all )?(previous|prior) instructions/gi,
  /(AKIA[0-9A-Z]{16}|ghp_\w{36}|-----BEGIN [A-Z ]*PRIVATE KEY-----)/g,
];
/** Where they match: a finding without its place marks nothing in an editor. */
const naive = (text) => NAIVE.reduce((count, expression) => count + [...text.matchAll(expression)].length, 0);

/** The sources of this package, each a file of its own. */
function sources() {
  const folder = fileURLToPath(new URL('../../js', import.meta.url));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter(
      (file) =>
        file.isFile() && /\.(ts|mjs|json)$/.test(file.name) && !/node_modules|dist/.test(file.parentPath),
    )
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'));
}

export default ({ ThreatDetector }) => {
  const detector = new ThreatDetector();
  const message =
    `${'Could you look at src/main.ts, line 42? It fails when the list is empty (again). '.repeat(2)}`.slice(
      0,
      100,
    );
  const files = sources();
  const bytes = files.reduce((sum, file) => sum + Buffer.byteLength(file), 0);
  const worst = (length) => "<a b='{{../%25\\u0025 ' or (select;|".repeat(length / 34);
  const [short, long] = [worst(100_000), worst(1_000_000)];
  return [
    {
      name: 'threat: a message of 100 bytes in user_input',
      contenders: {
        'vespera-security': () => detector.detectThreats(message, { scope: 'user_input' }),
        'eight expressions': () => naive(message),
      },
      goals: { 'vespera-security': { atMost: 0.02 } },
    },
    {
      name: 'threat: source files in file_content',
      bytes,
      contenders: {
        'vespera-security': () => {
          for (const file of files) detector.detectThreats(file, { scope: 'file_content' });
        },
        'eight expressions': () => files.reduce((count, file) => count + naive(file), 0),
      },
      // 60 MB/s. What eight expressions take depends on which eight: those that say no at a glance are as fast.
      goals: { 'vespera-security': { atMost: bytes / 60_000 } },
    },
    {
      name: 'threat: the worst text, 100 kB and 1 MB',
      contenders: {
        'vespera-security': () => detector.detectThreats(long, { scope: 'user_input' }),
        'a tenth of the text': () => detector.detectThreats(short, { scope: 'user_input' }),
      },
      goals: { 'a tenth of the text': { atLeast: 1 / 12 } },
    },
  ];
};
