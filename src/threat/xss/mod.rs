//! Cross-site scripting: markup that would run, found by tokenizing it and not by looking for tags.
//!
//! Four places are judged: elements that run or load, attributes that are handlers or URLs or styles, values
//! that break out of an attribute or a script string they are put into, and script that stands by itself.

mod markup;

use super::finding::{Hit, Rule, Severity, ThreatType};
use super::words::Words;
use crate::text::cursor::{at, find_byte, find_word, has_word, is_word, part, skip, skip_most};
use crate::text::glance::Glance;
use markup::{Tag, squeezed};

const fn rule(id: &'static str, severity: Severity, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::Xss, severity, "CWE-79", message)
}

static SCRIPT: Rule = rule("xss.script_element", Severity::High, "an element that runs script");
static HANDLER: Rule = rule("xss.event_handler", Severity::High, "an attribute that runs script on an event");
static SCRIPT_URL: Rule = rule("xss.script_url", Severity::High, "a URL that runs script");
static STYLE: Rule = rule("xss.style", Severity::Medium, "a style that loads or runs something");
static LOADER: Rule = rule("xss.loading_element", Severity::Medium, "an element that loads foreign content");
static DECLARATION: Rule =
    rule("xss.declaration", Severity::Medium, "a declaration that loads foreign content");
static BREAKOUT: Rule =
    rule("xss.breakout", Severity::High, "the value leaves its place in markup or in a script");

/// Elements that run script or replace the document.
const RUNNING: &[&str] = &["script", "applet", "handler", "listener", "xsl:script", "svg:script", "xss"];

/// Elements that load another document, a plug-in or a style, or that old engines ran.
const LOADING: &[&str] = &[
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "base",
    "xml",
    "bgsound",
    "layer",
    "ilayer",
    "isindex",
    "vmlframe",
    "event-source",
    "xi:include",
    "noscript",
    "plaintext",
    "import",
    "style",
    "link",
    "meta",
    "marquee",
    "math",
    "svg",
    "animate",
    "set",
    "audio",
    "video",
    "foreignobject",
    "comment",
    "x:template",
    "xsl:stylesheet",
    "svg:svg",
    "svg:mast",
    "v:vmlframe",
    "maction",
    "keygen",
    "portal",
    "dialog",
    "template",
    "noembed",
    "noframes",
    "xmp",
    "title",
    "textarea",
];

/// Attributes that hold a URL.
const URLS: &[&str] = &[
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "xlink:href",
    "lowsrc",
    "dynsrc",
    "code",
    "codebase",
    "content",
    "to",
    "from",
    "values",
    "by",
    "srcdoc",
    "folder",
    "longdesc",
    "cite",
    "profile",
    "classid",
    "manifest",
    "ping",
    "icon",
    "x:href",
    "archive",
    "url",
    "location",
    "value",
    "alt",
    "id",
    "style",
    "title",
    "name",
    "param",
    "usemap",
    "srcset",
    "xmlns",
    "definitionurl",
    "actuate",
    "fill",
    "filter",
    "mask",
    "path",
];

/// Attributes that begin with `on` and are no handlers.
const NO_HANDLERS: &[&str] =
    &["on", "one", "only", "once", "online", "onboarding", "ongoing", "ontology", "onset"];

/// Events whose handler is believed outside a tag as well.
static EVENTS: Words = Words::new(&[
    "onabort",
    "onactivate",
    "onafterprint",
    "onanimationend",
    "onanimationstart",
    "onauxclick",
    "onbeforecopy",
    "onbeforecut",
    "onbeforeunload",
    "onbegin",
    "onblur",
    "oncanplay",
    "onchange",
    "onclick",
    "oncontextmenu",
    "oncopy",
    "oncut",
    "ondblclick",
    "ondrag",
    "ondragend",
    "ondragenter",
    "ondragleave",
    "ondragover",
    "ondragstart",
    "ondrop",
    "onend",
    "onerror",
    "onfinish",
    "onfocus",
    "onfocusin",
    "onfocusout",
    "onhashchange",
    "oninput",
    "oninvalid",
    "onkeydown",
    "onkeypress",
    "onkeyup",
    "onload",
    "onloadend",
    "onloadstart",
    "onmessage",
    "onmousedown",
    "onmouseenter",
    "onmouseleave",
    "onmousemove",
    "onmouseout",
    "onmouseover",
    "onmouseup",
    "onmousewheel",
    "onpageshow",
    "onpaste",
    "onplay",
    "onplaying",
    "onpointerdown",
    "onpointerenter",
    "onpointerover",
    "onpointerrawupdate",
    "onpopstate",
    "onpropertychange",
    "onreadystatechange",
    "onrepeat",
    "onreset",
    "onresize",
    "onscroll",
    "onsearch",
    "onselect",
    "onshow",
    "onstart",
    "onstorage",
    "onsubmit",
    "ontoggle",
    "ontouchend",
    "ontouchmove",
    "ontouchstart",
    "ontransitionend",
    "onunload",
    "onwheel",
]);

