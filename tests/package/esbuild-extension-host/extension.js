/** An extension as most of them are built: one CommonJS file, with `vscode` left outside. */
import * as vscode from 'vscode';
import { HtmlSanitizer, TokenBucket } from 'vespera-security';

export function activate() {
  const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 60_000 });
  const answers = Array.from({ length: 6 }, () => bucket.consumeTokens());
  const clean = new HtmlSanitizer().sanitize('<p onclick="steal()">hi</p>');
  vscode.window.showInformationMessage(JSON.stringify({ answers, clean }));
}
