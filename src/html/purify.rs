//! DOMPurify's options, turned into a policy.
//!
//! Names and defaults are DOMPurify's. What needs a DOM or calls back is refused by name, and so is what would let
//! code run: nothing is ignored. Expressions are translated to linear-time ones.

use super::names::Names;
use super::policy::{Kind, Policy};
use super::purify_default as names;
use super::regexp;
use super::url::Verdict;
use crate::collect::gather;
use crate::error::{Error, ErrorCode, Result};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The options of `DOMPurify.sanitize(dirty, options)` that need no DOM.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields are DOMPurify's options, described in its README")]
pub struct PurifyOptions {
    pub allowed_tags: Option<Vec<String>>,
    pub allowed_attr: Option<Vec<String>>,
    pub add_tags: Vec<String>,
    pub add_attr: Vec<String>,
    pub forbid_tags: Vec<String>,
    pub forbid_attr: Vec<String>,
    pub forbid_contents: Option<Vec<String>>,
    pub add_forbid_contents: Vec<String>,
    pub use_profiles: Option<UseProfiles>,
    pub allow_data_attr: Option<bool>,
    pub allow_aria_attr: Option<bool>,
    pub allowed_uri_regexp: Option<Expression>,
    pub allow_unknown_protocols: bool,
    pub add_uri_safe_attr: Vec<String>,
    pub add_data_uri_tags: Vec<String>,
    pub keep_content: Option<bool>,
    pub safe_for_templates: bool,
    pub safe_for_xml: Option<bool>,
    pub sanitize_dom: Option<bool>,
    pub sanitize_named_props: bool,
    pub custom_element_handling: Option<CustomElements>,
    pub force_body: bool,
}

/// `USE_PROFILES`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields are DOMPurify's options, described in its README")]
pub struct UseProfiles {
    pub html: bool,
    pub svg: bool,
    pub svg_filters: bool,
    pub math_ml: bool,
}

/// `CUSTOM_ELEMENT_HANDLING`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields are DOMPurify's options, described in its README")]
pub struct CustomElements {
    pub tag_name_check: Option<Expression>,
    pub attribute_name_check: Option<Expression>,
    pub allow_customized_built_in_elements: bool,
}

/// A regular expression of JavaScript.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expression {
    /// Its source.
    pub source: String,
    /// Its flags.
    #[serde(default)]
    pub flags: String,
}

/// What of the options is asked for each element and attribute.
#[derive(Clone, Debug)]
pub(super) struct Purify {
    /// The attributes that any element may have, and whether each is safe from being a URL.
    attributes: Names<bool>,
    data_tags: BTreeSet<String>,
    allowed_uri: Regex,
    unknown_protocols: bool,
    data: bool,
    aria: bool,
    templates: bool,
    xml: bool,
    dom: bool,
    named: bool,
    forbidden: BTreeSet<String>,
    custom_tag: Option<Regex>,
    custom_attribute: Option<Regex>,
    custom_built_in: bool,
    /// Whether what a document would have in its head goes, as DOMPurify parses one.
    pub(super) headless: bool,
    /// Whether text stays: it does not if only listed things stay and text is not listed.
    pub(super) text: bool,
}

/// What runs or loads a document when it is allowed, whatever its attributes say.
const RUNS: &[&str] = &[
    "script",
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "applet",
    "base",
    "meta",
    "link",
    "animate",
    "animatemotion",
    "animatetransform",
    "animatecolor",
    "set",
    "discard",
    "portal",
    "fencedframe",
];

/// A value that is no URL, or one of a scheme that runs nothing: DOMPurify's own rule, which allows what begins with
/// another character than a letter, or has no colon behind its first word.
const ALLOWED_URI: &str =
    r"(?i)^(?:(?:(?:f|ht)tps?|mailto|tel|callto|sms|cid|xmpp|matrix):|[^a-z]|[a-z+.\-]+(?:[^a-z+.\-:]|$))";

const PREFIX: &str = "user-content-";

