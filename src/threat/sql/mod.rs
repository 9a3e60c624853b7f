//! SQL injection: a value that ends its place in the host's query and goes on with SQL of its own.
//!
//! The value is tokenized in every quote context it could stand in, folded to a fingerprint and looked up in a
//! table of shapes ([`shape`]); phrases that no ordinary value holds (UNION SELECT, a stacked statement) are
//! known wherever they stand. A whole query that a developer writes begins with its verb and breaks out of
//! nothing: it is left alone. The idea of fingerprints is that of libinjection (N. Galbreath, 2012); lexer,
//! folding and table are our own.

mod fragment;
mod lexer;
mod query;
mod shape;
mod values;
mod words;

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::part;
use crate::text::glance::Glance;
use lexer::Context;
use query::Query;
use values::values;

const fn rule(id: &'static str, severity: Severity, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::SqlInjection, severity, "CWE-89", message)
}

static UNION_SELECT: Rule =
    rule("sql.union_select", Severity::High, "a second query is joined with UNION SELECT");
static STACKED: Rule =
    rule("sql.stacked_statement", Severity::Critical, "the value ends the statement and begins another one");
static BREAKOUT: Rule =
    rule("sql.breakout", Severity::High, "the value leaves its place in a query and changes the condition");
static CUT: Rule = rule(
    "sql.comment_cut",
    Severity::Medium,
    "the value closes a string and comments the rest of the query out",
);
static MACHINE: Rule = rule(
    "sql.machine_access",
    Severity::High,
    "a database function that delays, reads files or runs commands",
);
static FRAGMENT: Rule =
    rule("sql.fragment", Severity::Medium, "a piece of a query that fits where a value is expected");

/// Finds SQL injection in a text and in the values inside it.
pub(super) fn detect(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    let text = glance.text;
    for value in values(glance) {
        *steps += value.len() as u64;
        hits.extend(judge(part(text, value.clone()), value.start, steps));
    }
}

/// Finds only what no ordinary text holds, for a string inside a source file.
pub(super) fn detect_strict(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    let text = glance.text;
    *steps += text.len() as u64;
    if !unmistakable(glance) {
        return;
    }
    if let Some(hit) = judge(text, 0, steps) {
        let strong = hit.confidence >= 0.8 || hit.rule.severity >= Severity::High;
        if strong {
            hits.push(hit);
        }
    }
}

/// Whether a string shows its will: a tautology between constants, UNION SELECT, a catalog, a comment that cuts.
fn unmistakable(glance: &Glance<'_>) -> bool {
    let text = glance.text;
    let has = |word: &str| glance.find(word).is_some();
    let quoted = matches!(text.trim_start().as_bytes().first(), Some(b'\'' | b'"'));
    has("union")
        && has("select")
        && (has("1,")
            || has("null")
            || has("0x")
            || has("concat")
            || has("information_schema")
            || text.trim_end().ends_with("--"))
        || quoted && (has(" or ") || has(" and ")) && has("=")
        || [
            "sleep(",
            "benchmark(",
            "waitfor delay",
            "xp_cmdshell",
            "extractvalue(",
            "updatexml(",
            "load_file(",
            "drop table",
        ]
        .iter()
        .any(|word| has(word))
            && text.contains('\'')
}

fn judge(value: &str, offset: usize, steps: &mut u64) -> Option<Hit> {
    let bytes = value.as_bytes();
    let contexts = [
        (Context::Plain, true),
        (Context::Single, bytes.contains(&b'\'')),
        (Context::Double, bytes.contains(&b'"')),
    ];
    let mut best: Option<Hit> = None;
    for (context, _) in contexts.into_iter().filter(|(_, present)| *present) {
        let tokens = lexer::tokens(value, context);
        *steps += tokens.len() as u64;
        let query = Query { text: value, tokens: &tokens, context };
        if let Some((rule, range, confidence)) = query.judge()
            && best.as_ref().is_none_or(|best| best.confidence < confidence)
        {
            best = Some(Hit::new(rule, offset + range.start..offset + range.end, confidence));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::rules;

    fn found(text: &str) -> Option<&'static str> {
        rules(detect, text).next()
    }

    #[test]
    fn values_that_break_out_are_found() {
        assert_eq!(found("'; DROP TABLE users; --"), Some("sql.stacked_statement"));
        assert_eq!(found("1' or '1'='1"), Some("sql.breakout"));
        assert_eq!(found("1) or (1=1"), Some("sql.breakout"));
        assert_eq!(found("admin'--"), Some("sql.comment_cut"));
        assert_eq!(found("-1 union all select 1,2,user() from users"), Some("sql.union_select"));
        assert_eq!(found("1 un/**/ion select 1"), None);
        assert_eq!(found("id=7&name=x' or 1=1 -- "), Some("sql.breakout"));
        assert_eq!(found("1; waitfor delay '0:0:5'"), Some("sql.stacked_statement"));
    }

    #[test]
    fn queries_and_sentences_are_left_alone() {
        for text in [
            "SELECT name FROM users WHERE id = 1 AND active = 1",
            "WHERE a = 1 AND b = 2",
            "union was a great select",
            "DELETE FROM users WHERE id = 5;",
            "INSERT INTO t (a, b) VALUES ('x', 'y');",
            "it's Bob's or Anne's",
            "rock 'n' roll and 5 or 6 more",
            "\"foo\" AND \"bar\"",
            "const x = a ? 'yes' : 'no';",
            "' and '.join(names)",
            "SELECT a FROM t UNION SELECT b FROM u",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
