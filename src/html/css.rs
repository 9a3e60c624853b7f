//! `style` attributes: listed properties with values that load nothing and leave nothing.
//!
//! A declaration stays only if its value is made of plain characters and listed functions. Escapes are decoded
//! before the decision; what still holds a backslash afterwards goes.

/// Properties that change how a piece of text looks, and nothing outside it.
#[rustfmt::skip]
pub const PROPERTIES: &[&str] = &[
    "align-items", "background-color", "border", "border-bottom", "border-bottom-color", "border-bottom-style",
    "border-bottom-width", "border-collapse", "border-color", "border-left", "border-left-color",
    "border-left-style", "border-left-width", "border-radius", "border-right", "border-right-color",
    "border-right-style", "border-right-width", "border-spacing", "border-style", "border-top", "border-top-color",
    "border-top-style", "border-top-width", "border-width", "caption-side", "color", "column-gap", "direction",
    "display", "flex", "flex-basis", "flex-direction", "flex-grow", "flex-shrink", "flex-wrap", "float", "font",
    "font-family", "font-size", "font-style", "font-variant", "font-weight", "gap", "height", "justify-content",
    "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right",
    "margin-top", "max-height", "max-width", "min-height", "min-width", "opacity", "overflow", "overflow-wrap",
    "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "row-gap", "table-layout",
    "text-align", "text-decoration", "text-indent", "text-transform", "unicode-bidi", "vertical-align",
    "white-space", "width", "word-break", "word-spacing", "word-wrap",
];

/// Functions that compute a colour or a length.
const FUNCTIONS: &[&str] =
    &["calc", "clamp", "hsl", "hsla", "hwb", "lab", "lch", "max", "min", "oklab", "oklch", "rgb", "rgba"];

/// The longest style that is looked at, in bytes.
const MAX_STYLE: usize = 16 * 1024;

/// The style without what may not stay, or nothing if all of it may.
pub(super) fn filter(style: &str) -> Option<String> {
    if style.len() > MAX_STYLE {
        return Some(String::new());
    }
    let decoded = decode(style);
    let kept: Vec<String> = decoded
        .split(';')
        .filter_map(|declaration| {
            let (property, value) = declaration.split_once(':')?;
            let (property, value) = (property.trim().to_ascii_lowercase(), value.trim());
            (PROPERTIES.binary_search(&property.as_str()).is_ok() && is_plain(value))
                .then(|| [&*property, ": ", value].concat())
        })
        .collect();
    let filtered = kept.join("; ");
    (filtered != style).then_some(filtered)
}

/// Whether a value is made of plain characters and listed functions.
fn is_plain(value: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || " #%.,()+-/*'\"_!".contains(c);
    if value.is_empty() || !value.chars().all(plain) || value.contains("/*") || value.contains("*/") {
        return false;
    }
    let balanced = |quote: char| value.matches(quote).count().is_multiple_of(2);
    let depth = value.chars().try_fold(0_usize, |depth, c| match c {
        '(' => Some(depth + 1),
        ')' => depth.checked_sub(1),
        _ => Some(depth),
    });
    balanced('\'') && balanced('"') && depth == Some(0) && calls_only(value, &[])
}

/// Whether a value calls no function but those that compute a colour or a length, and some more.
pub(super) fn calls_only(value: &str, more: &[&str]) -> bool {
    value.match_indices('(').all(|(at, _)| {
        let before = value.get(..at).unwrap_or("");
        let name =
            before.rsplit(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).next().unwrap_or("");
        let name = name.trim_start_matches('-').to_ascii_lowercase();
        name.is_empty() || FUNCTIONS.contains(&name.as_str()) || more.contains(&name.as_str())
    })
}

/// Comments out, escapes in: what a CSS tokenizer would read.
fn decode(style: &str) -> String {
    let mut decoded = String::with_capacity(style.len());
    let mut chars = style.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'*') => {
                chars.next();
                let mut before = ' ';
                for c in chars.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
                decoded.push(' ');
            }
            '\\' => {
                let mut code = 0_u32;
                let mut digits = 0;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)).filter(|_| digits < 6) {
                    code = code * 16 + digit;
                    digits += 1;
                    chars.next();
                }
                if digits > 0 {
                    chars.next_if(char::is_ascii_whitespace);
                    // An escaped character that would be syntax stays refused, as the backslash it was.
                    let c = char::from_u32(code).filter(|c| c.is_ascii_alphanumeric() || *c == '-');
                    decoded.push(c.unwrap_or('\\'));
                } else {
                    let c = chars.next().filter(|c| c.is_ascii_alphanumeric());
                    decoded.push(c.unwrap_or('\\'));
                }
            }
            '\t' | '\n' | '\r' | '\u{c}' => decoded.push(' '),
            c => decoded.push(c),
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_declarations_stay() {
        assert_eq!(filter("color: red; width: calc(100% - 2px)"), None);
        assert_eq!(filter("COLOR:red;"), Some("color: red".to_owned()));
        assert!(PROPERTIES.is_sorted());
    }

    #[test]
    fn what_loads_or_leaves_goes() {
        for style in [
            "background: url(https://e.example/x)",
            "color: url(x)",
            "width: expression(alert(1))",
            "co\\6cor: u\\72l(x)",
            "color: u/**/rl(x)",
            "position: fixed",
            "@import 'x'",
            "behavior: url(x)",
            "color: \\75 rl(javascript:1)",
            "font-family: 'a;color:url(x)'",
            "color: image-set('x')",
            "width: attr(data-x)",
            "color: var(--x)",
            "-moz-binding: url(x)",
            "color: red}body{color: url(x)",
        ] {
            let kept = filter(style).unwrap_or_else(|| style.to_owned());
            assert!(
                !kept.contains("url")
                    && !kept.contains("image")
                    && !kept.contains("attr")
                    && !kept.contains("var")
                    && !kept.contains("expression")
                    && !kept.contains("fixed")
                    && !kept.contains("import"),
                "{style} -> {kept}"
            );
        }
    }

    #[test]
    fn filtering_again_changes_nothing() {
        for style in
            ["color:red;;width:1px", " color : \\72 ed /* x */ ", "font-family: \"A B\", serif; x: y"]
        {
            let once = filter(style).unwrap();
            assert_eq!(filter(&once), None, "{once}");
        }
    }
}
