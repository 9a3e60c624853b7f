//! The straight way against the tree.

use crate::html::policy::Policy;
use crate::html::report::Report;
use crate::html::run::Rules;
use crate::html::{Options, Profile};
use proptest::prelude::*;

/// Markup as people write it: nested, with the end tags that may be left out sometimes left out.
fn markup() -> impl Strategy<Value = String> {
    let text = prop::sample::select(vec![
        "x",
        " ",
        "\n",
        "a b",
        "1 &lt; 2",
        "&amp;",
        "<!-- c -->",
        "é",
        "&nbsp;",
        "<",
        "",
    ]);
    let attribute = prop::sample::select(vec![
        "",
        "",
        " class=a",
        " id='b'",
        " href=\"https://e.example/?a&amp;b\"",
        " href=#c",
        " style='color:red'",
        " title=\"a>b\"",
        " onclick=x",
        " a=1 a=2 title=1 title=2",
        " checked",
        " src=p.png alt=''",
    ]);
    let leaf = prop_oneof![
        3 => text.prop_map(str::to_owned),
        1 => (prop::sample::select(vec!["br", "img", "hr", "input", "wbr"]), attribute.clone())
            .prop_map(|(name, attribute)| format!("<{name}{attribute}>")),
        1 => Just("<script>if (a < b) x();</script>".to_owned()),
    ];
    let name = prop::sample::select(vec![
        "p",
        "div",
        "span",
        "b",
        "i",
        "a",
        "code",
        "em",
        "ul",
        "ol",
        "li",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tr",
        "tr",
        "td",
        "td",
        "th",
        "caption",
        "h1",
        "h2",
        "pre",
        "blockquote",
        "section",
        "details",
        "summary",
        "unknown",
        "center",
        "font",
        "video",
        "colgroup",
        "main",
        "abbr",
        "path",
        "button",
    ]);
    leaf.prop_recursive(6, 40, 5, move |inner| {
        (name.clone(), attribute.clone(), prop::collection::vec(inner, 0..5), prop::bool::weighted(0.9))
            .prop_map(|(name, attribute, children, closed)| {
                let end = if closed { format!("</{name}>") } else { String::new() };
                format!("<{name}{attribute}>{}{end}", children.concat())
            })
    })
}

/// A table as people write it: random nesting hardly ever makes one.
fn table() -> impl Strategy<Value = String> {
    let cell = (prop::sample::select(vec!["td", "th"]), markup(), any::<bool>()).prop_map(
        |(name, inner, closed)| {
            format!("<{name}>{inner}{}", if closed { format!("</{name}>") } else { String::new() })
        },
    );
    let row = (prop::collection::vec(cell, 0..4), any::<bool>())
        .prop_map(|(cells, closed)| format!("<tr>\n{}{}", cells.concat(), if closed { "</tr>" } else { "" }));
    let head = prop::sample::select(vec![
        "",
        "<thead>",
        "<tbody>",
        "<caption>c</caption>",
        "<colgroup><col></colgroup>",
    ]);
    (head, prop::collection::vec(row, 0..4), markup())
        .prop_map(|(head, rows, after)| format!("<table>{head}{}</table>{after}", rows.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn the_straight_way_and_the_tree_give_the_same(html in prop_oneof![markup(), table()]) {
        for profile in [Profile::Strict, Profile::Chat, Profile::Markdown, Profile::Webview] {
            let policy = Policy::new(Options { profile, ..Options::default() }).unwrap();
            let Some(straight) = super::clean(&html, &policy) else { continue };
            let rules = Rules::Profile(Box::new(policy));
            let tree = rules.pass(&html, &mut Report::default()).unwrap();
            prop_assert_eq!(&straight.html, &tree, "{:?} {:?}", profile, html);
            if straight.settled {
                let again = rules.pass(&tree, &mut Report::default()).unwrap();
                prop_assert_eq!(&again, &tree, "settled, {:?} {:?}", profile, html);
            }
        }
    }
}

#[test]
fn most_markup_goes_straight() {
    let policy = Policy::new(Options { profile: Profile::Markdown, ..Options::default() }).unwrap();
    for html in [
        "<p>a <b>b</b><p>c<ul><li>d<li>e</ul>",
        "<table><tr><td>1<td>2<tr><td>3</table>",
        "<h1>x</h1><pre>\n\ny</pre><a href=\"https://e.example/\">z</a><br/><script>1 < 2</script>",
        "<dl><dt>a<dd>b<dt>c</dl><details open><summary>s</summary>t</details> 1 < 2 &amp; 3 &copy;",
    ] {
        assert!(super::clean(html, &policy).is_some_and(|straight| straight.settled), "{html}");
    }
    for html in [
        "<b><p></b>",
        "<table>x</table>",
        "<a><a>",
        "<svg><p>",
        "</p>",
        "<li><div><li>",
        "<pre>&#10;x",
        "a\0",
    ] {
        assert!(super::clean(html, &policy).is_none(), "{html}");
    }
}
