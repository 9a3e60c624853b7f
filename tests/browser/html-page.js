/** In the page: puts outputs into every kind of place, and compares trees. A classic script: it defines globals. */
'use strict';

const svg = 'http://www.w3.org/2000/svg';
const math = 'http://www.w3.org/1998/Math/MathML';
// Of each output its own: what came before stays in the document, where it may still run, but is laid out no more.
let host = document.body.appendChild(document.createElement('div'));
const frame = document.body.appendChild(document.createElement('iframe'));
let runs = [];
globalThis.ran = (what) => runs.push(String(what));
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  globalThis[name] = (what) => runs.push(`${name} ${what}`);

/** Where an output is put: each answers the node that holds it. */
globalThis.places = [
  ['div', (html) => into(document.createElement('div'), html)],
  ['svg', (html) => into(document.createElementNS(svg, 'svg'), html)],
  ['math', (html) => into(document.createElementNS(math, 'math'), html)],
  [
    'template',
    (html) => {
      const template = document.createElement('template');
      template.innerHTML = html;
      const holder = host.appendChild(document.createElement('div'));
      holder.append(template.content.cloneNode(true));
      return holder;
    },
  ],
  [
    'td',
    (html) => {
      const table = host.appendChild(document.createElement('table'));
      const cell = table.insertRow().insertCell();
      cell.innerHTML = html;
      return cell;
    },
  ],
  ['textarea', (html) => into(document.createElement('div'), `<textarea>${html}</textarea>`)],
  ['noscript', (html) => into(document.createElement('div'), `<noscript>${html}</noscript>`)],
  [
    'DOMParser',
    (html) => {
      const holder = host.appendChild(document.createElement('div'));
      holder.append(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
      return holder;
    },
  ],
  [
    'document.write',
    (html) => {
      const inner = frame.contentDocument;
      inner.open();
      inner.defaultView.ran = globalThis.ran;
      for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
        inner.defaultView[name] = globalThis[name];
      inner.write(html);
      inner.close();
      return inner.documentElement;
    },
  ],
  [
    'insertAdjacentHTML',
    (html) => {
      const holder = host.appendChild(document.createElement('div'));
      holder.insertAdjacentHTML('beforeend', html);
      return holder;
    },
  ],
];

function into(holder, html) {
  host.append(holder);
  holder.innerHTML = html;
  return holder;
}

/** Whether the browser itself takes a URL for code. */
function runsCode(name, value) {
  return (
    /href|src|action/.test(name) &&
    /script:/i.test(value) &&
    URL.parse(value, location)?.protocol === 'javascript:'
  );
}

// What a parser makes by itself, and what the places are made of.
const MADE = new Set(['html', 'head', 'body', 'tbody', 'tr', 'colgroup', 'textarea', 'noscript']);

globalThis.place = async (outputs, { elements, attributes: all, prefixes }) => {
  // Inside `math` and outside of `svg` the capitals of SVG's names are lost.
  const lower = (names) => names.map((name) => name.toLowerCase());
  const listedOf = new Map(Object.entries(elements).map(([name, own]) => [name.toLowerCase(), lower(own)]));
  const attributes = lower(all);
  const failures = [];
  const readBack = [];
  for (const output of outputs) {
    runs = [];
    host = document.body.appendChild(document.createElement('div'));
    for (const [place, put] of places) {
      const holder = put(output);
      for (const element of holder?.querySelectorAll('*') ?? []) {
        const own = listedOf.get(element.localName.toLowerCase());
        if (!own && !MADE.has(element.localName))
          failures.push(`${place}: <${element.localName}> in ${output}`);
        for (const { name, value } of element.attributes) {
          const listed =
            own?.includes(name.toLowerCase()) ||
            attributes.includes(name.toLowerCase()) ||
            prefixes.some((prefix) => name.startsWith(prefix));
          if (!listed || /^on/i.test(name)) failures.push(`${place}: ${name} in ${output}`);
          if (runsCode(name, value)) failures.push(`${place}: ${value} in ${output}`);
        }
      }
      if (place === 'div' || place === 'template' || place === 'td')
        readBack.push([output, holder.innerHTML]);
    }
    host.querySelectorAll('a,button,details,input').forEach((element) => {
      element.dispatchEvent(new MouseEvent('mouseover'));
      element.focus();
    });
    host.hidden = true;
    if (runs.length) failures.push(`ran ${runs} in ${output}`);
  }
  // What waits for a network error, a timer or its first frame runs now.
  runs = [];
  for (const hidden of document.querySelectorAll('[hidden]')) hidden.hidden = false;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await new Promise((done) => setTimeout(done, 50));
  if (runs.length) failures.push(`ran later: ${runs}`);
  document.body.replaceChildren(frame);
  return { failures, readBack };
};

/** Differences between the trees of an input and of its output that the report does not explain. */
globalThis.compare = (pairs, allowed) => {
  const differences = [];
  for (const [input, output, removed] of pairs) {
    const before = tree(input);
    const after = tree(output);
    prune(
      before,
      new Set(allowed),
      new Set(removed.filter((r) => r.kind === 'element' && r.rule !== 'unlisted').map((r) => r.name)),
    );
    const gone = new Set(removed.filter((r) => r.kind === 'attribute').map((r) => r.name));
    const difference = differ(before, after, gone);
    if (difference) differences.push(`${difference}: ${input} -> ${output}`);
  }
  return differences;
};

function tree(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

/** Takes out of the input's tree what the report says was taken out. */
function prune(node, allowed, dropped) {
  for (const child of [...node.childNodes]) {
    if (child.nodeType === Node.COMMENT_NODE || child.nodeType === Node.PROCESSING_INSTRUCTION_NODE)
      child.remove();
    else if (child.nodeType === Node.ELEMENT_NODE) {
      if (dropped.has(child.localName)) child.remove();
      else {
        prune(child, allowed, dropped);
        if (!allowed.has(child.localName)) child.replaceWith(...child.childNodes);
      }
    }
  }
  node.normalize();
}

function differ(before, after, gone) {
  if (before.nodeName !== after.nodeName) return `${before.nodeName} became ${after.nodeName}`;
  if (before.nodeType === Node.TEXT_NODE && before.data !== after.data) return 'the text changed';
  for (const { name, value } of before.attributes ?? []) {
    const now = after.getAttribute(name);
    if (
      now === null
        ? !gone.has(name)
        : now !== value && !now.includes(`user-content-${value.replace('#', '')}`)
    )
      return `${name} changed`;
  }
  if (before.childNodes.length !== after.childNodes.length)
    return `${before.childNodes.length} children became ${after.childNodes.length}`;
  for (let at = 0; at < before.childNodes.length; at++) {
    const difference = differ(before.childNodes[at], after.childNodes[at], gone);
    if (difference) return difference;
  }
  return undefined;
}
