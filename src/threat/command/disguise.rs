//! Paths and words spelled with wildcards, empty expansions and field separators.

use super::super::finding::Hit;
use super::DISGUISED;
use super::lexer::command;
use crate::text::cursor::{floor, part};
use crate::text::glance::Glance;

/// Paths and words spelled with wildcards, empty expansions and field separators.
pub(super) fn disguised(glance: &Glance<'_>, hits: &mut Vec<Hit>) {
    let text = glance.text;
    let field = glance.find("$ifs").or_else(|| glance.find("${ifs"));
    let here = glance.find("<<<").filter(|start| {
        command(text, part(text, 0..*start).rfind([' ', ';', '`', '|', '(']).map_or(0, |left| left + 1))
            .is_some()
    });
    if let Some(start) = field.or(here) {
        hits.push(Hit::new(&DISGUISED, start..floor(text, start + 64).max(start), 0.8));
        return;
    }
    if !(glance.has(b'/') && glance.has_any(b"?*[")) {
        return;
    }
    for token in text.split_whitespace().take(4_096) {
        if let Some(slash) = token.find('/')
            && token.len() < 200
            && !token.contains("://")
            && is_globbed(&without_slashes(part(token, slash..token.len())))
        {
            let start = token.as_ptr() as usize - text.as_ptr() as usize;
            hits.push(Hit::new(&DISGUISED, start..start + token.len(), 0.85));
            return;
        }
    }
}

/// A path in lower case, its brackets without the slashes that a shell ignores in them.
fn without_slashes(path: &str) -> String {
    let mut inside = false;
    let mut plain = path.to_ascii_lowercase();
    plain.retain(|c| {
        inside = (inside || c == '[') && c != ']';
        !(inside && c == '/')
    });
    plain.replace("[?]", "?")
}

/// Whether a path hides a name of the system behind wildcards: `/???/b??h`, `/et*/pa[s]swd`.
fn is_globbed(path: &str) -> bool {
    const NAMES: &[&str] = &["etc", "bin", "usr", "sbin", "passwd", "shadow", "bash", "cat", "hosts", "dev"];
    let hidden = |name: &str| {
        let wild = name.bytes().any(|byte| matches!(byte, b'?' | b'*' | b'['));
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric).count();
        wild && (letters > 0 || name.len() == 3 && name == "???")
            && !name.contains('.')
            && NAMES.iter().any(|known| matches_glob(name.as_bytes(), known.as_bytes()))
    };
    path.split('/').skip(1).filter(|name| hidden(name)).count() >= 1 && path.starts_with('/')
}

/// Whether a glob with `?`, `*` and `[…]` matches a name. Both are a few bytes long.
fn matches_glob(glob: &[u8], name: &[u8]) -> bool {
    match (glob.first(), name.first()) {
        (None, None) => true,
        (Some(b'*'), _) => {
            let rest = glob.get(1..).unwrap_or_default();
            matches_glob(rest, name)
                || !name.is_empty()
                    && glob.len() <= 12
                    && matches_glob(glob, name.get(1..).unwrap_or_default())
        }
        (Some(b'?'), Some(_)) => {
            matches_glob(glob.get(1..).unwrap_or_default(), name.get(1..).unwrap_or_default())
        }
        (Some(b'['), Some(byte)) => {
            let close = glob.iter().position(|sign| *sign == b']').unwrap_or(0);
            let set = glob.get(1..close).unwrap_or_default();
            let (negated, set) = match set.split_first() {
                Some((b'!' | b'^', rest)) => (true, rest),
                _ => (false, set),
            };
            close > 1
                && set.contains(byte) != negated
                && matches_glob(glob.get(close + 1..).unwrap_or_default(), name.get(1..).unwrap_or_default())
        }
        (Some(sign), Some(byte)) => {
            sign == byte && matches_glob(glob.get(1..).unwrap_or_default(), name.get(1..).unwrap_or_default())
        }
        _ => false,
    }
}
