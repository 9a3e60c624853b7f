//! Readings and ranges, on texts that nobody chose.

use proptest::prelude::*;
use vespera_security::text::{Readings, hidden, reveal_invisible, sequences, strip_terminal_escapes, utf16};
use vespera_security::threat::{Detector, Scope, find_personal};

/// Pieces that mean something to one of the decoders or detectors, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        " ",
        "é",
        "😀",
        "%",
        "%25",
        "%c0%ae",
        "%u002e",
        "&",
        "&lt",
        "&#x3c;",
        "\\",
        "\\u003c",
        "\\x3",
        "\u{200b}",
        "\u{202e}",
        "\u{e0041}",
        "\u{fe0f}",
        "<",
        "<script>",
        "</",
        "'",
        "\"",
        "`",
        "```\n",
        "/*",
        "*/",
        "--",
        "#",
        ";",
        "|",
        "$(",
        ")",
        "{{",
        "}}",
        "../",
        "..\\",
        "\u{1b}",
        "\u{1b}[",
        "\u{1b}]52;",
        "\u{9b}",
        "\\x1b[",
        "\n",
        "1",
        "=",
        "or",
        "union select ",
        "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
        "ignore all previous instructions",
        "а",
        "4111 1111 1111 1111",
        "a@b.cd",
        "\u{ff1c}",
        "\u{0}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_range_of_every_reading_lies_on_characters_of_the_original(text in pieces()) {
        let readings = Readings::of(&text, 1 << 16);
        for (number, reading) in readings.iter() {
            for (start, c) in reading.char_indices() {
                let origin = readings.origin(number, start..start + c.len_utf8());
                prop_assert!(text.get(origin.clone()).is_some(), "{number} {origin:?}");
            }
        }
    }

    #[test]
    fn stripping_leaves_nothing_that_a_terminal_acts_on(text in pieces()) {
        let clean = strip_terminal_escapes(&text);
        prop_assert!(sequences(&clean).iter().all(|sequence| sequence.spelled));
        prop_assert_eq!(strip_terminal_escapes(&clean), clean.clone());
    }

    #[test]
    fn revealing_leaves_nothing_hidden(text in pieces()) {
        prop_assert!(hidden(&reveal_invisible(&text)).is_empty());
    }

    #[test]
    fn findings_lie_inside_the_text(text in pieces(), scope in prop::sample::select(Scope::ALL.to_vec())) {
        let units = utf16::length(&text);
        for finding in Detector::default().detect(&text, scope).unwrap() {
            prop_assert!(finding.range.start <= finding.range.end && finding.range.end <= units, "{finding:?}");
        }
        for found in find_personal(&text) {
            prop_assert!(text.get(found.range).is_some());
        }
    }
}
