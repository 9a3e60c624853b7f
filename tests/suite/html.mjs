/** The sanitizer, as its users see it. */
export default ({ test, assert, lib }) => {
  const clean = (html, options) => {
    const sanitizer = new lib.HtmlSanitizer(options);
    try {
      return sanitizer.sanitize(html);
    } finally {
      sanitizer.dispose();
    }
  };

  test('what runs goes and what reads stays', () => {
    const html = '<p onclick="a()">Hi <b>there</b><script>a()</script><img src=x onerror=a()></p>';
    assert.equal(clean(html), '<p>Hi <b>there</b><img src="x"></p>');
    assert.equal(clean(html, { profile: 'strict' }), 'Hi there');
  });

  test('text without markup is its own answer', () => {
    for (const text of ['', 'plain', 'naïve 👋 text\n', 'a'.repeat(100_000)]) assert.equal(clean(text), text);
  });

  test('what a parser reads in another way is written as it is read', () => {
    assert.equal(clean('a\r\nb'), 'a\nb');
    assert.equal(clean('\ufeffa'), 'a');
    assert.equal(clean('a\u00a0b'), 'a&nbsp;b');
    assert.equal(clean('1 < 2 & 3 > 2'), '1 &lt; 2 &amp; 3 &gt; 2');
    assert.equal(clean('a\0b'), 'ab');
  });

  test('a lone surrogate becomes the replacement character', () => {
    assert.equal(clean('a\ud800b'), 'a\ufffdb');
    assert.equal(clean('<b>a\ud800</b>'), '<b>a\ufffd</b>');
  });

  test('cleaning again changes nothing', () => {
    const html = '<table><b>x<pre>\n\ny</pre></table><p><button><p id=a>z</p></button><a href=#a>';
    for (const profile of ['strict', 'chat', 'markdown', 'webview', 'svg']) {
      const once = clean(html, { profile });
      assert.equal(clean(once, { profile }), once);
    }
  });

  test('a report says what was taken out and why', () => {
    const sanitizer = new lib.HtmlSanitizer();
    const report = sanitizer.inspect('<b onclick=a()>x</b><script>a()</script><!-- c -->');
    assert.equal(report.html, '<b>x</b>');
    assert.equal(report.changed, true);
    assert.equal(report.stable, true);
    assert.deepEqual(
      report.removed.map(({ kind, name, rule }) => [kind, name, rule]),
      [
        ['attribute', 'onclick', 'unlisted'],
        ['element', 'script', 'dropped'],
        ['comment', '', 'comment'],
      ],
    );
    assert.ok(report.removed.every(({ reason }) => reason.length > 0));
  });

  test('the configuration of the standard does what setHTML does', () => {
    const html = '<p id=x title=t onclick=a()>a<custom>b</custom><!-- c --></p><script>d</script>';
    assert.equal(clean(html, { sanitizer: 'default' }), '<p title="t">a</p>');
    assert.equal(clean(html, { sanitizer: {} }), '<p id="x" title="t">a<custom>b</custom></p>');
    assert.throws(
      () => clean(html, { sanitizer: { elements: [], removeElements: [] } }),
      'ERR_CONFIG_INVALID',
    );
    for (const options of [
      { sanitizer: {}, profile: 'markdown' },
      { sanitizer: 'default', profile: 'chat' },
      { sanitizer: 'strict' },
      { sanitizer: null },
    ])
      assert.throws(() => clean(html, options), 'ERR_CONFIG_INVALID');
    const misspelt = assert.throws(
      () => clean(html, { sanitizer: { removeElement: ['b'] } }),
      'ERR_CONFIG_INVALID',
    );
    assert.ok(misspelt.message.includes('removeElement'));
  });

  test('a profile can be widened and narrowed', () => {
    const html = '<main class="a b"><b>x</b></main>';
    assert.equal(clean(html, { add: { tags: ['main'] }, remove: { tags: ['b'] } }), '<main>x</main>');
    const classes = { tags: ['main'], attributes: { main: ['class'] }, classes: ['a'] };
    assert.equal(clean(html, { add: classes }), '<main class="a"><b>x</b></main>');
  });

  test('a name is changed in whatever case it is written', () => {
    const html = '<a href="http://a.example" title="t"><img alt="x">y</a>';
    const clean = (options) => new lib.HtmlSanitizer(options).sanitize(html);
    assert.equal(clean({ remove: { tags: ['IMG'] } }), '<a href="http://a.example" title="t">y</a>');
    assert.equal(
      clean({ remove: { attributes: { '*': ['TITLE'] } } }),
      '<a href="http://a.example"><img alt="x">y</a>',
    );
    assert.equal(clean({ remove: { attributes: { A: ['HREF'] } } }), '<a title="t"><img alt="x">y</a>');
    assert.equal(clean({ remove: { schemes: ['HTTP'] } }), '<a title="t"><img alt="x">y</a>');
    const video = { tags: ['VIDEO'], attributes: { VIDEO: ['LOOP'], '*': ['HIDDEN'] } };
    assert.equal(
      new lib.HtmlSanitizer({ add: video }).sanitize('<video loop hidden>x</video>'),
      '<video loop="" hidden="">x</video>',
    );
    assert.throws(() => clean({ add: { tags: ['X-Y'] }, remove: { tags: ['x-y'] } }), 'ERR_CONFIG_INVALID');
    assert.throws(() => clean({ add: { tags: ['ScRiPt'] } }), 'ERR_CONFIG_INVALID');
    const blur = { tags: ['filter', 'feGaussianBlur'], attributes: { feGaussianBlur: ['stdDeviation'] } };
    assert.equal(
      new lib.HtmlSanitizer({ profile: 'svg', add: blur }).sanitize(
        '<svg><filter><feGaussianBlur stdDeviation="2"></feGaussianBlur></filter></svg>',
      ),
      '<svg><filter><feGaussianBlur stdDeviation="2"></feGaussianBlur></filter></svg>',
    );
  });

  test('a drawing stays a drawing', () => {
    const drawings = [
      '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16" fill="currentColor">' +
        '<path fill-rule="evenodd" d="M8 1v14"></path></svg>',
      '<svg viewBox="0 0 9 9" preserveAspectRatio="none"><defs><linearGradient id="user-content-a" ' +
        'gradientTransform="rotate(9)" gradientUnits="userSpaceOnUse" spreadMethod="pad"><stop offset="0"></stop>' +
        '</linearGradient><radialGradient id="user-content-b"></radialGradient><clipPath id="user-content-c" ' +
        'clipPathUnits="userSpaceOnUse"><rect></rect></clipPath><marker markerWidth="1" refX="2"></marker></defs>' +
        '<path fill="url(#user-content-a)" pathLength="1" d="M0"></path><text textLength="9">t</text></svg>',
    ];
    const sanitizer = new lib.HtmlSanitizer({ profile: 'svg' });
    for (const drawing of drawings) {
      assert.equal(sanitizer.sanitize(drawing), drawing);
      assert.deepEqual(sanitizer.inspect(drawing).removed, []);
    }
    const hostile = drawings[0].replace(
      '<path',
      '<animate attributeName="d"/><script>x()</script><path onclick="x()"',
    );
    assert.equal(sanitizer.sanitize(hostile), drawings[0]);
  });

  test('a class that is removed goes, and opens no other', () => {
    const html = '<code class="language-js hot">x</code>';
    const clean = (options) => new lib.HtmlSanitizer(options).sanitize(html);
    assert.equal(clean({}), '<code class="language-js">x</code>');
    assert.equal(clean({ remove: { classes: ['language-*'] } }), '<code>x</code>');
    assert.equal(clean({ remove: { classes: ['language-js'] } }), '<code>x</code>');
    assert.equal(
      clean({ add: { classes: ['hot'] }, remove: { classes: ['language-js'] } }),
      '<code class="hot">x</code>',
    );
    // This profile has any class, until some are named.
    assert.equal(clean({ profile: 'webview' }), html);
    assert.equal(
      clean({ profile: 'webview', remove: { classes: ['h*'] } }),
      '<code class="language-js">x</code>',
    );
    assert.equal(clean({ profile: 'webview', add: { classes: ['hot'] } }), '<code class="hot">x</code>');
  });

  test('what contradicts itself or is never safe is refused', () => {
    for (const options of [
      { profile: 'loose' },
      { profil: 'chat' },
      { add: { tags: ['script'] } },
      { add: { attributes: { '*': ['onclick'] } } },
      { add: { schemes: ['javascript'] } },
      { add: { tags: ['main'] }, remove: { tags: ['main'] } },
      { limits: { bytes: 0 } },
      { idPrefix: '"' },
    ]) {
      assert.throws(() => new lib.HtmlSanitizer(options), 'ERR_CONFIG_INVALID');
    }
  });

  test('an input over its limit is refused before any work', () => {
    const sanitizer = new lib.HtmlSanitizer({ limits: { bytes: 10 } });
    assert.throws(() => sanitizer.sanitize('<b>1234567</b>'), 'ERR_INPUT_TOO_LARGE');
    for (const limits of [{ nodes: 5 }, { output: 20 }]) {
      const bounded = new lib.HtmlSanitizer({ limits });
      assert.throws(() => bounded.sanitize('<b>x</b>'.repeat(5)), 'ERR_INPUT_TOO_LARGE');
      assert.equal(bounded.sanitize('<b>x</b>'), '<b>x</b>');
    }
    assert.throws(() => sanitizer.sanitize(42), 'ERR_ARGUMENT_INVALID');
  });

  test('many pieces cross at once', () => {
    const sanitizer = new lib.HtmlSanitizer();
    assert.deepEqual(sanitizer.sanitizeMany(['<b onclick=x>a</b>', 'plain', '']), ['<b>a</b>', 'plain', '']);
    assert.throws(() => sanitizer.sanitizeMany(['a', 1]), 'ERR_ARGUMENT_INVALID');
  });

  test('text is escaped by the place it stands in', () => {
    const { safeHtml, escapeHtml, escapeAttribute } = lib;
    const hostile = '<img src=x onerror=a()>"\'';
    assert.equal(escapeHtml(hostile), '&lt;img src=x onerror=a()&gt;&quot;&#39;');
    assert.equal(escapeAttribute('a b=c'), 'a&#32;b&#61;c');
    assert.equal(String(safeHtml`<p title="${'"x'}">${hostile}</p>`).includes('<img'), false);
    assert.equal(
      String(safeHtml`<ul>${[1, 2].map((n) => safeHtml`<li>${n}</li>`)}</ul>`),
      '<ul><li>1</li><li>2</li></ul>',
    );
    assert.equal(String(safeHtml`<a href="/p?q=${'a&b'}">x</a>`), '<a href="/p?q=a&amp;b">x</a>');
    for (const refused of [
      () => safeHtml`<a href="${'javascript:x'}">`,
      () => safeHtml`<a href="java${'script:x'}">`,
      () => safeHtml`<a href="${' java\nscript:x'}">`,
      () => safeHtml`<a href=${'x'}>`,
      () => safeHtml`<b onclick="${'x'}">`,
      () => safeHtml`<b style="${'x'}">`,
      () => safeHtml`<${'b'}>`,
      () => safeHtml`<b ${'x'}>`,
      () => safeHtml`<script>${'x'}</script>`,
      () => safeHtml`<!-- ${'x'} -->`,
      () => safeHtml`<svg><a><animate attributeName="href" to="${'javascript:x'}">`,
      () => safeHtml`<object codebase="${'javascript:x'}">`,
    ]) {
      assert.throws(refused, 'ERR_ARGUMENT_INVALID');
    }
  });

  test('markup reads as text', () => {
    assert.equal(lib.htmlToText('<p>a &lt; <b>b</b></p><p>c<br>d</p><script>e</script>'), 'a < b\n\nc\nd');
  });

  test('after dispose nothing is cleaned', () => {
    const sanitizer = new lib.HtmlSanitizer();
    sanitizer.dispose();
    sanitizer.dispose();
    assert.throws(() => sanitizer.sanitize('<b>x</b>'), 'ERR_DISPOSED');
    assert.throws(() => sanitizer.sanitize('x'), 'ERR_DISPOSED');
  });
};
