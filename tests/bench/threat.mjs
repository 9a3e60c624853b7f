/** Threats: a message, a source file, and the worst texts at two lengths. */
import { readFileSync } from 'node:fs';

/** What a project writes in an afternoon: eight expressions, each over the whole text. */
const NAIVE = [
  /<script[\s\S]*?>|on\w+\s*=|javascript:/i,
  /(\bunion\b[\s\S]*\bselect\b)|(\bor\b\s+\d+\s*=\s*\d+)|--|;\s*drop\b/i,
  /[;&|`]\s*(cat|ls|rm|curl|wget|bash|sh)\b|\$\(/i,
  /\.\.[/\\]/,
  /__proto__|constructor\s*\[/,
  /\{\{[\s\S]*?\}\}|\$\{[\s\S]*?\}|<%[\s\S]*?%>/,
  /ignore (all )?(previous|prior) instructions/i,
  /(AKIA[0-9A-Z]{16}|ghp_\w{36}|-----BEGIN [A-Z ]*PRIVATE KEY-----)/,
];
const naive = (text) => NAIVE.filter((expression) => expression.test(text)).length;

export default ({ ThreatDetector }) => {
  const detector = new ThreatDetector();
  const message =
    `${'Could you look at src/main.ts, line 42? It fails when the list is empty (again). '.repeat(2)}`.slice(
      0,
      100,
    );
  const source = readFileSync(new URL('../suite/harness.mjs', import.meta.url), 'utf8').repeat(40);
  const worst = (length) => "<a b='{{../%25\\u0025 ' or (select;|".repeat(length / 34);
  const [short, long] = [worst(100_000), worst(1_000_000)];
  return [
    {
      name: 'threat: a message of 100 bytes in user_input',
      contenders: {
        'vespera-security': () => detector.detectThreats(message, { scope: 'user_input' }),
        'eight expressions': () => naive(message),
      },
    },
    {
      name: 'threat: a source file in file_content',
      contenders: {
        'vespera-security': () => detector.detectThreats(source, { scope: 'file_content' }),
        'eight expressions': () => naive(source),
      },
      goals: { 'eight expressions': { atLeast: 2 } },
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
