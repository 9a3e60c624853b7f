//! Fingerprints: tokens folded to a short string of classes, and the table of shapes that break out of a value.
//!
//! Folding takes away what does not change the meaning: brackets, unary signs, arithmetic between constants,
//! the arguments of a call. What is left of `1) or ((1+1))=2 --` is `1&1=1c`, and one line of the table knows it.

use super::lexer::{Context, Token};
use super::words::*;
use crate::text::cursor::part;
use std::ops::Range;

/// Shapes are judged by their first tokens; a value that turns hostile later is caught by the phrases.
const MAX_FOLDED: usize = 24;

/// A folded token.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    pub(super) class: Class,
    pub(super) range: Range<usize>,
}

const fn is_operand(class: Class) -> bool {
    matches!(class, NUMBER | NAME | VARIABLE | CALL | STRONG_CALL | STRING | OPEN | SUBSELECT)
}

/// For every opening bracket, the position of its closing one.
fn brackets(tokens: &[Token]) -> Vec<usize> {
    let mut pairs = vec![usize::MAX; tokens.len()];
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.class {
            LEFT => open.push(index),
            RIGHT => {
                if let Some(slot) = open.pop().and_then(|left: usize| pairs.get_mut(left)) {
                    *slot = index;
                }
            }
            _ => {}
        }
    }
    pairs
}

/// Folds tokens.
pub(super) fn fold(text: &str, tokens: &[Token]) -> Vec<Folded> {
    let pairs = brackets(tokens);
    let mut folded: Vec<Folded> = Vec::with_capacity(MAX_FOLDED);
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        if folded.len() >= MAX_FOLDED {
            break;
        }
        let last = folded.last().map_or(0, |last| last.class);
        let mut class = token.class;
        let mut range = token.range.clone();
        match class {
            LEFT | RIGHT => continue,
            UNARY => {
                // DISTINCT and ALL behind UNION, NOT in front of anything.
                continue;
            }
            COMMENT if index < tokens.len() => continue,
            CALL | STRONG_CALL => {
                if let Some(end) = pairs.get(index).copied().filter(|end| *end != usize::MAX) {
                    let inner = tokens.get(index..end).unwrap_or_default();
                    if inner.iter().any(|token| token.class == STRONG_CALL || is_select(text, token)) {
                        class = STRONG_CALL;
                    }
                    range.end = tokens.get(end).map_or(range.end, |token| token.range.end);
                    index = end + 1;
                }
            }
            VERB if is_select(text, token) && behind_bracket(tokens, index - 1) => class = SUBSELECT,
            KEYWORD if part(text, range.clone()).eq_ignore_ascii_case("case") => {
                let end = tokens
                    .get(index..)
                    .unwrap_or_default()
                    .iter()
                    .position(|token| part(text, token.range.clone()).eq_ignore_ascii_case("end"));
                if let Some(end) = end {
                    class = CALL;
                    index += end + 1;
                }
            }
            OPERATOR if matches!(token.sign, b'+' | b'-') && !is_operand(last) => continue,
            COMPARE | OPERATOR if last == COMPARE => continue,
            _ => {}
        }
        // Arithmetic between operands that are no strings is one operand.
        if is_operand(class) && !matches!(class, STRING | OPEN) && last == OPERATOR {
            let before = folded.len().checked_sub(2).and_then(|at| folded.get(at)).map(|left| left.class);
            if let Some(left @ (NUMBER | NAME | VARIABLE | CALL | STRONG_CALL)) = before
                && class != SUBSELECT
            {
                folded.pop();
                if let Some(operand) = folded.last_mut() {
                    operand.class = graver(left, class);
                    operand.range.end = range.end;
                }
                continue;
            }
        }
        folded.push(Folded { class, range });
    }
    folded
}

/// The class of two operands joined by arithmetic.
fn graver(left: Class, right: Class) -> Class {
    [STRONG_CALL, CALL, VARIABLE, NUMBER]
        .into_iter()
        .find(|class| [left, right].contains(class))
        .unwrap_or(NAME)
}

fn behind_bracket(tokens: &[Token], index: usize) -> bool {
    index.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|before| before.class == LEFT)
}

pub(super) fn is_select(text: &str, token: &Token) -> bool {
    token.class == VERB && part(text, token.range.clone()).eq_ignore_ascii_case("select")
}

