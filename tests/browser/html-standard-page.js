/** In the page: what the browser's own `setHTML` makes of markup, beside what ours parses to. */
'use strict';

/** The rows in which the two trees differ, or only one side refuses. */
globalThis.agree = (rows) => {
  const different = [];
  for (const [html, config, ours] of rows) {
    const native = nativeTree(html, config);
    const mine = ours === undefined ? 'refused' : treeOf(ours);
    if (native !== mine) different.push({ html, config, native, mine });
  }
  return different;
};

function nativeTree(html, config) {
  const holder = document.createElement('div');
  try {
    holder.setHTML(html, config === 'default' ? {} : { sanitizer: config });
  } catch {
    return 'refused';
  }
  return print(holder);
}

function treeOf(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return print(template.content);
}

/** A tree as text, with its namespaces; neighbouring texts are one. */
function print(node) {
  node.normalize();
  let out = '';
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) out += JSON.stringify(child.data.replaceAll('\r', '\n'));
    else if (child.nodeType === Node.ELEMENT_NODE) {
      const attributes = [...child.attributes]
        .map(({ name, value }) => `${name}=${JSON.stringify(value)}`)
        .sort();
      const space = child.namespaceURI.slice(-4);
      out += `<${space}:${child.localName} ${attributes.join(' ')}>${print(child.content ?? child)}</>`;
    } else out += `<!${child.nodeType}:${child.data}>`;
  }
  return out;
}
