//! The second line: reads every output once more, knowing nothing of profiles and policies.
//!
//! An output has one form only (lower-case quoted attributes, escaped text), so that a scanner of exactly that
//! form can check it independently of the parser and of ammonia. What has another form, or holds what can run,
//! is a breach: the node is cut out and reported under the rule `audit`. No input is known that causes one.

use super::report::{Report, Rule};

/// What the audit asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Level<'a> {
    /// Nothing that runs, loads by a back way or shadows a property of the page; every `id` has this prefix.
    Full { id_prefix: &'a str },
    /// Nothing that runs: for configurations that follow a standard of their own.
    Execution,
}

/// What the audit saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// An element of SVG or MathML, whose parse depends on where it stands.
    pub(super) foreign: bool,
    /// An element whose text is not markup, or a comment.
    pub(super) raw: bool,
    /// Something that must not be there.
    pub(super) breach: bool,
}

/// Checks an output.
pub(super) fn check(html: &str, level: Level<'_>) -> Seen {
    let mut seen = Seen::default();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = rest.get(start..).unwrap_or("");
        match tag(rest) {
            Some(Tag::Comment { length }) => {
                seen.raw = true;
                rest = rest.get(length..).unwrap_or("");
            }
            Some(Tag::End { length, .. }) => rest = rest.get(length..).unwrap_or(""),
            Some(Tag::Start { name, attributes, length }) => {
                seen.foreign |= matches!(name, "svg" | "math");
                let raw = is_raw(name);
                seen.raw |= raw;
                if is_forbidden(name, level)
                    || attributes.clone().any(|(key, value)| attribute(name, key, value, level).is_some())
                {
                    seen.breach = true;
                    return seen;
                }
                rest = rest.get(length..).unwrap_or("");
                if raw {
                    let Some(content) = raw_content(rest, name) else {
                        seen.breach = true;
                        return seen;
                    };
                    rest = rest.get(content..).unwrap_or("");
                }
            }
            None => {
                seen.breach = true;
                return seen;
            }
        }
    }
    seen
}

/// Cuts every breach out of an output. Nothing if the output has not the form that it must have.
#[inline(never)]
pub(super) fn cut(html: &str, level: Level<'_>, report: &mut Report) -> Option<String> {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        out.push_str(rest.get(..start)?);
        rest = rest.get(start..)?;
        match tag(rest)? {
            Tag::Comment { length } | Tag::End { length, .. } => {
                out.push_str(rest.get(..length)?);
                rest = rest.get(length..)?;
            }
            Tag::Start { name, length, .. } if is_forbidden(name, level) => {
                report.element(name, Rule::Audit);
                rest = behind_element(rest.get(length..)?, name);
            }
            Tag::Start { name, attributes, length } => {
                out.push('<');
                out.push_str(name);
                for (attribute_name, value) in attributes {
                    match attribute(name, attribute_name, value, level) {
                        Some(reason) => report.attribute(attribute_name, Rule::Audit, reason),
                        None => out.extend([" ", attribute_name, "=\"", value, "\""]),
                    }
                }
                out.push('>');
                rest = rest.get(length..)?;
                if is_raw(name) {
                    match raw_content(rest, name) {
                        Some(length) => {
                            out.push_str(rest.get(..length)?);
                            rest = rest.get(length..)?;
                        }
                        None => {
                            report.element(name, Rule::Audit);
                            rest = behind_element(rest, name);
                            out.extend(["</", name, ">"]);
                        }
                    }
                }
            }
        }
    }
    out.push_str(rest);
    Some(out)
}

enum Tag<'h> {
    Start { name: &'h str, attributes: Attributes<'h>, length: usize },
    End { name: &'h str, length: usize },
    Comment { length: usize },
}

