//! Files that are generated from tables in Rust: they are committed, and equal to what the tables say now.
//!
//! `UPDATE=1 cargo test --test generated` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/committed.rs"]
mod committed;

use committed::committed;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use vespera_security::ErrorCode;

#[test]
fn the_union_of_error_codes_follows_the_table() {
    let mut file = String::from(
        "// Generated from the table in src/error.rs: `UPDATE=1 cargo test --test generated`.\n\n/** A stable name for a kind of failure. */\nexport type ErrorCode = keyof typeof ERROR_CODES;\n\n/** Every code, with its meaning. */\nexport const ERROR_CODES = {\n",
    );
    for code in ErrorCode::ALL {
        writeln!(file, "  /** {} */\n  {code}: {:?},", code.meaning(), code.meaning()).unwrap();
    }
    file.push_str("} as const;\n");
    committed("generated", "js/src/codes.ts", &file);
}

#[test]
fn the_table_of_character_references_follows_html5ever() {
    let entities = &html5ever::data::NAMED_ENTITIES;
    let names: BTreeSet<_> = entities.keys().filter_map(|name| name.strip_suffix(';')).collect();
    let mut file = String::new();
    for name in names {
        let (first, second) = entities[&*format!("{name};")];
        // html5ever lists every beginning of a name too, with no character.
        let alone = if entities.get(name).is_some_and(|entry| entry.0 != 0) { "?" } else { "" };
        let second = if second == 0 { String::new() } else { format!(" {second:X}") };
        writeln!(file, "{name}{alone} {first:X}{second}").unwrap();
    }
    committed("generated", "src/html/entities.txt", &file);
}
