/** What messages call: a core that keeps a record of its functions cleans some. */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { definedIn } from './split.mjs';

/** Markup that is written as it is meant, as most of it is, and what it is attacked with. */
const FIRST = [
  'Hello <b>world</b><img src=x onerror=alert(1)>',
  'Plain & simple &amp; more: &copy; &eacute; &#x27; é 漢字 😀',
  '<p>Hello <strong>you</strong>, <em>thanks</em> <code>x &lt; y</code><br>and <del>no</del> <span class="x">yes</span></p>',
  '<a href="https://example.com/x?y=1#z" title="t">x</a> <a href="javascript:alert(1)">y</a>',
  '<h1 id="x">x</h1><hr><blockquote><p>y</p></blockquote><ul><li>1</li><li>2</li></ul><ol start=3><li>3</li></ol>',
  '<table><thead><tr><th align=left>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>',
  '<pre class="language-rust"><code>fn main() {}\n</code></pre>',
];

/** What else calls functions by their places in a table: what can be called that way is not to be seen in the code. */
const OTHERS = [
  '<a href="/docs/a b.html#z">x</a> <a href="../?y">y</a> <a href="//example.com">z</a>',
  '<a href="https://bücher.example/é?ü">x</a> <a href="https://xn--bcher-kva.example/">y</a>',
  '<a href="https://127.1:8080/%zz">x</a> <a href="https://[::1]/">y</a> <a href="https://a b/">z</a>',
  '<p>one<table><tr><td>2<svg><path d="M0 0"></table><p style="color: red">three <b>four <i>five</b>',
];

const PROFILES = ['strict', 'chat', 'markdown', 'webview', 'svg'];

/**
 * The names of a core's functions that are called for a first message, and for any of these; `glue` is the script that
 * starts the core.
 */
export async function calledBy(binaryen, bytes, glue) {
  const { recorder, names } = recording(binaryen, bytes);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const core = await import(`${pathToFileURL(glue)}?${hash}`); // not the one of another build in this process
  const record = core.initSync({ module: recorder });
  const called = () => names.filter((_, at) => record[`called ${at}`].value === 1);
  clean(core, core.htmlNew(), FIRST);
  const first = called();
  for (const profile of PROFILES) clean(core, core.htmlNew({ profile }), [...FIRST, ...OTHERS]);
  return { first, any: called() };
}

function clean(core, sanitizer, messages) {
  for (const message of messages) core.htmlSanitize(sanitizer, message);
  core.htmlFree(sanitizer);
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
