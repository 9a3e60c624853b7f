/** What a text hides, as its users see it. */
export default ({ test, assert, lib }) => {
  test('terminal escapes go, and the words stay', () => {
    assert.equal(
      lib.stripTerminalEscapes('\u001b[31mred\u001b[0m \u001b]0;title\u0007x\tend\r\n'),
      'red x\tend\r\n',
    );
    assert.equal(lib.stripTerminalEscapes('\u009b2Jé'), 'é');
    assert.equal(lib.stripTerminalEscapes('\u001b\u001b[31m[31mx'), '[31mx');
  });

  test('a text without escapes is its own answer', () => {
    for (const text of ['', 'plain', 'naïve 👋\n']) assert.equal(lib.stripTerminalEscapes(text), text);
  });

  test('what hides is shown, and ordinary writing is left as it is', () => {
    assert.equal(lib.revealInvisible('pass\u200bword'), 'pass⟦U+200B⟧word');
    assert.equal(lib.revealInvisible('a\u{e0068}\u{e0069}'), 'a⟦tag h⟧⟦tag i⟧');
    for (const text of ['👨‍👩‍👧‍👦', 'می‌خواهم', '1️⃣ ❤️', 'שלום']) assert.equal(lib.revealInvisible(text), text);
  });

  test('what is no text is refused', () => {
    assert.throws(() => lib.stripTerminalEscapes(7), 'ERR_ARGUMENT_INVALID');
    assert.throws(() => lib.revealInvisible('a'.repeat(2_097_153)), 'ERR_INPUT_TOO_LARGE');
  });
};
