/**
 * The public API as text, one report an entry: every exported name with its declaration as it is shipped, without
 * comments, in alphabetical order.
 *
 *     npm run api     writes the reports anew, from pkg/
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript-5'; // the newest line with a compiler API in JavaScript
import { main, path } from '../../js/scripts/run.mjs';

/** The report of each entry; `slim` has the declarations of `index`. */
export const REPORTS = {
  index: 'tests/package/api/index.md',
  errors: 'tests/package/api/errors.md',
  openfeature: 'tests/package/api/openfeature.md',
  schema: 'tests/package/api/schema.md',
  dompurify: 'tests/package/api/dompurify.md',
};

/** The report of one entry of a package's folder. */
export function apiReport(folder, entry) {
  const file = join(folder, `${entry}.d.mts`);
  const program = ts.createProgram([file], { noLib: true, types: [], module: ts.ModuleKind.NodeNext });
  const checker = program.getTypeChecker();
  const printer = ts.createPrinter({ removeComments: true });
  const declarations = checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((symbol) => declarationsOf(checker, symbol));
  const texts = declarations.map((node) =>
    printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()),
  );
  return `# The public names of ${entry}\n\nWritten by \`npm run api\`.\n\n\`\`\`ts\n${texts.join('\n\n')}\n\`\`\`\n`;
}

function declarationsOf(checker, symbol) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (!target.declarations?.length) throw new Error(`${symbol.name} has no declaration`);
  // A constant's declaration is the part after `const`.
  return target.declarations.map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node));
}

/** The lines in which two reports differ, for a failure that says what changed. */
export function difference(before, after) {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const only = (lines, others, sign) =>
    lines.filter((line) => !others.includes(line)).map((line) => sign + line);
  return [...only(old, now, '- '), ...only(now, old, '+ ')].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(() => {
    for (const [entry, file] of Object.entries(REPORTS)) {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), apiReport(path('pkg'), entry));
    }
  });
}
