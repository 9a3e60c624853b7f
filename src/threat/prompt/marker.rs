//! Forged turns and tool calls, orders in comments and hidden elements, images that carry data.

use super::super::finding::{Hit, Rule, Scope, Severity};
use super::order::dropped;
use super::words::{DROP, ROLES, TOOLS};
use super::{EXFILTRATION, HIDDEN, ROLE, TOOL};
use crate::text::cursor::{at, find_byte, find_word, floor, has_word, part, skip_most};

/// How far comments, tags and images were judged: what stands in one of them is judged with it, once.
#[derive(Debug, Default)]
pub(in crate::threat) struct Seen {
    comment: usize,
    tag: usize,
    image: usize,
}

/// Forged turns and tool calls, orders in comments and hidden elements, images that carry data.
pub(super) fn marker(text: &str, start: usize, scope: Scope, seen: &mut Seen) -> Option<Hit> {
    let bytes = text.as_bytes();
    // Libraries for models hold these markers in their source.
    let severity =
        |rule: &'static Rule| if scope == Scope::FileContent { Severity::Low } else { rule.severity };
    let known = |list: &[&str]| list.iter().find(|word| has_word(bytes, start, word)).map(|word| word.len());
    if has_word(bytes, start, "<!--") {
        if start < seen.comment {
            return None;
        }
        let end = find_word(bytes.get(..bytes.len().min(start + 2_048)).unwrap_or_default(), start, "-->")
            .unwrap_or(floor(text, start + 2_048));
        seen.comment = end;
        return addressed(part(text, start..end)).then(|| Hit::new(&HIDDEN, start..end, 0.85));
    }
    if let Some(width) = known(TOOLS) {
        return Some(Hit::new(&TOOL, start..start + width, 0.8).with_severity(severity(&TOOL)));
    }
    if let Some(width) = known(ROLES) {
        let line = part(text, start..floor(text, start + 120));
        let plain = matches!(at(bytes, start), b'\n' | b'#' | b'[')
            || has_word(bytes, start, "<system>")
            || has_word(bytes, start, "</system>");
        // `[INST]` and `Human:` are also words; what follows decides.
        let believed = !plain
            || line.len() > width + 3
                && scope != Scope::FileContent
                && (!has_word(bytes, start, "[inst]") || has_word(bytes, start + width, " "));
        return believed.then(|| {
            Hit::new(&ROLE, start..start + width, if plain { 0.6 } else { 0.9 }).with_severity(if plain {
                severity(&ROLE).min(Severity::Medium)
            } else {
                severity(&ROLE)
            })
        });
    }
    if has_word(bytes, start, "<important>") {
        return (scope == Scope::ToolDefinition).then(|| Hit::new(&HIDDEN, start..start + 11, 0.8));
    }
    if at(bytes, start) == b'<' && scope != Scope::FileContent && at(bytes, start + 1).is_ascii_alphabetic() {
        let close = find_byte(bytes.get(..bytes.len().min(start + 512)).unwrap_or_default(), start, b'>')?;
        if close <= seen.tag {
            return None;
        }
        let tag = part(text, start..close).to_ascii_lowercase().replace(' ', "");
        let unseen = [
            "display:none",
            "visibility:hidden",
            "font-size:0",
            "opacity:0",
            "color:white",
            "color:#fff",
            "color:transparent",
            "hidden>",
            "left:-9999",
        ]
        .iter()
        .any(|style| tag.contains(style))
            && !tag.contains("opacity:0.");
        if !unseen {
            seen.tag = close;
        }
        let inner = part(text, close..floor(text, close + 1_024));
        let inner = inner.split("</").next().unwrap_or("");
        return (unseen && addressed(inner)).then(|| Hit::new(&HIDDEN, start..close + inner.len(), 0.85));
    }
    if has_word(bytes, start, "![") && scope != Scope::FileContent {
        let open = find_word(bytes.get(..bytes.len().min(start + 256)).unwrap_or_default(), start, "](")?;
        let close = skip_most(bytes, open, 4_096, |byte| !matches!(byte, b')' | b'\n'));
        let url = part(text, open + 2..close);
        if !url.starts_with("http") || close <= seen.image {
            return None;
        }
        seen.image = close;
        let query = url.split_once('?').map(|(_, query)| query)?;
        let lower = query.to_ascii_lowercase();
        let slot = [
            "{{",
            "${",
            "{data",
            "{secret",
            "{conversation",
            "{history",
            "{token",
            "[data",
            "[conversation",
            "[secret",
            "<data",
            "{prompt",
            "{base64",
            "%7b",
            "summary}",
            "_here",
            "{user",
        ]
        .iter()
        .any(|slot| lower.contains(slot));
        return (slot || query.len() > 200)
            .then(|| Hit::new(&EXFILTRATION, start..close, if slot { 0.85 } else { 0.6 }));
    }
    None
}

/// Whether hidden text speaks to a model: an order to drop instructions, or a model named and told to act.
fn addressed(text: &str) -> bool {
    let lower = text.to_lowercase();
    let named = [
        "ai assistant",
        "assistant:",
        "language model",
        "llm",
        "copilot",
        "chatgpt",
        "claude",
        "ai agent",
        "ai model",
        "the model",
        "ai:",
    ]
    .iter()
    .any(|name| lower.contains(name));
    let told = [
        "ignore", "must ", "do not", "send", "execute", "run ", "reveal", "read ", "fetch", "include",
        "append", "respond", "say ",
    ]
    .iter()
    .any(|verb| lower.contains(verb));
    named && told
        || DROP.iter().any(|verb| {
            lower.find(verb).is_some_and(|start| dropped(&lower, start, Scope::Message).is_some())
        })
}