impl PurifyOptions {
    /// Checks the options and compiles them.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigUnsupported`] for what would run code and for expressions that cannot be translated.
    pub(super) fn compile(self) -> Result<Policy> {
        let lower =
            |names: &[String]| gather::<_, BTreeSet<_>>(names.iter().map(|name| name.to_ascii_lowercase()));
        let listed =
            |names: &[&str]| gather::<_, BTreeSet<_>>(names.iter().map(|name| name.to_ascii_lowercase()));
        let given =
            lower(&self.add_tags).into_iter().chain(lower(self.allowed_tags.as_deref().unwrap_or(&[])));
        if given.into_iter().any(|name| RUNS.contains(&name.as_str())) {
            return unsupported(
                "html: elements that run code or load a document cannot be allowed; put them in after sanitizing",
            );
        }
        let given =
            lower(&self.add_attr).into_iter().chain(lower(self.allowed_attr.as_deref().unwrap_or(&[])));
        if given.into_iter().any(|name| name.starts_with("on") || name == "srcdoc") {
            return unsupported(
                "html: attributes that hold code cannot be allowed; add listeners after sanitizing",
            );
        }
        let keep_content = self.keep_content.unwrap_or(true);
        let profiles = self.use_profiles.unwrap_or(UseProfiles {
            html: true,
            svg: true,
            svg_filters: true,
            math_ml: true,
        });
        let mut tags = BTreeSet::new();
        let mut attributes = BTreeSet::new();
        for (on, of_tags, of_attributes, of_xml) in [
            (profiles.html, names::HTML_TAGS, names::HTML_ATTRIBUTES, &[][..]),
            (profiles.svg, names::SVG_TAGS, names::SVG_ATTRIBUTES, names::XML_ATTRIBUTES),
            (profiles.svg_filters, names::SVG_FILTER_TAGS, names::SVG_ATTRIBUTES, names::XML_ATTRIBUTES),
            (profiles.math_ml, names::MATHML_TAGS, names::MATHML_ATTRIBUTES, names::XML_ATTRIBUTES),
        ] {
            if on {
                tags.extend(listed(of_tags));
                attributes.extend(listed(of_attributes));
                attributes.extend(listed(of_xml));
            }
        }
        let mut text = true;
        if self.use_profiles.is_none() {
            if let Some(allowed) = &self.allowed_tags {
                tags = lower(allowed);
                text = keep_content || tags.contains("#text");
            }
            if let Some(allowed) = &self.allowed_attr {
                attributes = lower(allowed);
            }
        }
        tags.extend(lower(&self.add_tags));
        attributes.extend(lower(&self.add_attr));
        if tags.contains("table") {
            tags.insert("tbody".to_owned());
        }
        let forbidden_tags = lower(&self.forbid_tags);
        text &= !forbidden_tags.contains("#text");
        tags.retain(|tag| !tag.starts_with('#') && (!forbidden_tags.contains(tag) || tag == "tbody"));
        let forbidden = lower(&self.forbid_attr);
        attributes.retain(|attribute| !forbidden.contains(attribute));
        let mut contents =
            self.forbid_contents.as_deref().map_or_else(|| listed(names::FORBIDDEN_CONTENTS), lower);
        contents.extend(lower(&self.add_forbid_contents));
        let mut safe = listed(names::URI_SAFE_ATTRIBUTES);
        safe.extend(lower(&self.add_uri_safe_attr));
        let mut data_tags = listed(names::DATA_URI_TAGS);
        data_tags.extend(lower(&self.add_data_uri_tags));

        let custom = self.custom_element_handling.unwrap_or_default();
        let allowed_uri = match &self.allowed_uri_regexp {
            Some(expression) => regexp::translate(expression)?,
            None => Regex::new(ALLOWED_URI)
                .map_err(|_| Error::config("html: the expression for URLs does not compile"))?,
        };
        let purify = Purify {
            attributes: Names::new(attributes.into_iter().map(|name| {
                let safe = safe.contains(&name);
                (name, safe)
            })),
            data_tags,
            allowed_uri,
            unknown_protocols: self.allow_unknown_protocols,
            data: self.allow_data_attr.unwrap_or(true) && !self.safe_for_templates,
            aria: self.allow_aria_attr.unwrap_or(true),
            templates: self.safe_for_templates,
            xml: self.safe_for_xml.unwrap_or(true),
            dom: self.sanitize_dom.unwrap_or(true),
            named: self.sanitize_named_props,
            forbidden,
            custom_tag: custom.tag_name_check.as_ref().map(regexp::translate).transpose()?,
            custom_attribute: custom.attribute_name_check.as_ref().map(regexp::translate).transpose()?,
            custom_built_in: custom.allow_customized_built_in_elements,
            headless: !self.force_body,
            text,
        };
        Ok(Policy::of(tags, contents, keep_content, purify))
    }
}

