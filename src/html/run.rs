//! From an input to an answer that stays what it is.
//!
//! Cleaning is repeated until it changes nothing, then the second line reads the result, and what depends on where
//! it is put is tried in every kind of place. What fails all this is shown as text.

use super::audit::{self, Level};
use super::options::Limits;
use super::policy::Policy;
use super::report::{Report, Rule};
use super::standard::Standard;
use super::{clean, stability, standard_clean, straight, tree, write};
use crate::error::{Error, ErrorCode, Result};

/// What may stay.
#[derive(Clone, Debug)]
pub(super) enum Rules {
    /// A profile and changes to it.
    Profile(Box<Policy>),
    /// The standard's configuration.
    Standard(Box<Standard>, Limits),
}

/// How often markup is cleaned again before it counts as unstable. Of the corpora nothing needs more than two.
const MOST_PASSES: usize = 4;

impl Rules {
    pub(super) const fn limits(&self) -> &Limits {
        match self {
            Self::Profile(policy) => &policy.limits,
            Self::Standard(_, limits) => limits,
        }
    }

    /// The answer, and whether it is stable. Without a report, properly nested markup needs no tree.
    pub(super) fn run(&self, html: &str, report: Option<&mut Report>) -> Result<(String, bool)> {
        if html.len() > self.limits().bytes {
            return Err(too_large("html: the input is over the limit of bytes"));
        }
        let mut silent = Report::default();
        let silently = report.is_none();
        let report = report.unwrap_or(&mut silent);
        let (mut cleaned, mut settled) =
            if silently { self.once(html)? } else { (self.pass(html, report)?, false) };
        let mut passes = 0;
        let answer = loop {
            if settled {
                let seen = self.audit(&cleaned);
                if !seen.breach {
                    break self.holds_anywhere(&cleaned, seen).then_some(cleaned);
                }
                let Some(cut) = audit::cut(&cleaned, self.audit_level(), report) else { break None };
                // What is left may parse to something else.
                cleaned = cut;
            }
            if passes == MOST_PASSES {
                break None;
            }
            passes += 1;
            let (again, known) = self.once(&cleaned)?;
            settled = known || again == cleaned;
            cleaned = again;
        };
        if let Some(answer) = answer {
            return Ok((answer, true));
        }
        report.add(
            "text",
            "",
            "the markup is not stable; all of it is shown as text",
            Rule::Stability.name(),
        );
        Ok((as_text(html), false))
    }

    /// Cleans once, straight if the markup allows it. Answers whether the result is known to be a fixed point.
    fn once(&self, html: &str) -> Result<(String, bool)> {
        if let Self::Profile(policy) = self
            && policy.goes_straight(html)
            && let Some(straight) = straight::clean(html, policy)
        {
            return Ok((straight.html, straight.settled));
        }
        Ok((self.pass(html, &mut Report::default())?, false))
    }

    /// Parses and cleans once.
    pub(super) fn pass(&self, html: &str, report: &mut Report) -> Result<String> {
        let limits = self.limits();
        let arena = typed_arena::Arena::new();
        // The standard's `setHTML` parses without scripting.
        let (root, parsed) = tree::parse(&arena, html, matches!(self, Self::Profile(_)), *limits);
        if parsed.overflowed {
            return Err(too_large("html: the markup parses to more nodes than allowed"));
        }
        if parsed.doctype {
            report.add("doctype", "", "a fragment has no doctype", Rule::Unlisted.name());
        }
        for _ in 0..parsed.flattened {
            report.add("element", "", "the element is too deep; its content stays", Rule::Depth.name());
        }
        for _ in 0..parsed.attributes {
            report.add(
                "attribute",
                "",
                "the element has more attributes than allowed",
                Rule::Attributes.name(),
            );
        }
        let mut out = String::with_capacity(html.len() + html.len() / 8);
        match self {
            Self::Profile(policy) => {
                if policy.purify.as_ref().is_some_and(|purify| purify.may_have_head(html)) {
                    clean::behead(root, report);
                    // DOMPurify puts back the white space that the input begins with.
                    let rest = html.trim_start_matches(['\t', '\n', '\r', ' ']);
                    let space = html.get(..html.len() - rest.len()).unwrap_or("");
                    write::text(&mut out, &space.replace("\r\n", "\n"));
                }
                clean::clean(root, policy, report, &mut out);
            }
            Self::Standard(standard, limits) => {
                standard_clean::clean(root, standard, limits, report, &mut out)
            }
        }
        if out.len() > limits.output {
            return Err(too_large("html: the output is over the limit of bytes"));
        }
        // A parser drops a byte-order mark that begins its input.
        let marks = out.len() - out.trim_start_matches('\u{feff}').len();
        Ok(if marks > 0 { out.split_off(marks) } else { out })
    }

    fn audit_level(&self) -> Level<'_> {
        match self {
            Self::Profile(policy) => policy.audit_level(),
            Self::Standard(..) => Level::Execution,
        }
    }

    /// What the second line says of a result.
    pub(super) fn audit(&self, html: &str) -> audit::Seen {
        audit::check(html, self.audit_level())
    }

    /// Whether a result that the second line has seen means the same wherever it is put.
    fn holds_anywhere(&self, html: &str, seen: audit::Seen) -> bool {
        !(seen.foreign || seen.raw)
            || match self {
                Self::Profile(policy) => {
                    stability::holds(html, policy.limits, &|node| stability::may_stay(node, policy))
                }
                Self::Standard(_, limits) => stability::holds(html, *limits, &standard_clean::is_harmless),
            }
    }
}

/// All of an input, to be read as it stands.
#[inline(never)]
fn as_text(html: &str) -> String {
    let mut text = String::new();
    write::text(&mut text, &html.trim_start_matches('\u{feff}').replace('\0', ""));
    text
}

fn too_large(message: &'static str) -> Error {
    Error::new(ErrorCode::InputTooLarge, message)
}
