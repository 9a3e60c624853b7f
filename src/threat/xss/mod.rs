//! Cross-site scripting: markup that would run, found by tokenizing it and not by looking for tags.
//!
//! Four places are judged: elements that run or load, attributes that are handlers or URLs or styles, values
//! that break out of an attribute or a script string they are put into, and script that stands by itself.

mod loose;
mod markup;
mod payload;
mod words;

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, find_byte, find_word, floor, has_word, is_word, part, skip_most};
use crate::text::glance::Glance;
use loose::loose;
use markup::{Tag, squeezed};
use payload::{dangerous_style, foreign, runs_as_url, shows_payload};
use words::{LOADING, NO_HANDLERS, RUNNING, URLS};

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

/// How many times its length a text may be read because of tags inside tags.
const REREAD: usize = 16;

/// The longest style that is looked through, in bytes.
const MAX_STYLE: usize = 4_096;

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
    // Tags inside tags are read again, but not for ever.
    let mut again = REREAD * bytes.len();
    while let Some(index) = find_byte(bytes, from, b'<') {
        from = index + 1;
        if let Some(tag) = markup::tag(text, index) {
            *steps += tag.range.len() as u64;
            if let Some((hit, end)) = judge_tag(text, &tag, &mut open, strict) {
                from = end.max(from);
                hits.push(hit);
            } else {
                // A tag inside an unclosed value is read again only from the next `<` on.
                from = match again.checked_sub(tag.range.len()) {
                    Some(left) => {
                        again = left;
                        next_open(bytes, index, &tag)
                    }
                    None => tag.range.end.max(index + 1),
                };
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
            let body = part(text, tag.range.end..floor(text, end.min(tag.range.end + MAX_STYLE)));
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

/// Declarations and instructions that load or include.
fn declaration(text: &str, index: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let known = ["<!entity", "<?xml-stylesheet", "<?import", "<!doctype", "<!--[if", "<![cdata["];
    if !known.iter().any(|word| has_word(bytes, index, word)) {
        return None;
    }
    let end = (skip_most(bytes, index, 4_096, |byte| byte != b'>') + 1).min(bytes.len());
    let inner = squeezed(part(text, index..floor(text, end)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::rules;

    fn found(text: &str) -> Option<&'static str> {
        rules(detect, text).next()
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