/// Reads the tag that `text` begins with; nothing if it has another form than this crate writes.
fn tag(text: &str) -> Option<Tag<'_>> {
    if matches!(text.as_bytes().get(1), Some(b'!' | b'?')) {
        return comment(text);
    }
    let end = text.strip_prefix("</").is_some();
    let inner = text.get(if end { 2 } else { 1 }..)?;
    let name_length = inner.bytes().position(|byte| matches!(byte, b' ' | b'>'))?;
    let name = inner.get(..name_length)?;
    // No control character, no white space, nothing that begins or ends something.
    let plain = |byte: u8| {
        byte > b' ' && !matches!(byte, b'<' | b'>' | b'"' | b'\'' | b'=' | b'/' | b'&' | b'`' | 0x7F)
    };
    if !name.as_bytes().first()?.is_ascii_alphabetic() || !name.bytes().all(plain) {
        return None;
    }
    let before = text.len() - inner.len() + name_length;
    if end {
        return (inner.as_bytes().get(name_length)? == &b'>')
            .then_some(Tag::End { name, length: before + 1 });
    }
    let mut at = name_length;
    while inner.as_bytes().get(at)? == &b' ' {
        let (attribute, rest) = inner.get(at + 1..)?.split_once('=')?;
        if attribute.is_empty()
            || attribute.bytes().any(|byte| byte <= b' ' || matches!(byte, b'>' | b'/' | b'&'))
        {
            return None;
        }
        let value = rest.strip_prefix('"')?.bytes().position(|byte| matches!(byte, b'"' | b'<' | b'>'))?;
        at += 1 + attribute.len() + 2 + value;
        if inner.as_bytes().get(at)? != &b'"' {
            return None;
        }
        at += 1;
    }
    let attributes = Attributes { rest: inner.get(name_length..at)? };
    (inner.as_bytes().get(at)? == &b'>').then_some(Tag::Start {
        name,
        attributes,
        length: before - name_length + at + 1,
    })
}

#[inline(never)]
fn comment(text: &str) -> Option<Tag<'_>> {
    if let Some(inner) = text.strip_prefix("<!--") {
        return Some(Tag::Comment { length: inner.find("-->")? + 7 });
    }
    // A comment to older parsers: either way it ends at the first `>`.
    let inner = text.strip_prefix("<?")?;
    Some(Tag::Comment { length: inner.find('>')? + 3 })
}

/// Names and values of a tag whose form is checked.
#[derive(Clone)]
struct Attributes<'h> {
    rest: &'h str,
}

impl<'h> Iterator for Attributes<'h> {
    type Item = (&'h str, &'h str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.get(1..)?;
        let (name, rest) = rest.split_once('=')?;
        let (value, rest) = rest.strip_prefix('"')?.split_once('"')?;
        self.rest = rest;
        Some((name, value))
    }
}

/// Elements that run code, load a document, change how the page is read, or animate an attribute.
fn is_forbidden(name: &str, level: Level<'_>) -> bool {
    // Names are compared without case: foreign content keeps some capitals.
    const RUNS: &[&str] = &[
        "animate",
        "animatecolor",
        "animatemotion",
        "animatetransform",
        "applet",
        "base",
        "discard",
        "embed",
        "fencedframe",
        "frame",
        "frameset",
        "iframe",
        "link",
        "meta",
        "object",
        "portal",
        "script",
        "set",
    ];
    const REREADS: &[&str] = &[
        "annotation-xml",
        "body",
        "foreignobject",
        "head",
        "html",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "param",
        "plaintext",
        "selectedcontent",
        "style",
        "template",
        "textarea",
        "title",
        "use",
        "xmp",
    ];
    let listed = |names: &[&str]| names.iter().any(|listed| listed.eq_ignore_ascii_case(name));
    let first = name.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
    // Nothing listed begins with another letter.
    matches!(first, b'a'..=b'f' | b'h' | b'i' | b'l'..=b'p' | b's'..=b'u' | b'x')
        && name.len() > 2
        && (listed(RUNS) || (matches!(level, Level::Full { .. }) && listed(REREADS)))
}

fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "style"
            | "script"
            | "xmp"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "plaintext"
            | "textarea"
            | "title"
    )
}

/// How long the text of a raw element is; nothing if it holds what could be markup, or does not end.
fn raw_content(rest: &str, name: &str) -> Option<usize> {
    let end = rest.find('<')?;
    let tag = rest.get(end..)?;
    let fits = tag.strip_prefix("</")?.strip_prefix(name)?.starts_with('>');
    fits.then_some(end)
}