/// Finds markup and script that would run.
pub(super) fn detect(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    scan(glance, hits, steps, false);
}

/// Finds only markup that certainly runs, for a string inside a source file.
pub(super) fn detect_strict(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    scan(glance, hits, steps, true);
}

fn scan(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64, strict: bool) {
    let text = glance.text;
    let bytes = text.as_bytes();
    let mut from = 0;
    let mut open = markup::OpenElements::default();
    while let Some(index) = find_byte(bytes, from, b'<') {
        from = index + 1;
        if let Some(tag) = markup::tag(text, index) {
            *steps += tag.range.len() as u64;
            if let Some((hit, end)) = judge_tag(text, &tag, &mut open, strict) {
                from = end.max(from);
                hits.push(hit);
            } else {
                // A tag inside an unclosed value is read again only from the next `<` on.
                from = next_open(bytes, index, &tag);
            }
        } else if !strict && let Some(hit) = declaration(text, index) {
            hits.push(hit);
        }
    }
    if hits.is_empty() {
        loose(glance, hits, steps, strict);
    }
}

/// Where the next tag may begin: behind this one, or in it if a quote of it never closes in this line.
fn next_open(bytes: &[u8], index: usize, tag: &Tag) -> usize {
    match find_byte(bytes, index + 1, b'<') {
        Some(next) if next < tag.range.end && next - index < 256 => next,
        _ => tag.range.end.max(index + 1),
    }
}

fn judge_tag(text: &str, tag: &Tag, open: &mut markup::OpenElements, strict: bool) -> Option<(Hit, usize)> {
    let name = tag.name.as_str();
    let local = name.rsplit(':').next().unwrap_or(name);
    if RUNNING.contains(&name)
        || local == "script"
        || name.starts_with("script") && !is_word(at(name.as_bytes(), 6))
    {
        let end = open.end(text, tag);
        let content = part(text, tag.range.end..end);
        let named_only = tag.attributes.is_empty() && end == tag.range.end;
        // `the <script> tag` in a sentence runs nothing.
        let mention = named_only && is_mention(text, tag);
        if strict
            && (!shows_payload(content)
                && !tag
                    .attributes
                    .iter()
                    .any(|attribute| attribute.name == "src" && foreign(part(text, attribute.value.clone()))))
        {
            return None;
        }
        if !mention {
            return Some((Hit::new(&SCRIPT, tag.range.start..end, 0.97), end));
        }
    }
    for attribute in &tag.attributes {
        let value = part(text, attribute.value.clone());
        if let Some(rule) = judge_attribute(tag, attribute, value, strict) {
            return Some((Hit::new(rule, tag.range.clone(), 0.95), tag.range.end));
        }
    }
    if strict {
        return None;
    }
    let handlers = tag.attributes.iter().any(|attribute| !attribute.value.is_empty());
    let loads = match name {
        "meta" => {
            tag.attributes.iter().any(|attribute| matches!(attribute.name.as_str(), "http-equiv" | "charset"))
        }
        "link" => tag.attributes.iter().any(|attribute| {
            attribute.name == "href" && !part(text, attribute.value.clone()).starts_with("https://")
        }),
        "style" => {
            let end = open.end(text, tag);
            let body = part(text, tag.range.end..end);
            tag.range.end == end && handlers
                || dangerous_style(&squeezed(body))
                || body.contains(['{', '@', ';'])
        }
        "math" | "svg" | "audio" | "video" | "title" | "textarea" | "template" | "dialog" => false,
        "animate" | "set" => tag.attributes.iter().any(|attribute| attribute.name == "attributename"),
        _ => {
            LOADING.contains(&name) && !is_mention(text, tag)
                || name.starts_with("svg:")
                || name.starts_with("xsl:")
                || name.starts_with("x:")
                || name.starts_with("v:")
        }
    };
    if loads {
        let end = if name == "style" || name == "xml" { open.end(text, tag) } else { tag.range.end };
        return Some((Hit::new(&LOADER, tag.range.start..end, 0.75), end));
    }
    let namespaced = tag.attributes.iter().any(|attribute| {
        matches!(
            attribute.name.as_str(),
            "xmlns"
                | "xlink:href"
                | "datasrc"
                | "xsi:schemalocation"
                | "implementation"
                | "allowscriptaccess"
                | "contentscripttype"
        ) && name != "svg"
            && name != "math"
            && name != "html"
            && (attribute.name != "xlink:href" || !part(text, attribute.value.clone()).starts_with('#'))
    });
    if namespaced {
        return Some((Hit::new(&LOADER, tag.range.clone(), 0.6), tag.range.end));
    }
    None
}