/// A shape, and how sure it makes us. In a pattern `X` is any operand, `C` a constant, variable or call,
/// `D` a digit or a call, `.` the end of an operand (the end, a comment, an operator), `$` the end or a comment.
pub(super) type Shape = (&'static str, f32);

/// Values that go in where a number stands.
const PLAIN: &[Shape] = &[
    ("1&C=", 0.95),
    ("1&s=", 0.95),
    ("1&X=X", 0.9),
    ("1&F", 0.95),
    ("1&S", 0.95),
    ("1&f.", 0.85),
    ("1&v", 0.85),
    ("1&1c", 0.9),
    ("1&1&", 0.8),
    ("1&q", 0.6),
    ("1&sc", 0.8),
    ("1&nc", 0.8),
    ("1&EX", 0.7),
    ("1&fE", 0.8),
    ("1=1$", 0.5),
    ("1=1c", 0.7),
    ("1=s&c", 0.7),
    ("n&1=1", 0.85),
    ("n&f=", 0.85),
    ("n&1=f", 0.8),
    ("n&F", 0.9),
    ("n&S", 0.9),
    ("n&v", 0.7),
    ("n&s=s", 0.8),
    ("n&s=q", 0.8),
    ("v&C=", 0.9),
    ("v&F", 0.9),
    ("v&S", 0.9),
    ("f&C=", 0.7),
    ("F&X", 0.8),
    ("1oS", 0.9),
    ("noS", 0.85),
    ("1oF", 0.8),
    ("noF", 0.8),
    ("1=S", 0.8),
    ("1=F", 0.8),
    ("foS", 0.8),
    ("voS", 0.8),
    ("1B1", 0.7),
    ("1BkD", 0.85),
    ("1Bkn$", 0.7),
    ("1BkF", 0.9),
    ("1BF", 0.9),
    ("1BX=", 0.8),
    ("nB1&1", 0.8),
    ("nB1=1", 0.8),
    ("nBF", 0.8),
    ("1=1=1", 0.5),
    ("&1=1", 0.9),
    ("&s=s", 0.9),
    ("&s=q", 0.9),
    ("&X=Xc", 0.85),
    ("&F", 0.8),
    ("&S", 0.9),
    ("&1c", 0.8),
    ("&f=", 0.8),
    ("F.", 0.6),
    ("n,F", 0.8),
    ("EF", 0.7),
    ("kS", 0.8),
    ("=1,1", 0.55),
    ("1&1B", 0.85),
    ("1&Ek", 0.7),
    ("f=F", 0.6),
    ("n=&", 0.7),
    ("&X=q", 0.8),
    ("&1=", 0.7),
    ("&s=", 0.7),
    ("&so", 0.7),
    ("&n=s", 0.6),
    ("SX", 0.7),
    ("Sf", 0.7),
    ("SF", 0.9),
    ("SS", 0.8),
    ("fc", 0.7),
    ("1S", 0.85),
    ("1,S", 0.85),
    ("1,X,S", 0.85),
];

/// Values that go in between quotes. The first string is what the host's query had begun.
const QUOTED: &[Shape] = &[
    ("s&C=", 0.98),
    ("s&s=", 0.98),
    ("s&X=X", 0.95),
    ("s&F", 0.98),
    ("s&S", 0.98),
    ("s&f", 0.9),
    ("s&v", 0.9),
    ("s&Cc", 0.95),
    ("s&C&", 0.85),
    ("s&X=c", 0.9),
    ("s=?c", 0.7),
    ("s&=1", 0.8),
    ("s=1;", 0.7),
    ("s&1,", 0.6),
    ("s&sc", 0.9),
    ("s&s&", 0.8),
    ("s&nc", 0.9),
    ("s&X=q", 0.95),
    ("s&C$", 0.7),
    ("s&1o", 0.8),
    ("soS", 0.98),
    ("soF", 0.95),
    ("sof", 0.85),
    ("soCc", 0.9),
    ("soC&", 0.9),
    ("soCo", 0.7),
    ("soC=", 0.8),
    ("sov", 0.8),
    ("s=S", 0.95),
    ("s=F", 0.9),
    ("s=f", 0.8),
    ("s=Cc", 0.9),
    ("s=C&", 0.9),
    ("s=1=", 0.7),
    ("s=s&", 0.85),
    ("s=sc", 0.9),
    ("s=n&", 0.7),
    ("s=C$", 0.6),
    ("s=1&", 0.9),
    ("s=n=S", 0.9),
    ("s=nn=S", 0.9),
    ("sBk1", 0.95),
    ("sBkD", 0.95),
    ("sBkn$", 0.8),
    ("sBkF", 0.95),
    ("sB1", 0.9),
    ("sBC", 0.9),
    ("sBX=", 0.9),
    ("sBF", 0.95),
    ("sBn", 0.6),
    ("soXc", 0.8),
    ("s=Xc", 0.8),
    ("sos&C", 0.9),
    ("sos&X=", 0.9),
    ("sosc", 0.8),
    ("s&no", 0.6),
    ("soXB", 0.8),
    ("skks", 0.8),
    ("sS", 0.9),
    ("s,S", 0.9),
    ("s,X,S", 0.9),
    ("sFX", 0.8),
    ("sF&", 0.8),
    ("ss=C", 0.8),
];

/// Shapes between single quotes only: double quotes are everyday punctuation.
const SINGLE: &[Shape] = &[
    ("s&q", 0.8),
    ("soq$", 0.7),
    ("s=q$", 0.7),
    ("s&s$", 0.7),
    ("s&noq", 0.7),
    ("so1=", 0.7),
    ("s&nq", 0.6),
    ("s&n&", 0.6),
    ("so1q", 0.8),
    ("soso", 0.55),
    ("sos=", 0.55),
    ("son&", 0.7),
    ("son=", 0.8),
];

fn matches(shape: &str, classes: &[Class]) -> bool {
    shape.bytes().enumerate().all(|(index, wanted)| {
        let class = classes.get(index).copied().unwrap_or(0);
        match wanted {
            b'X' => is_operand(class),
            b'C' => matches!(class, NUMBER | VARIABLE | CALL | STRONG_CALL),
            b'D' => matches!(class, NUMBER | CALL | STRONG_CALL | SUBSELECT),
            b'$' => matches!(class, 0 | COMMENT),
            b'.' => matches!(class, 0 | COMMENT | COMPARE | LOGIC | OPERATOR | SEMICOLON | CLAUSE | UNION),
            wanted => wanted == class,
        }
    })
}

/// The surest shape of a folded value, and how sure it makes us that the value breaks out.
pub(super) fn judge(folded: &[Folded], context: Context) -> Option<Shape> {
    let classes: Vec<Class> = folded.iter().map(|token| token.class).collect();
    let best = |shapes: &[Shape]| {
        let known = shapes.iter().filter(|(shape, _)| matches(shape, &classes));
        known.max_by(|(_, a), (_, b)| a.total_cmp(b)).copied()
    };
    match context {
        Context::Plain => best(PLAIN),
        Context::Single => best(QUOTED).or_else(|| best(SINGLE)),
        Context::Double => best(QUOTED),
    }
}
