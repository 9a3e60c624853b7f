/** What first messages call: a core that keeps a record of its functions cleans some. */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { definedIn } from './split.mjs';

/** Markup that is written as it is meant, as most of it is, and what it is attacked with. */
const MESSAGES = [
  'Hello <b>world</b><img src=x onerror=alert(1)>',
  'Plain & simple &amp; more: &copy; &eacute; &#x27; é 漢字 😀',
  '<p>Hello <strong>you</strong>, <em>thanks</em> <code>x &lt; y</code><br>and <del>no</del> <span class="x">yes</span></p>',
  '<a href="https://example.com/x?y=1#z" title="t">x</a> <a href="javascript:alert(1)">y</a>',
  '<img src="https://example.com/a.png" alt="x" width=10>',
  '<h1 id="x">x</h1><hr><blockquote><p>y</p></blockquote><ul><li>1</li><li>2</li></ul><ol start=3><li>3</li></ol>',
  '<table><thead><tr><th align=left>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>',
  '<pre class="language-rust"><code>fn main() {}\n</code></pre>',
];

/** The names of a core's functions that are called for them; `glue` is the script that starts the core. */
export async function calledFirst(binaryen, bytes, glue) {
  const { recorder, names } = recording(binaryen, bytes);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const core = await import(`${pathToFileURL(glue)}?${hash}`); // not the one of another build in this process
  const record = core.initSync({ module: recorder });
  const sanitizer = core.htmlNew();
  for (const message of MESSAGES) core.htmlSanitize(sanitizer, message);
  core.htmlFree(sanitizer);
  return names.filter((_, at) => record[`called ${at}`].value === 1);
}

/** The core with a global for each of its functions, which is 1 once the function was called. */
function recording(binaryen, bytes) {
  const module = binaryen.readBinary(bytes);
  const functions = definedIn(binaryen, module);
  functions.forEach(({ name, body, results }, at) => {
    const global = `called ${at}`;
    module.addGlobal(global, binaryen.i32, true, module.i32.const(0));
    module.addGlobalExport(global, global);
    const recorded = module.block(null, [module.global.set(global, module.i32.const(1)), body], results);
    binaryen.Function(module.getFunction(name)).setBody(recorded);
  });
  const recorder = module.emitBinary();
  module.dispose();
  return { recorder, names: functions.map(({ name }) => name) };
}