/// Whether a bare tag stands in a sentence, with words before and behind it.
fn is_mention(text: &str, tag: &Tag) -> bool {
    let bytes = text.as_bytes();
    let before = part(text, 0..tag.range.start).trim_end_matches(['"', '\'', '(', '`']);
    let worded = before.ends_with(' ')
        && before.trim_end().ends_with(|c: char| c.is_alphanumeric() || matches!(c, ',' | ':'));
    let after = at(bytes, tag.range.end);
    tag.attributes.is_empty()
        && (worded
            && (matches!(after, b' ' | b',' | b'.' | b')' | b'"' | b'\'' | b'`' | b'?' | b'/')
                || tag.range.end >= bytes.len())
            || tag.range.start == 0
                && after == b' '
                && at(bytes, tag.range.end + 1).is_ascii_lowercase()
                && !part(text, tag.range.end..text.len()).contains(['(', '<', '=']))
}

fn judge_attribute(
    tag: &Tag,
    attribute: &markup::Attribute,
    value: &str,
    strict: bool,
) -> Option<&'static Rule> {
    let name = attribute.name.as_str();
    let trimmed = value.trim();
    let event = name
        .strip_prefix("on")
        .or_else(|| name.rsplit(':').next().and_then(|local| local.strip_prefix("on")));
    if let Some(event) = event
        && event.len() >= 3
        && event.bytes().take(3).all(|byte| byte.is_ascii_alphabetic())
        && !NO_HANDLERS.contains(&name)
        && !trimmed.is_empty()
        && !trimmed.starts_with('{')
        && !(attribute.camel && (trimmed.starts_with('{') || trimmed.starts_with('\\')))
        && (!strict || shows_payload(value))
    {
        return Some(&HANDLER);
    }
    let url = squeezed(value);
    if runs_as_url(&url, tag, strict)
        && (URLS.contains(&name)
            || url.contains('(')
            || url.contains("javascript:")
            || url.starts_with("data:"))
        && (!strict || shows_payload(value) || url.starts_with("data:"))
    {
        return Some(&SCRIPT_URL);
    }
    if name == "srcdoc" && value.contains(['<', '&']) && (!strict || shows_payload(value)) {
        return Some(&SCRIPT);
    }
    if name == "style" && dangerous_style(&url) && (!strict || shows_payload(value)) {
        return Some(&STYLE);
    }
    None
}

