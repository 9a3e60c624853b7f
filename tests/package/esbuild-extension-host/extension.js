/** An extension as most of them are built: one CommonJS file, with `vscode` left outside. */
import * as vscode from 'vscode';
import { TokenBucket } from 'vespera-security';

export function activate() {
  const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 60_000 });
  const answers = Array.from({ length: 6 }, () => bucket.consumeTokens());
  vscode.window.showInformationMessage(JSON.stringify({ answers }));
}