/// What follows the end of an element whose start tag is read.
fn behind_element<'h>(mut rest: &'h str, name: &str) -> &'h str {
    let mut depth = 1_usize;
    while let Some(start) = rest.find('<') {
        let here = rest.get(start..).unwrap_or("");
        let length = match tag(here) {
            Some(Tag::Start { name: inner, length, .. }) => {
                depth += usize::from(inner == name);
                length
            }
            Some(Tag::End { name: inner, length }) => {
                depth -= usize::from(inner == name);
                length
            }
            Some(Tag::Comment { length }) => length,
            None => 1,
        };
        rest = here.get(length..).unwrap_or("");
        if depth == 0 {
            return rest;
        }
    }
    ""
}

/// Attributes that may hold URLs, wherever they stand.
#[rustfmt::skip]
const URLS: [&str; 16] = [
    "href", "xlink:href", "src", "action", "formaction", "data", "poster", "background", "cite", "ping", "srcset",
    "longdesc", "from", "to", "by", "values",
];

/// Whether following or loading an attribute's URL runs it.
#[inline(never)]
fn navigates_to_code(element: &str, name: &str, value: &str) -> bool {
    let navigates = match name {
        "href" | "xlink:href" => {
            matches!(element, "a" | "area" | "base") || super::foreign::is_mathml(element)
        }
        "action" => element == "form",
        "formaction" => matches!(element, "button" | "input"),
        "src" => matches!(element, "iframe" | "frame" | "embed"),
        "data" => element == "object",
        _ => false,
    };
    navigates && is_script(value, &["javascript:"])
}

/// Whether a style loads something or leaves its place.
#[inline(never)]
fn loads_or_leaves(style: &str) -> bool {
    let lower = style.to_ascii_lowercase();
    ["url(", "expression", "@import", "\\", "image-set", "position: fixed"]
        .iter()
        .any(|bad| lower.contains(bad))
}

/// Schemes that run code or carry a document that does.
#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "javascript:", "vbscript:", "livescript:", "mocha:", "data:text", "data:application", "data:image/svg", "data:,",
    "data:;",
];