/// Whether a URL, squeezed, runs as script or as a document of its own.
fn runs_as_url(url: &str, tag: &Tag, strict: bool) -> bool {
    const SCHEMES: &[&str] = &[
        "javascript:",
        "vbscript:",
        "livescript:",
        "mocha:",
        "jscript:",
        "vbs:",
        "feed:javascript:",
        "view-source:javascript:",
        "x-javascript:",
    ];
    let scheme = |url: &str| SCHEMES.iter().any(|scheme| url.starts_with(scheme));
    let harmless = matches!(
        url,
        "javascript:"
            | "javascript:;"
            | "javascript:void(0)"
            | "javascript:void(0);"
            | "javascript:void0"
            | "javascript://"
    );
    if scheme(url) {
        return !(harmless && strict);
    }
    // `0;url=javascript:…`, a list of values, a URL that only some parsers find.
    if [
        "=javascript:",
        ";javascript:",
        ",javascript:",
        "url(javascript:",
        "&javascript:",
        "'javascript:",
        "\"javascript:",
        "vbscript:",
        ">javascript:",
        "url=data:",
        "0;data:",
    ]
    .iter()
    .any(|inner| url.contains(inner))
    {
        return true;
    }
    if let Some(data) = url.strip_prefix("data:") {
        let kind = data.split([',', ';']).next().unwrap_or("");
        return data.contains("html")
            || data.contains("script")
            || kind.contains("svg")
            || kind.contains("xml")
            || matches!(
                tag.name.as_str(),
                "object" | "embed" | "iframe" | "script" | "a" | "form" | "math" | "button"
            ) && !kind.starts_with("image/")
                && !kind.starts_with("font/");
    }
    !strict && url.len() > 10 && url.contains("script:") && url.contains('(') && !url.contains("://")
}

/// Whether a style, squeezed, runs script or loads a document.
fn dangerous_style(style: &str) -> bool {
    [
        "expression(",
        "javascript:",
        "vbscript:",
        "-moz-binding",
        "behavior:",
        "behaviour:",
        "@import",
        "-o-link",
        "image(",
        "url(data:",
        "\\ja",
        "ession(",
        "htc(",
        "@\\",
        "progid:",
        "url(",
        "binding:",
        "[a]",
    ]
    .iter()
    .any(|sign| style.contains(sign))
}

/// Whether script shows a payload: a sink that is called, or a secret that is read.
fn shows_payload(script: &str) -> bool {
    let script = squeezed(script);
    [
        "alert(",
        "alert`",
        "confirm(",
        "confirm`",
        "prompt(",
        "prompt`",
        "eval(",
        "document.cookie",
        "string.fromcharcode",
        "alert&lpar;",
        "document.domain",
        "msgbox",
        "expression(",
        "\\u0061",
        "window.name",
        "atob(",
        "alert.call",
        "alert;",
        "=alert",
        "<script",
    ]
    .iter()
    .any(|sink| script.contains(sink))
}

fn foreign(url: &str) -> bool {
    let url = squeezed(url);
    url.starts_with("data:")
        || url.starts_with("//") && url.contains("xss")
        || url.starts_with("http") && url.contains("xss")
}

/// Declarations and instructions that load or include.
fn declaration(text: &str, index: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let end = (skip_most(bytes, index, 4_096, |byte| byte != b'>') + 1).min(bytes.len());
    let inner = squeezed(part(text, index..crate::text::cursor::floor(text, end)));
    let loads = has_word(bytes, index, "<!entity") && (inner.contains("system") || inner.contains("public"))
        || has_word(bytes, index, "<?xml-stylesheet")
        || has_word(bytes, index, "<?import")
        || has_word(bytes, index, "<!doctype") && (inner.contains("<!entity") || inner.contains("<!attlist"))
        || has_word(bytes, index, "<!--[if")
            && inner.contains("]>")
            && !inner.contains("endif")
            && find_word(bytes.get(..bytes.len().min(index + 4_096)).unwrap_or_default(), index, "<script")
                .is_some()
        || has_word(bytes, index, "<![cdata[") && inner.contains("script");
    loads.then(|| Hit::new(&DECLARATION, index..end, 0.7))
}

