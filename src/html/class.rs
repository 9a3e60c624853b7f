//! What tree construction makes of an element, by its name (§13.2.6 of the HTML standard), as far as it goes without a
//! tree.

use super::names::Names;

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

/// The elements of HTML by their class. Of the ordinary ones those that are much in use: it spares a look at the names
/// of foreign content.
#[rustfmt::skip]
const CLASSES: &[(Class, &[&str])] = &[
    (Class::Ordinary, &[
        "abbr", "audio", "bdi", "bdo", "cite", "data", "datalist", "del", "dfn", "ins", "kbd", "label", "legend",
        "mark", "meter", "output", "picture", "progress", "q", "ruby", "samp", "span", "sub", "sup", "time", "var",
        "video",
    ]),
    (Class::Formatting, &["b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"]),
    (Class::Anchor, &["a"]),
    (Class::Block, &[
        "address", "article", "aside", "blockquote", "center", "details", "dialog", "div", "fieldset", "figcaption",
        "figure", "footer", "header", "hgroup", "main", "nav", "search", "section", "summary",
    ]),
    (Class::List, &["dir", "menu", "ol", "ul"]),
    (Class::Definitions, &["dl"]),
    (Class::Heading, &["h1", "h2", "h3", "h4", "h5", "h6"]),
    (Class::Paragraph, &["p"]),
    (Class::Preformatted, &["pre"]),
    (Class::Item, &["li"]),
    (Class::Definition, &["dd", "dt"]),
    (Class::Void, &["area", "br", "img", "input", "source", "wbr"]),
    (Class::Rule, &["hr"]),
    (Class::Table, &["table"]),
    (Class::Rows, &["tbody", "tfoot", "thead"]),
    (Class::Row, &["tr"]),
    (Class::Cell, &["td", "th"]),
    (Class::Caption, &["caption"]),
    (Class::Columns, &["colgroup"]),
    (Class::Column, &["col"]),
    (Class::Raw, &["script", "style"]),
    (Class::Beyond, &[
        "applet", "base", "basefont", "bgsound", "body", "button", "embed", "form", "frame", "frameset", "head",
        "html", "iframe", "image", "isindex", "keygen", "link", "listing", "marquee", "math", "meta", "nobr",
        "noembed", "noframes", "noscript", "object", "optgroup", "option", "param", "plaintext", "rb", "rp", "rt",
        "rtc", "select", "selectedcontent", "svg", "template", "textarea", "title", "track", "xmp",
    ]),
];

thread_local! {
    // Not a lock, which calls its maker by a pointer: the core would load its other half for it.
    static BY_NAME: Names<Class> = {
        let mut table = Names::with_room(CLASSES.iter().map(|(_, names)| names.len()).sum());
        for (class, names) in CLASSES {
            for name in *names {
                table.put(*name, *class);
            }
        }
        table
    };
}

/// The class of an element of HTML.
pub(super) fn class_of(name: &str) -> Class {
    match BY_NAME.with(|by_name| by_name.get(name).copied()) {
        Some(class) => class,
        // The name of foreign content on an element of HTML: the tree has a rule about it.
        None if super::foreign::is_foreign_only(name) => Class::Beyond,
        None => Class::Ordinary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::foreign::is_foreign_only;

    #[test]
    fn every_name_has_one_class_and_no_ordinary_one_is_foreign() {
        let listed = CLASSES.iter().map(|(_, names)| names.len()).sum::<usize>();
        BY_NAME.with(|by_name| {
            assert_eq!(by_name.iter().count(), listed);
            assert!(by_name.iter().all(|(name, class)| *class != Class::Ordinary || !is_foreign_only(name)));
        });
        assert_eq!(
            ["th", "x-y", "circle", "mi", "span"].map(class_of),
            [Class::Cell, Class::Ordinary, Class::Beyond, Class::Beyond, Class::Ordinary]
        );
    }
}
