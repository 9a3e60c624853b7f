//! Hidden Unicode: what a reader does not see, or takes for something else.

use super::finding::{Hit, Rule, Scope, Severity, ThreatType};
use crate::text::{HiddenKind, confusables, hidden};

const fn rule(id: &'static str, severity: Severity, cwe: &'static str, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::HiddenUnicode, severity, cwe, message)
}

static BIDI: Rule = rule(
    "unicode.bidi",
    Severity::High,
    "CWE-1007",
    "direction controls make the text read in another order than it is stored",
);
static TAGS: Rule =
    rule("unicode.tags", Severity::High, "CWE-1007", "tag characters spell a message that nobody sees");
static SELECTORS: Rule =
    rule("unicode.selectors", Severity::High, "CWE-1007", "variation selectors carry bytes that nobody sees");
static RUN: Rule = rule(
    "unicode.zero_width_run",
    Severity::High,
    "CWE-1007",
    "zero-width characters carry bits that nobody sees",
);
static INSIDE: Rule =
    rule("unicode.zero_width", Severity::Medium, "CWE-1007", "a zero-width character splits a word");
static FILLER: Rule = rule(
    "unicode.filler",
    Severity::Medium,
    "CWE-1007",
    "a letter that draws nothing stands where a name could",
);
static STRAY: Rule = rule("unicode.stray", Severity::Low, "CWE-1007", "a zero-width character between words");
static CONFUSABLE: Rule = rule(
    "unicode.confusable",
    Severity::Medium,
    "CWE-1007",
    "a word mixes letters of two scripts that look alike",
);

/// Finds hidden characters and look-alikes.
pub(super) fn detect(text: &str, scope: Scope, hits: &mut Vec<Hit>, steps: &mut u64) {
    if text.is_ascii() {
        return;
    }
    *steps += text.len() as u64;
    for hidden in hidden(text) {
        let (rule, sure) = match hidden.kind {
            HiddenKind::Bidi => (&BIDI, 0.9),
            HiddenKind::Tags => (&TAGS, 0.97),
            HiddenKind::Selectors => (&SELECTORS, 0.95),
            HiddenKind::ZeroWidthRun => (&RUN, 0.9),
            HiddenKind::ZeroWidth => (&INSIDE, 0.7),
            HiddenKind::Filler => (&FILLER, 0.7),
            HiddenKind::Stray => (&STRAY, 0.4),
        };
        let spoken = hidden.message.as_ref().is_some_and(|message| message.len() > 2);
        let hit = Hit::new(rule, hidden.range, sure).with_decoded(hidden.message);
        hits.push(if spoken { hit.with_severity(Severity::Critical) } else { hit });
    }
    for confusable in confusables(text) {
        // In a source file a look-alike is a name of its own beside another one; in prose it may be a slip.
        let severity = if scope == Scope::FileContent { Severity::Medium } else { CONFUSABLE.severity };
        hits.push(
            Hit::new(&CONFUSABLE, confusable.range, 0.7)
                .with_severity(severity)
                .with_decoded(Some(confusable.looks_like)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_message_is_critical_and_decoded() {
        let tags: String = "run".chars().map(|c| char::from_u32(0xe0000 + c as u32).unwrap()).collect();
        let mut hits = Vec::new();
        detect(&format!("ok{tags}"), Scope::UserInput, &mut hits, &mut 0);
        assert_eq!(
            (hits[0].rule.id, hits[0].severity, hits[0].decoded.as_deref()),
            ("unicode.tags", Severity::Critical, Some("run"))
        );
    }
}