/// Why an attribute must not be there.
fn attribute(element: &str, name: &str, value: &str, level: Level<'_>) -> Option<&'static str> {
    let starts =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    if starts("on") {
        return Some("the attribute names code");
    }
    if is("srcdoc") {
        return Some("the attribute holds a document");
    }
    let Level::Full { id_prefix } = level else {
        return navigates_to_code(element, name, value).then_some("the URL runs code");
    };
    if value.contains(':') && URLS.iter().any(|url| is(url)) && has_script_scheme(name, value) {
        return Some("the URL runs code");
    }
    if name.bytes().any(|byte| matches!(byte, b'<' | b'"' | b'\'' | b'`' | 0x7F)) {
        return Some("the name may end a tag");
    }
    if is("style") && loads_or_leaves(value) {
        return Some("the style loads or leaves");
    }
    let named = is("id") || is("name");
    (named && !value.starts_with(id_prefix)).then_some("the name may shadow a property of the page")
}

/// Whether a URL, or one of those that the attribute lists, has a scheme that runs code or carries a document.
#[inline(never)]
fn has_script_scheme(name: &str, value: &str) -> bool {
    let script = |url: &str| is_script(url, SCRIPTS);
    match name {
        "srcset" => value.split([',', ' ', '\n', '\t']).any(script),
        "ping" => value.split([' ', '\n', '\t']).any(script),
        "values" => value.split(';').any(script),
        _ => script(value),
    }
}

/// Whether a URL has one of these schemes. A browser skips controls and spaces at its start, tabs and line feeds anywhere.
fn is_script(url: &str, schemes: &[&str]) -> bool {
    let url = url.trim_start_matches(|c: char| c <= ' ');
    let url: String = url.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).take(24).collect();
    let url = url.to_ascii_lowercase();
    schemes.iter().any(|scheme| url.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Level<'_> = Level::Full { id_prefix: "user-content-" };

    #[test]
    fn what_this_crate_writes_passes() {
        for html in [
            "",
            "text &lt;b&gt;",
            "<b>x</b>",
            "<a href=\"https://e.example/?a&amp;b\" title=\"a &gt; b\">x</a><br>",
            "<p id=\"user-content-x\" style=\"color: red\">é</p>",
            "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"></path></svg>",
            "<a href=\"command:x?%5B%5D\" data-set=\"javascript:\">y</a>",
            "<img src=\"data:image/png;base64,AA==\">",
        ] {
            assert!(!check(html, FULL).breach, "{html}");
            assert_eq!(cut(html, FULL, &mut Report::default()).as_deref(), Some(html));
        }
        assert!(check("<svg></svg>", FULL).foreign);
        assert!(check("<!-- x -->", FULL).raw);
    }

    #[test]
    fn each_breach_is_found_and_cut_out() {
        for (html, left) in [
            ("a<script>x</script>b", "ab"),
            ("a<iframe><iframe></iframe>x</iframe>b", "ab"),
            ("<svg><animate attributeName=\"href\"></animate><g></g></svg>", "<svg><g></g></svg>"),
            ("<svg><foreignObject><b>x</b></foreignObject></svg>", "<svg></svg>"),
            ("<b onclick=\"x\" title=\"y\">z</b>", "<b title=\"y\">z</b>"),
            ("<a href=\" java\tscript:x\">z</a>", "<a>z</a>"),
            ("<a href=\"data:text/html,x\">z</a>", "<a>z</a>"),
            ("<img srcset=\"a.png 1x, javascript:x 2x\">", "<img>"),
            ("<p id=\"forms\">z</p>", "<p>z</p>"),
            ("<p style=\"background: URL(x)\">z</p>", "<p>z</p>"),
            ("<p style=\"position: fixed\">z</p>", "<p>z</p>"),
            ("<style>x</style>", ""),
            ("<iframe>", ""),
            ("<b data-<=\"\" title=\"y\">z</b>", "<b title=\"y\">z</b>"),
        ] {
            assert!(check(html, FULL).breach, "{html}");
            let mut report = Report::listing();
            assert_eq!(cut(html, FULL, &mut report).as_deref(), Some(left));
            assert!(report.removals.unwrap().iter().all(|removal| removal.rule == "audit"));
            assert!(!check(left, FULL).breach, "{left}");
        }
    }

    #[test]
    fn any_other_form_is_a_breach_and_cannot_be_cut() {
        for html in [
            "<b",
            "<b title=x>",
            "<b title='x'>",
            "<b title=\"<\">",
            "< b>",
            "<b/>",
            "<!x>",
            "</b >",
            "<b  c=\"\">",
            "<b c>",
        ] {
            assert!(check(html, FULL).breach, "{html}");
            assert!(cut(html, FULL, &mut Report::default()).is_none(), "{html}");
        }
    }

    #[test]
    fn where_a_standard_decides_only_what_runs_is_a_breach() {
        for (html, breach) in [
            ("<a href=\"javascript:x\">y</a>", true),
            ("<form action=\" java\nscript:x\"></form>", true),
            ("<mi xlink:href=\"javascript:x\"></mi>", true),
            ("<b onclick=\"x\"></b>", true),
            ("<animate></animate>", true),
            ("<p action=\"javascript:x\" id=\"forms\">y</p>", false),
            ("<img src=\"javascript:x\">", false),
            ("<a href=\"data:text/html,x\">y</a>", false),
        ] {
            assert_eq!(check(html, Level::Execution).breach, breach, "{html}");
        }
    }

    #[test]
    fn raw_text_that_holds_markup_is_a_breach_at_every_level() {
        assert!(!check("<textarea>x &lt;</textarea>", Level::Execution).breach);
        for html in ["<style><img></style>", "<title><b>x</b></title>", "<textarea>"] {
            assert!(check(html, Level::Execution).breach, "{html}");
        }
    }
}
