/** What each host does: clean one hostile message, and run the whole suite. */
import { suites } from '../suite/all.mjs';
import { runAll } from '../suite/harness.mjs';

export async function subject(lib) {
  const clean = new lib.HtmlSanitizer().sanitize('<p onclick="steal()">hi<script>steal()</script></p>');
  return { clean, results: await runAll(suites, lib) };
}