/// Elements that a parser of documents puts into the head as long as there is no body.
pub(super) const HEAD: &[&str] = &[
    "base", "basefont", "bgsound", "link", "meta", "noframes", "noscript", "script", "style", "template",
    "title",
];

impl Purify {
    /// Whether markup may begin with something that a parser of documents would not put into the body.
    pub(super) fn may_have_head(&self, html: &str) -> bool {
        let rest = html.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let name = |rest: &str| {
            let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
            name.is_empty() || HEAD.iter().any(|head| head.eq_ignore_ascii_case(name))
        };
        self.headless && rest.strip_prefix('<').is_some_and(name)
    }

    /// Whether the straight way may be taken: it knows nothing of templates and of text that goes.
    pub(super) const fn goes_straight(&self) -> bool {
        self.text && !self.templates
    }

    /// Whether an element that is not listed stays as a custom element.
    pub(super) fn is_custom(&self, tag: &str) -> bool {
        self.custom_tag.as_ref().is_some_and(|check| is_custom_name(tag) && check.is_match(tag))
    }

    /// What kind of value an attribute has, if it may stay.
    pub(super) fn kind(&self, tag: &str, name: &str) -> Option<Kind> {
        let data = matches!(name, "src" | "href" | "xlink:href") && self.data_tags.contains(tag);
        let trimmed = name != "value";
        let of = |safe| Some(Kind::Checked { safe, data, named: matches!(name, "id" | "name"), trimmed });
        if let Some(safe) = self.attributes.get(name) {
            return of(*safe);
        }
        if self.forbidden.contains(name) || name.starts_with("on") || name == "srcdoc" {
            return None;
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let tail = |prefix| name.strip_prefix(prefix).filter(|tail: &&str| !tail.is_empty());
        if self.data
            && tail("data-").is_some_and(|tail| tail.chars().all(|c| word(c) || c == '.' || c >= '\u{b7}'))
        {
            return of(true);
        }
        if self.aria && tail("aria-").is_some_and(|tail| tail.chars().all(word)) {
            return of(true);
        }
        let custom =
            self.is_custom(tag) && self.custom_attribute.as_ref().is_some_and(|check| check.is_match(name));
        if custom || (name == "is" && self.custom_built_in && self.custom_tag.is_some()) {
            return of(true);
        }
        None
    }

    /// What happens to the value of an attribute that may stay.
    #[inline(never)]
    pub(super) fn judge(&self, safe: bool, data: bool, named: bool, trimmed: bool, value: &str) -> Verdict {
        // JavaScript's `trim`. Where an expression was taken out, space stays that a second trim would take.
        let kept = if trimmed && !self.templates {
            value.trim_matches(|c: char| c.is_whitespace() && c != '\u{85}' || c == '\u{feff}')
        } else {
            value
        };
        let stripped = self.templates.then(|| strip_templates(kept));
        let mut now = stripped.as_deref().unwrap_or(kept);
        let prefixed;
        if named && self.named && !now.starts_with(PREFIX) {
            prefixed = format!("{PREFIX}{now}");
            now = &prefixed;
        }
        if self.xml && ends_something(now) {
            return Verdict::Drop("the value holds the end of something");
        }
        if named && self.dom && names::CLOBBERABLE.binary_search(&now).is_ok() {
            return Verdict::Drop("the name would shadow a property of the page");
        }
        if !safe {
            let space = |c: char| {
                c <= ' '
                    || matches!(
                        c,
                        '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'
                            ..='\u{2029}' | '\u{205f}' | '\u{3000}'
                    )
            };
            let compact: String = now.chars().filter(|c| !space(*c)).collect();
            let other = self.unknown_protocols && !is_script_or_data(&compact);
            let allowed = self.allowed_uri.is_match(&compact) || (data && now.starts_with("data:")) || other;
            if !allowed && !now.is_empty() {
                return Verdict::Drop("the URL is not allowed");
            }
        }
        if now == value { Verdict::Keep } else { Verdict::Change(now.to_owned()) }
    }

    /// Text without template expressions, if they are taken out.
    pub(super) fn text<'t>(&self, text: &'t str) -> std::borrow::Cow<'t, str> {
        if self.templates { strip_templates(text).into() } else { text.into() }
    }
}

