//! Compatibility forms folded to what they look like, and invisible characters taken out.

use super::invisible::is_invisible;
use super::reading::Writer;

/// Characters that a legacy code page or a lenient path parser maps to ASCII although NFKC does not
/// ("best fit", as IIS did with `%uEFC8`).
const fn best_fit(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{f025}' => "/",
        '\u{2216}' | '\u{29f5}' | '\u{29f9}' | '\u{efc8}' | '\u{f05c}' => "\\",
        '\u{02b9}' | '\u{02bc}' | '\u{2018}' | '\u{2019}' | '\u{2032}' => "'",
        '\u{201c}' | '\u{201d}' | '\u{2033}' => "\"",
        '\u{2039}' | '\u{3008}' => "<",
        '\u{203a}' | '\u{3009}' => ">",
        '\u{037e}' => ";",
        '\u{0589}' | '\u{2236}' => ":",
        '\u{2223}' => "|",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{3002}' | '\u{f02e}' => ".",
        _ => return None,
    })
}

/// Folds characters beyond ASCII to their compatibility form (NFKC, one character at a time).
pub(super) fn fold(source: &str, writer: &mut Writer<'_>) {
    let nfkc = icu_normalizer::ComposingNormalizerBorrowed::new_nfkc();
    let mut buffer = [0; 4];
    for (index, c) in source.char_indices().filter(|(_, c)| !c.is_ascii()) {
        let range = index..index + c.len_utf8();
        if let Some(fit) = best_fit(c) {
            writer.replace(range, fit);
            continue;
        }
        let one = c.encode_utf8(&mut buffer);
        let folded = nfkc.normalize(one);
        if folded != *one {
            writer.replace(range, &folded);
        }
    }
}

/// Takes invisible characters out: `al\u{200b}ert` reads `alert`.
pub(super) fn without_invisible(source: &str, writer: &mut Writer<'_>) {
    for (index, c) in source.char_indices().filter(|(_, c)| is_invisible(*c)) {
        writer.replace(index..index + c.len_utf8(), "");
    }
}
