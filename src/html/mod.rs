//! Makes hostile markup harmless.
//!
//! ```
//! use vespera_security::html::Sanitizer;
//!
//! let sanitizer = Sanitizer::new(Default::default())?;
//! assert_eq!(sanitizer.sanitize("<b onclick=run()>hi</b><script>run()</script>")?, "<b>hi</b>");
//! # Ok::<(), vespera_security::Error>(())
//! ```

mod audit;
mod charref;
mod clean;
mod css;
mod foreign;
mod names;
mod options;
mod policy;
mod profile;
mod reference;
mod report;
mod stability;
mod straight;
mod tokenizer;
mod tree;
mod url;
mod write;

pub use css::PROPERTIES;
pub use options::{Changes, Limits, Options, Relative, UrlOptions};
pub use profile::{DROPPED, Profile, ProfileData};
pub use report::Removal;

use crate::error::{Error, ErrorCode, Result};
use policy::Policy;
use report::{Report, Rule};
use std::borrow::Cow;
use std::sync::Arc;

/// How often markup is cleaned again before it counts as unstable. Of the corpora nothing needs more than two.
const MOST_PASSES: usize = 4;

/// Cleans markup under one configuration.
#[derive(Clone, Debug)]
pub struct Sanitizer {
    policy: Arc<Policy>,
}

/// What [`Sanitizer::inspect`] found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Inspection {
    /// The clean markup.
    pub html: String,
    /// Whether it differs from the input.
    pub changed: bool,
    /// Whether the clean markup parses to itself. If it did not, the whole fragment is escaped to text.
    pub stable: bool,
    /// What was taken out, in the order of the document, at most 10,000 entries.
    pub removed: Vec<Removal>,
}

impl Sanitizer {
    /// Checks and compiles a configuration.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`] for what contradicts itself or is never safe.
    pub fn new(options: Options) -> Result<Self> {
        Ok(Self { policy: Arc::new(Policy::new(options)?) })
    }

    /// The clean markup; the input itself if nothing had to change.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`] for an input over one of the limits.
    pub fn sanitize<'h>(&self, html: &'h str) -> Result<Cow<'h, str>> {
        self.check_size(html)?;
        if is_plain(html) {
            return Ok(Cow::Borrowed(html));
        }
        let (cleaned, _) = self.settle(html, None)?;
        let (cleaned, _) = self.verify(html, cleaned, &mut Report::default());
        Ok(if cleaned == html { Cow::Borrowed(html) } else { Cow::Owned(cleaned) })
    }

    /// The clean markup and what was taken out.
    ///
    /// # Errors
    /// As [`Sanitizer::sanitize`].
    pub fn inspect(&self, html: &str) -> Result<Inspection> {
        self.check_size(html)?;
        let mut report = Report::listing();
        let (cleaned, settled) = self.settle(html, Some(&mut report))?;
        let (cleaned, held) = self.verify(html, cleaned, &mut report);
        let stable = settled && held;
        if !stable {
            report.add(
                "text",
                "",
                "the markup did not settle; all of it is shown as text",
                Rule::Stability.name(),
            );
        }
        Ok(Inspection {
            changed: cleaned != html,
            html: cleaned,
            stable,
            removed: report.removals.unwrap_or_default(),
        })
    }

    fn check_size(&self, html: &str) -> Result<()> {
        if html.len() > self.policy.limits.bytes {
            return Err(too_large("html: the input is over the limit of bytes"));
        }
        Ok(())
    }

    /// Cleans until cleaning changes nothing, so that whoever parses the answer again finds what was decided on.
    fn settle(&self, html: &str, first: Option<&mut Report>) -> Result<(String, bool)> {
        let (mut cleaned, mut settled) = match first {
            Some(report) => (self.pass(html, report)?, false),
            None => self.once(html)?,
        };
        for _ in 0..=MOST_PASSES {
            if settled {
                return Ok((cleaned, true));
            }
            let (again, _) = self.once(&cleaned)?;
            settled = again == cleaned;
            cleaned = again;
        }
        Ok((self.as_text(html), false))
    }

    /// The whole input shown as text.
    fn as_text(&self, html: &str) -> String {
        let mut text = String::new();
        write::text(&mut text, &html.trim_start_matches('\u{feff}').replace('\0', ""));
        text
    }

    /// The second line and the check of other places. Answers the output, and whether it is stable.
    fn verify(&self, html: &str, cleaned: String, report: &mut Report) -> (String, bool) {
        let level = self.policy.audit_level();
        let mut seen = audit::check(&cleaned, level);
        let mut cleaned = cleaned;
        if seen.breach {
            match audit::cut(&cleaned, level, report) {
                Some(cut) => cleaned = cut,
                None => return (self.as_text(html), false),
            }
            seen = audit::check(&cleaned, level);
        }
        let elsewhere = (seen.foreign || seen.raw) && !stability::holds(&cleaned, &self.policy);
        if seen.breach || elsewhere { (self.as_text(html), false) } else { (cleaned, true) }
    }

    /// Cleans once, straight if the markup allows it. Answers whether the result is known to be a fixed point.
    fn once(&self, html: &str) -> Result<(String, bool)> {
        match straight::clean(html, &self.policy) {
            Some(straight) => Ok((straight.html, straight.settled)),
            None => Ok((self.pass(html, &mut Report::default())?, false)),
        }
    }

    /// Parses and cleans once.
    fn pass(&self, html: &str, report: &mut Report) -> Result<String> {
        let arena = typed_arena::Arena::new();
        let (root, parsed) = tree::parse(&arena, html, self.policy.limits);
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
        clean::clean(root, &self.policy, report, &mut out);
        if out.len() > self.policy.limits.output {
            return Err(too_large("html: the output is over the limit of bytes"));
        }
        // A parser drops a byte-order mark that begins its input.
        let marks = out.len() - out.trim_start_matches('\u{feff}').len();
        Ok(if marks > 0 { out.split_off(marks) } else { out })
    }

    /// What ammonia alone makes of the markup under the same configuration: the reference that tests hold
    /// [`Sanitizer::sanitize`] to. Its work is not bounded.
    #[doc(hidden)]
    #[must_use]
    pub fn reference(&self, html: &str) -> String {
        reference::clean(&self.policy, html)
    }
}

fn too_large(message: &'static str) -> Error {
    Error::new(ErrorCode::InputTooLarge, message)
}

/// Whether nothing in the text can be markup or is written in another way: such text is its own answer.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    !bytes.iter().any(|byte| matches!(byte, b'<' | b'>' | b'&' | b'\r' | 0))
        && !text.contains('\u{a0}')
        && !text.starts_with('\u{feff}')
}