fn unsupported<T>(message: &'static str) -> Result<T> {
    Err(Error::new(ErrorCode::ConfigUnsupported, message))
}

fn is_custom_name(tag: &str) -> bool {
    const RESERVED: &[&str] = &[
        "annotation-xml",
        "color-profile",
        "font-face",
        "font-face-format",
        "font-face-name",
        "font-face-src",
        "font-face-uri",
        "missing-glyph",
    ];
    let word = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
    };
    tag.starts_with(|c: char| c.is_ascii_alphabetic())
        && tag.contains('-')
        && tag.split('-').all(word)
        && !RESERVED.contains(&tag)
}

/// `javascript:`, `vbscript:` and their like, and `data:`.
fn is_script_or_data(value: &str) -> bool {
    value.split_once(':').is_some_and(|(scheme, _)| {
        let scheme = scheme.to_ascii_lowercase();
        let word = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        scheme == "data" || (word && scheme.len() > 6 && scheme.ends_with("script"))
    })
}

/// Whether a value holds the end of a comment or of raw text, which another parser might see.
fn ends_something(value: &str) -> bool {
    if !value.contains('>') && !value.contains("</") {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    ["-->", "--!>", "]>"].iter().any(|end| lower.contains(end))
        || lower.match_indices("</").any(|(at, _)| {
            let rest = lower.get(at + 2..).unwrap_or("");
            ["style", "script", "title", "xmp", "textarea", "noscript", "iframe", "noembed", "noframes"]
                .iter()
                .any(|name| rest.starts_with(name))
        })
}

/// Takes `{{ }}`, `<% %>` and `${ }` out, with all that might belong to them.
fn strip_templates(text: &str) -> String {
    let before = |text: &str, open: &str| match text.find(open) {
        Some(at) => format!("{} ", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    };
    let around = |text: &str, open: &str, close: &str| match text.rfind(close) {
        Some(at) if !text.starts_with(open) => {
            format!(" {}", before(text.get(at + close.len()..).unwrap_or(""), open))
        }
        _ => before(text, open),
    };
    before(&around(&around(text, "{{", "}}"), "<%", "%>"), "${")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::run::Rules;

    fn purify(options: &str, html: &str) -> std::result::Result<String, ErrorCode> {
        let options: PurifyOptions = serde_json::from_str(options).unwrap();
        let policy = options.compile().map_err(|error| error.code())?;
        Ok(Rules::Profile(Box::new(policy)).run(html, None).map_err(|error| error.code())?.0)
    }

    #[test]
    fn defaults_are_those_of_dompurify() {
        for (html, clean) in [
            ("<img src=x onerror=alert(1)//>", "<img src=\"x\">"),
            ("<svg><g/onload=alert(2)//<p>", "<svg><g></g></svg>"),
            ("<p>abc<iframe//src=jAva&Tab;script:alert(3)>def</p>", "<p>abc</p>"),
            (
                "<UL><li><A HREF=//google.com>click</UL>",
                "<ul><li><a href=\"//google.com\">click</a></li></ul>",
            ),
            ("<custom-x>y</custom-x>", "y"),
            ("<form id=f><input name=attributes></form>", "<form id=\"f\"><input></form>"),
            (
                "<a href=\"javascript:x\" data-a=b aria-b=c title=\"--&gt;\">z</a>",
                "<a aria-b=\"c\" data-a=\"b\">z</a>",
            ),
            (
                "<p style=\"color:red\" class=x id=y>z</p>",
                "<p style=\"color:red\" class=\"x\" id=\"y\">z</p>",
            ),
            ("<math><mi>x</mi></math>", "<math><mi>x</mi></math>"),
        ] {
            let mine = purify("{}", html).unwrap();
            let sorted = |html: &str| {
                let mut parts: Vec<_> = html.split([' ', '>']).map(str::to_owned).collect();
                parts.sort();
                parts
            };
            assert_eq!(sorted(&mine), sorted(clean), "{html} -> {mine}");
        }
    }

    #[test]
    fn options_do_what_they_say() {
        for (options, html, clean) in [
            (r#"{"ALLOWED_TAGS":["b"]}"#, "<b><i>x</i></b>", "<b>x</b>"),
            (r#"{"ALLOWED_TAGS":["b"],"KEEP_CONTENT":false}"#, "a<b>x<i>y</i></b>", "<b></b>"),
            (r##"{"ALLOWED_TAGS":["b","#text"],"KEEP_CONTENT":false}"##, "a<b>x<i>y</i></b>", "a<b>x</b>"),
            (r#"{"FORBID_TAGS":["b"]}"#, "<b>x</b>", "x"),
            (r#"{"FORBID_TAGS":["b"],"ADD_FORBID_CONTENTS":["b"]}"#, "<b>x</b>y", "y"),
            (r#"{"FORBID_ATTR":["title"]}"#, "<b title=x>y</b>", "<b>y</b>"),
            (
                r#"{"ALLOWED_ATTR":["title"]}"#,
                "<b title=x class=y data-z=1>y</b>",
                "<b title=\"x\" data-z=\"1\">y</b>",
            ),
            (r#"{"ALLOW_DATA_ATTR":false}"#, "<b data-z=1>y</b>", "<b>y</b>"),
            (r#"{"ALLOW_UNKNOWN_PROTOCOLS":true}"#, "<a href=foo:x>y</a>", "<a href=\"foo:x\">y</a>"),
            (
                r#"{"ALLOWED_URI_REGEXP":{"source":"^https:","flags":"i"}}"#,
                "<a href=http:x>y</a><a href=HTTPS:x>y</a>",
                "<a>y</a><a href=\"HTTPS:x\">y</a>",
            ),
            (r#"{"USE_PROFILES":{"html":true}}"#, "<b>x</b><svg><g></g></svg>", "<b>x</b>"),
            (r#"{"SANITIZE_NAMED_PROPS":true}"#, "<b id=cookie>x</b>", "<b id=\"user-content-cookie\">x</b>"),
            (
                r#"{"SAFE_FOR_TEMPLATES":true}"#,
                "<b title='a{{b}}'>x{{y}}z ${w}</b>",
                "<b title=\" \"> z  </b>",
            ),
            (
                r#"{"ADD_TAGS":["x-y"],"ADD_ATTR":["foo"]}"#,
                "<x-y foo=bar>z</x-y>",
                "<x-y foo=\"bar\">z</x-y>",
            ),
            (
                r#"{"CUSTOM_ELEMENT_HANDLING":{"tagNameCheck":{"source":"^x-"},"attributeNameCheck":{"source":"^k"}}}"#,
                "<x-y k=1 l=2>z</x-y><y-x>w</y-x>",
                "<x-y k=\"1\">z</x-y>w",
            ),
        ] {
            assert_eq!(purify(options, html).as_deref(), Ok(clean), "{options} {html}");
        }
    }

    #[test]
    fn what_would_run_or_cannot_be_translated_is_refused() {
        for options in [
            r#"{"ADD_TAGS":["iframe"]}"#,
            r#"{"ALLOWED_TAGS":["SCRIPT"]}"#,
            r#"{"ADD_ATTR":["onclick"]}"#,
            r#"{"ALLOWED_URI_REGEXP":{"source":"^(?!javascript:)"}}"#,
            r#"{"ALLOWED_URI_REGEXP":{"source":"(a)\\1"}}"#,
        ] {
            assert_eq!(purify(options, "x"), Err(ErrorCode::ConfigUnsupported), "{options}");
        }
    }

    #[test]
    fn the_lists_are_in_order() {
        assert!(names::CLOBBERABLE.is_sorted());
    }
}
