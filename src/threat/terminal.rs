//! Terminal escapes: what printing the text would do to a terminal.

use super::finding::{Hit, Rule, Scope, Severity, ThreatType};
use crate::text::cursor::{controls, part};
use crate::text::{SequenceKind, sequences};

const fn rule(id: &'static str, severity: Severity, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::TerminalEscape, severity, "CWE-150", message)
}

static CLIPBOARD: Rule =
    rule("terminal.clipboard", Severity::Critical, "an escape that reads or writes the clipboard");
static REPORT: Rule =
    rule("terminal.report", Severity::High, "an escape that makes the terminal type an answer");
static DEVICE: Rule = rule("terminal.device", Severity::High, "a device control or application string");
static TITLE: Rule = rule("terminal.title", Severity::Medium, "an escape that sets the window's title");
static LINK: Rule = rule("terminal.link", Severity::Medium, "a link whose target is not what is shown");
static COMMAND: Rule =
    rule("terminal.command", Severity::Medium, "an operating system command to the terminal");
static REWRITE: Rule =
    rule("terminal.rewrite", Severity::Medium, "an escape that moves the cursor or erases what was shown");
static CONCEAL: Rule = rule("terminal.conceal", Severity::Medium, "text made invisible on a terminal");
static MODE: Rule = rule("terminal.mode", Severity::Medium, "an escape that switches a mode of the terminal");
static STYLE: Rule = rule("terminal.style", Severity::Low, "colours for a terminal");
static CONTROL: Rule = rule("terminal.control", Severity::Low, "a control character");

/// Finds terminal escapes. In source files only raw ones count: spelled-out ones are how programs write them.
pub(super) fn detect(text: &str, scope: Scope, hits: &mut Vec<Hit>, steps: &mut u64) {
    *steps += text.len() as u64;
    let code = matches!(scope, Scope::FileContent | Scope::Configuration);
    if code && !controls(text) {
        return;
    }
    for sequence in sequences(text) {
        if code && sequence.spelled {
            continue;
        }
        let rule = match sequence.kind {
            SequenceKind::Clipboard => &CLIPBOARD,
            SequenceKind::Report => &REPORT,
            SequenceKind::Device => &DEVICE,
            SequenceKind::Title => &TITLE,
            SequenceKind::Link => &LINK,
            SequenceKind::Command => &COMMAND,
            SequenceKind::Rewrite => &REWRITE,
            SequenceKind::Conceal => &CONCEAL,
            SequenceKind::Mode => &MODE,
            SequenceKind::Style => &STYLE,
            SequenceKind::Control => &CONTROL,
        };
        // Programs move the cursor and set modes and titles all day; recordings of them hold raw escapes.
        let usual = match scope {
            Scope::TerminalOutput => matches!(
                sequence.kind,
                SequenceKind::Rewrite | SequenceKind::Mode | SequenceKind::Title | SequenceKind::Link
            ),
            Scope::FileContent | Scope::Configuration => {
                matches!(sequence.kind, SequenceKind::Rewrite | SequenceKind::Mode | SequenceKind::Device)
            }
            _ => false,
        };
        // People also talk about escapes in spelled form: only what would act is worth an alarm.
        let talk = sequence.spelled
            && !matches!(scope, Scope::ToolDefinition | Scope::ApiResponse)
            && matches!(sequence.kind, SequenceKind::Rewrite | SequenceKind::Mode);
        let severity = if usual || talk { Severity::Low } else { rule.severity };
        let severity = if sequence.kind == SequenceKind::Link && closes(part(text, sequence.body.clone())) {
            Severity::Low
        } else {
            severity
        };
        hits.push(
            Hit::new(rule, sequence.range, if sequence.spelled { 0.7 } else { 0.95 }).with_severity(severity),
        );
    }
}

/// `OSC 8 ; ;` ends a link.
fn closes(body: &str) -> bool {
    body.trim_end_matches(';') == "8"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gravest(text: &str, scope: Scope) -> Option<Severity> {
        let mut hits = Vec::new();
        detect(text, scope, &mut hits, &mut 0);
        hits.iter().map(|hit| hit.severity).max()
    }

    #[test]
    fn the_scope_decides_what_is_usual() {
        assert_eq!(gravest("\u{1b}]52;c;aGk=\u{7}", Scope::TerminalOutput), Some(Severity::Critical));
        assert_eq!(gravest("\u{1b}[2K\u{1b}[1A", Scope::TerminalOutput), Some(Severity::Low));
        assert_eq!(gravest("\u{1b}[2K", Scope::Message), Some(Severity::Medium));
        assert_eq!(gravest("print('\\x1b[2K')", Scope::FileContent), None);
        assert_eq!(gravest("\\x1b[8m hidden", Scope::ToolDefinition), Some(Severity::Medium));
        assert_eq!(gravest("no escapes", Scope::Message), None);
    }
}
