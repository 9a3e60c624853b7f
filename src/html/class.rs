//! What tree construction makes of an element, by its name (§13.2.6 of the HTML standard), as far as it goes without a
//! tree.

/// How an element takes part in tree construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// No rule of its own.
    Ordinary,
    /// Opened again by the adoption agency if it is misnested.
    Formatting,
    Anchor,
    /// Closes an open `p`.
    Block,
    /// A list: a block below which `li` starts anew.
    List,
    /// `dl`: a block below which `dt` and `dd` start anew.
    Definitions,
    Heading,
    Paragraph,
    Preformatted,
    Item,
    Definition,
    Void,
    /// `hr`: void, and closes an open `p`.
    Rule,
    Table,
    /// `thead`, `tbody`, `tfoot`.
    Rows,
    Row,
    Cell,
    Caption,
    Columns,
    Column,
    /// `script` and `style`: their text is not markup.
    Raw,
    /// More than this pass knows.
    Beyond,
}

/// The class of an element of HTML.
pub(super) fn class_of(name: &str) -> Class {
    match name {
        "b" | "big" | "code" | "em" | "font" | "i" | "s" | "small" | "strike" | "strong" | "tt" | "u" => {
            Class::Formatting
        }
        "a" => Class::Anchor,
        "address" | "article" | "aside" | "blockquote" | "center" | "details" | "dialog" | "div"
        | "fieldset" | "figcaption" | "figure" | "footer" | "header" | "hgroup" | "main" | "nav"
        | "search" | "section" | "summary" => Class::Block,
        "ul" | "ol" | "menu" | "dir" => Class::List,
        "dl" => Class::Definitions,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Class::Heading,
        "p" => Class::Paragraph,
        "pre" => Class::Preformatted,
        "li" => Class::Item,
        "dd" | "dt" => Class::Definition,
        "br" | "img" | "wbr" | "source" | "input" | "area" => Class::Void,
        "hr" => Class::Rule,
        "table" => Class::Table,
        "thead" | "tbody" | "tfoot" => Class::Rows,
        "tr" => Class::Row,
        "td" | "th" => Class::Cell,
        "caption" => Class::Caption,
        "colgroup" => Class::Columns,
        "col" => Class::Column,
        "script" | "style" => Class::Raw,
        _ if BEYOND.contains(&name) => Class::Beyond,
        // The name of foreign content on an element of HTML: the tree has a rule about it.
        _ if super::foreign::is_foreign_only(name) => Class::Beyond,
        _ => Class::Ordinary,
    }
}

/// Every name that has a rule of its own.
#[rustfmt::skip]
pub(super) const SPECIAL: &[&str] = &[
    "a", "address", "area", "article", "aside", "b", "big", "blockquote", "br", "caption", "center", "code", "col",
    "colgroup", "dd", "details", "dialog", "dir", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure", "font",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "i", "img", "input", "li", "main", "menu",
    "nav", "ol", "p", "pre", "s", "script", "search", "section", "small", "source", "strike", "strong", "style",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "wbr",
];

/// Names whose rules are left to the tree.
#[rustfmt::skip]
pub(super) const BEYOND: &[&str] = &[
    "applet", "base", "basefont", "bgsound", "body", "button", "embed", "form", "frame", "frameset", "head", "html",
    "iframe", "image", "isindex", "keygen", "link", "listing", "marquee", "math", "meta", "nobr", "noembed", "noframes",
    "noscript", "object", "optgroup", "option", "param", "plaintext", "rb", "rp", "rt", "rtc", "select",
    "selectedcontent", "svg", "template", "textarea", "title", "track", "xmp",
];
