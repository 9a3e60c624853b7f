//! ammonia defines the answer: our own pass must give the same, on the corpora and on generated markup.
#![expect(clippy::unwrap_used, clippy::string_slice, clippy::print_stdout, reason = "a test may stop")]

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::PAIRS;

/// The inputs of a corpus, or none where the folder is not there.
fn corpus(file: &str, field: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora").join(file);
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_corpora_come_out_as_ammonia_has_them() {
    let inputs =
        [corpus("html.json", "input"), corpus("attacks.json", "text"), corpus("benign.json", "text")]
            .concat();
    let mut failures = Vec::new();
    for pair in PAIRS.iter() {
        for input in &inputs {
            failures.extend(pair.agree(input).err());
        }
    }
    println!("{} inputs, {} differences", inputs.len(), failures.len());
    assert!(failures.is_empty(), "{}", failures[..failures.len().min(12)].join("\n"));
}

#[test]
fn cleaning_again_changes_nothing_on_the_corpora() {
    let inputs = [corpus("html.json", "input"), corpus("attacks.json", "text")].concat();
    for pair in PAIRS.iter() {
        for input in &inputs {
            let once = pair.sanitizer.sanitize(input).unwrap();
            assert_eq!(pair.sanitizer.sanitize(&once).unwrap(), once, "{} {input:?}", pair.name);
        }
    }
}

/// What fuzzing found, and what it grew from.
#[test]
fn the_corpus_of_the_fuzzer_comes_out_as_ammonia_has_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/html");
    let inputs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned())
        .collect();
    assert!(inputs.len() > 100);
    for pair in PAIRS.iter() {
        for input in &inputs {
            pair.agree(input).unwrap();
            let once = pair.sanitizer.sanitize(input).unwrap();
            assert_eq!(pair.sanitizer.sanitize(&once).unwrap(), once, "{} {input:?}", pair.name);
            assert!(pair.sanitizer.passes_audit(&pair.reference.clean(input)), "{} {input:?}", pair.name);
        }
    }
}

/// Pieces that parsers disagree about.
fn piece() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "a",
        "b",
        "i",
        "p",
        "div",
        "span",
        "table",
        "tbody",
        "tr",
        "td",
        "th",
        "caption",
        "colgroup",
        "col",
        "ul",
        "li",
        "dl",
        "dd",
        "dt",
        "h1",
        "h2",
        "pre",
        "svg",
        "math",
        "mi",
        "mtext",
        "annotation-xml",
        "foreignObject",
        "desc",
        "title",
        "style",
        "script",
        "textarea",
        "select",
        "option",
        "template",
        "noscript",
        "iframe",
        "form",
        "button",
        "input",
        "img",
        "br",
        "hr",
        "nobr",
        "font",
        "code",
        "details",
        "summary",
        "object",
        "marquee",
        "plaintext",
        "frameset",
        "body",
        "html",
        "head",
        "image",
        "listing",
        "xmp",
        "path",
        "g",
        "circle",
        // Names with capitals, which are lost where SVG is not.
        "linearGradient",
        "clipPath",
        "marker",
        "text",
        "ruby",
        "rt",
        "rp",
    ]);
    let attribute = prop::sample::select(vec![
        "",
        " href=javascript:1",
        " viewBox='0 0 1 1'",
        " gradientUnits=x clipPathUnits=y refX=1",
        " fill=url(#x)",
        " href='https://e.example/?a&b'",
        " href=#x",
        " id=x",
        " class='language-a b'",
        " style='color:red;position:fixed'",
        " onclick=1",
        " src=//e.example/x",
        " src=x title='<b>&quot;'",
        " a=1 a=2",
        " type=checkbox",
        " encoding=text/html",
        " fill='url(#x)'",
        " title=\"</style><img src onerror=1>\"",
        " srcset='a.png 1x, //e.example/b 2x'",
        " /",
        " xlink:href=#x",
        " a\0b=c",
    ]);
    let text = prop::sample::select(vec![
        "x",
        " ",
        "\n",
        "<",
        ">",
        "&lt;",
        "&amp",
        "&nbsp;",
        "\0",
        "\r\n",
        "&#60;b&#62;",
        "<!--",
        "-->",
        "<!-- a -->",
        "]]>",
        "<![CDATA[x]]>",
        "<?x ?>",
        "<!doctype html>",
        "\u{a0}",
        "é",
        "</",
        "<3",
        "&notit;",
        "&#x80;",
        "&#0;",
    ]);
    prop_oneof![
        4 => (name.clone(), attribute).prop_map(|(name, attribute)| format!("<{name}{attribute}>")),
        3 => name.prop_map(|name| format!("</{name}>")),
        3 => text.prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn generated_markup_comes_out_as_ammonia_has_it(pieces in prop::collection::vec(piece(), 1..24)) {
        let html = pieces.concat();
        for pair in PAIRS.iter() {
            pair.agree(&html).map_err(TestCaseError::fail)?;
            let once = pair.sanitizer.sanitize(&html).unwrap();
            prop_assert_eq!(pair.sanitizer.sanitize(&once).unwrap(), &*once, "{} {:?}", pair.name, html);
        }
    }
}
