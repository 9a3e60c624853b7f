/** What each host does: clean one hostile message, and run the whole suite. */
import * as lib from 'vespera-security';
import { suites } from '../suite/all.mjs';
import { runAll } from '../suite/harness.mjs';

export async function subject() {
  const clean = new lib.HtmlSanitizer().sanitize('<p onclick="steal()">hi<script>steal()</script></p>');
  return { clean, results: await runAll(suites, lib) };
}