/// Script outside any tag: a handler that leaves an attribute, a string that is closed, a script URL.
fn loose(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64, strict: bool) {
    let text = glance.text;
    let bytes = text.as_bytes();
    let handlers = glance.has(b'=') && glance.may_pair(b'o', b'n');
    let urls = glance.has(b':') && glance.may_hold("script");
    let mut index = if handlers || urls { 0 } else { bytes.len() };
    let mut found = None;
    while index < bytes.len() {
        let start = skip(bytes, index, |byte| !byte.is_ascii_alphabetic());
        let end = skip(bytes, start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
        *steps += 1;
        if start >= bytes.len() {
            break;
        }
        index = end.max(start + 1);
        let telling = matches!(
            (at(bytes, start) | 0x20, at(bytes, start + 1) | 0x20),
            (b'o', b'n') | (b'j', b'a') | (b'v', b'b') | (b'l', b'i')
        );
        if end - start > 40 || end - start < 4 || !telling {
            continue;
        }
        let word = part(text, start..end).to_ascii_lowercase();
        let before = at(bytes, start.wrapping_sub(1));
        if EVENTS.has(&word)
            && matches!(
                before,
                b'"' | b'\''
                    | b' '
                    | b'/'
                    | b'`'
                    | b'\t'
                    | b'\n'
                    | b'\r'
                    | 0x0b
                    | 0x0c
                    | 0
                    | b'+'
                    | b';'
                    | b'>'
                    | b'<'
                    | b'\\'
            )
        {
            let sign = skip(bytes, end, |byte| byte <= b' ');
            let value = part(text, (sign + 1).min(text.len())..crate::text::cursor::floor(text, sign + 200));
            if at(bytes, sign) == b'='
                && at(bytes, sign + 1) != b'='
                && at(bytes, sign + 1) != b'>'
                && calls(value)
                && !value.trim_start().starts_with(['{', '('])
                && (!strict || shows_payload(value))
                && !is_assignment(text, start)
            {
                found = Some((&HANDLER, start, 0.85));
                break;
            }
        }
        if matches!(word.as_str(), "javascript" | "vbscript" | "livescript") {
            let sign = skip(bytes, end, |byte| byte <= b' ');
            let rest = part(text, sign..crate::text::cursor::floor(text, sign + 200));
            let rest = rest.trim_start_matches(['\\', '&', 'c', 'o', 'l', 'n', ';']);
            let code = rest.strip_prefix(':').unwrap_or("");
            if (at(bytes, sign) == b':') && runs(code) && (!strict || shows_payload(code)) {
                found = Some((&SCRIPT_URL, start, 0.85));
                break;
            }
        }
    }
    if found.is_none() && !strict && escapes(glance) {
        found = Some((&BREAKOUT, 0, 0.7));
    }
    if let Some((rule, start, sure)) = found {
        hits.push(Hit::new(rule, start..text.len().min(crate::text::cursor::floor(text, start + 512)), sure));
    }
}

/// `element.onclick = …` and `const onload = …` are assignments of ordinary code.
fn is_assignment(text: &str, start: usize) -> bool {
    let line = part(text, crate::text::cursor::ceil(text, start.saturating_sub(64))..start)
        .rsplit('\n')
        .next()
        .unwrap_or("")
        .trim_end();
    line.ends_with('.')
        || ["const", "let", "var", "function", "export", "static", "public", "private"]
            .iter()
            .any(|word| line.ends_with(word))
}

/// Whether a value calls something.
fn calls(value: &str) -> bool {
    let value = value.split(['\n', '>']).next().unwrap_or("");
    value.contains('(')
        || value.contains('`')
        || value.contains('=')
        || value.to_ascii_lowercase().contains("javascript:")
}

/// Whether what stands behind `javascript:` is code and not a title.
fn runs(code: &str) -> bool {
    let line = code.split('\n').next().unwrap_or("");
    let first = line.trim_start().bytes().next().unwrap_or(0);
    let spaced = line.starts_with(' ');
    let called = line.contains('(')
        || line.contains('`')
        || line.contains('=')
        || line.contains("//")
        || line.contains("/*");
    called && (!spaced || matches!(first, b'\\' | b'/' | b'(') || shows_payload(line)) || first == b'\\'
}

/// Whether a value closes a string or a bracket of script and calls a sink.
fn escapes(glance: &Glance<'_>) -> bool {
    let trimmed = glance.text.trim();
    if trimmed.len() > 2_000 || !glance.has_any(b"\"'`*\\()[]{}!+-") {
        return false;
    }
    let squeezed: String = squeezed(trimmed);
    let bytes = squeezed.as_bytes();
    // One of the first characters must leave something, or the text is nothing but the call.
    let quote = matches!(
        at(bytes, 0),
        b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'-' | b'+' | b'\\' | b';' | b'/' | b'*' | b'x' | b'>'
    );
    let breaks = || {
        [
            "\";", "';", "\"-", "'-", "\"+", "'+", "\"*", "'*", "\")", "')", "*/", "\\x3c", "\"}", "'}",
            "`;", "\",", "',", "\"|", "'|", "\"&", "'&",
        ]
        .iter()
        .any(|sign| squeezed.find(sign).is_some_and(|place| place < 24))
    };
    let ends = || {
        squeezed.ends_with("//")
            || squeezed.ends_with("-\"")
            || squeezed.ends_with("-'")
            || squeezed.ends_with("+'")
            || squeezed.ends_with("+\"")
            || squeezed.ends_with(";")
            || squeezed.ends_with("/*")
            || squeezed.ends_with(')')
            || squeezed.ends_with("<!--")
            || squeezed.ends_with('"')
            || squeezed.ends_with('\'')
    };
    let sinks = [
        "alert(",
        "alert`",
        "confirm(",
        "prompt(",
        "confirm`",
        "prompt`",
        "eval(",
        "document.cookie",
        "settimeout(",
        "document.location",
        "window[",
        "self[",
        "top[",
        "location=",
        "fromcharcode",
        "constructor(",
    ];
    let sink = || sinks.iter().any(|sink| squeezed.contains(sink));
    if quote && ends() && breaks() && sink() && trimmed.split_whitespace().count() <= 12 {
        return true;
    }
    // Brackets instead of dots hide a sink from a filter.
    let hidden = (squeezed.contains("[\"") || squeezed.contains("['") || squeezed.contains("*/\""))
        && squeezed.contains('(')
        && ["(self[", "(window[", "(top[", "(this[", "(globalthis[", "(frames[", "(parent["]
            .iter()
            .any(|object| squeezed.contains(object) || squeezed.starts_with(object.trim_start_matches('(')));
    // `[][(![]+[])[+[]]…` is script written in brackets alone.
    let brackets = bytes.len() > 20
        && bytes
            .iter()
            .filter(|byte| matches!(byte, b'[' | b']' | b'(' | b')' | b'!' | b'+' | b'{' | b'}'))
            .count()
            * 10
            >= bytes.len() * 9;
    // The whole text is one call, or script in UTF-7.
    let call =
        ["alert(", "prompt(", "confirm(", "eval(", "atob("].iter().any(|sink| squeezed.starts_with(sink))
            && squeezed.ends_with(')')
            && !trimmed.contains('\n');
    hidden || brackets || call || squeezed.contains("adw-script")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::rules;

    fn found(text: &str) -> Option<&'static str> {
        rules(detect, text).next()
    }

    #[test]
    fn the_events_are_in_order() {
        assert!(EVENTS.is_sorted());
    }

    #[test]
    fn markup_that_runs_is_found() {
        assert_eq!(found("<script>alert(1)</script>"), Some("xss.script_element"));
        assert_eq!(found("<img/src=x onerror=alert(1)>"), Some("xss.event_handler"));
        assert_eq!(found("<a href=\"java\tscript:alert(1)\">x</a>"), Some("xss.script_url"));
        assert_eq!(found("<div style=\"width:expression(alert(1))\">"), Some("xss.style"));
        assert_eq!(found("<iframe src=//x>"), Some("xss.loading_element"));
        assert_eq!(found("\" onmouseover=alert(1) x=\""), Some("xss.event_handler"));
        assert_eq!(found("\";alert(1)//"), Some("xss.breakout"));
        assert_eq!(found("javascript:alert(1)"), Some("xss.script_url"));
        assert_eq!(found("<scr\0ipt>x()</script>"), Some("xss.script_element"));
    }

    #[test]
    fn markup_and_code_of_everyday_are_left_alone() {
        for text in [
            "<b>bold</b> and <a href=\"https://example.org\">a link</a>",
            "put it in a <script> tag, please",
            "<Button onClick={save}>Save</Button>",
            "if (a < b && c > d) return",
            "Vec<String> and Map<K, V>",
            "JavaScript: Basics of the language",
            "button.onclick = () => save()",
            "I <3 this",
            "<table width=\"99%\" border=\"0\">",
            "document.cookie is readable there",
            "console.log('done');",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
