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
mod class;
mod clean;
mod css;
mod foreign;
mod names;
mod options;
mod policy;
mod profile;
mod purify;
mod purify_default;
mod reference;
mod regexp;
mod report;
mod run;
mod stability;
mod standard;
mod standard_clean;
mod standard_default;
mod straight;
mod text;
mod tokenizer;
mod tree;
mod url;
mod write;

pub use css::PROPERTIES;
pub use options::{BuiltIn, Changes, Limits, Options, Relative, StandardOption, UrlOptions};
pub use profile::{DROPPED, Profile, ProfileData};
pub use purify::{CustomElements, Expression, PurifyOptions, UseProfiles};
#[doc(hidden)]
pub use reference::Reference;
pub use report::Removal;
pub use standard::{ElementEntry, Instruction, Name, SanitizerConfig};

pub use text::html_to_text;

use crate::error::Result;
use policy::Policy;
use report::Report;
use run::Rules;
use std::borrow::Cow;
use std::sync::Arc;

/// Cleans markup under one configuration.
#[derive(Clone, Debug)]
pub struct Sanitizer {
    rules: Arc<Rules>,
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

impl Default for Sanitizer {
    /// The profile `chat` as it is. What reads and checks options takes no part in this: an engine compiles what is called.
    fn default() -> Self {
        Self::of(Policy::of_profile(Profile::default()))
    }
}

impl Sanitizer {
    /// Checks and compiles a configuration.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) for what contradicts itself or is never safe.
    pub fn new(options: Options) -> Result<Self> {
        let Some(sanitizer) = &options.sanitizer else { return Policy::new(options).map(Self::of) };
        let standard = options.standard(sanitizer)?;
        Ok(Self { rules: Arc::new(Rules::Standard(Box::new(standard), options.limits)) })
    }

    fn of(policy: Policy) -> Self {
        Self { rules: Arc::new(Rules::Profile(Box::new(policy))) }
    }

    /// Checks and compiles DOMPurify's options.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigUnsupported`](crate::ErrorCode::ConfigUnsupported) for what would let code run, and for
    /// regular expressions that have no linear form.
    pub fn purify(options: PurifyOptions) -> Result<Self> {
        options.compile().map(Self::of)
    }

    /// The clean markup; the input itself if nothing had to change.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`](crate::ErrorCode::InputTooLarge) for an input over one of the limits.
    pub fn sanitize<'h>(&self, html: &'h str) -> Result<Cow<'h, str>> {
        if is_plain(html) && html.len() <= self.rules.limits().bytes {
            return Ok(Cow::Borrowed(html));
        }
        let (cleaned, _) = self.rules.run(html, None)?;
        Ok(if cleaned == html { Cow::Borrowed(html) } else { Cow::Owned(cleaned) })
    }

    /// The clean markup and what was taken out.
    ///
    /// # Errors
    /// As [`Sanitizer::sanitize`].
    pub fn inspect(&self, html: &str) -> Result<Inspection> {
        let mut report = Report::listing();
        let (cleaned, stable) = self.rules.run(html, Some(&mut report))?;
        let removed = report.removals.unwrap_or_default();
        Ok(Inspection { changed: cleaned != html, html: cleaned, stable, removed })
    }

    /// Whether the second line has nothing against markup in the form that this crate writes: for fuzzing.
    #[doc(hidden)]
    #[must_use]
    pub fn passes_audit(&self, html: &str) -> bool {
        !self.rules.audit(html).breach
    }

    /// ammonia alone under the same profile: the reference that tests hold [`Sanitizer::sanitize`] to. Nothing under
    /// the standard's configuration.
    #[doc(hidden)]
    #[must_use]
    pub fn reference(&self) -> Option<Reference<'_>> {
        match &*self.rules {
            Rules::Profile(policy) => Some(Reference::new(policy)),
            Rules::Standard(..) => None,
        }
    }
}

/// Whether nothing in the text can be markup or is written in another way: such text is its own answer.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    !bytes.iter().any(|byte| matches!(byte, b'<' | b'>' | b'&' | b'\r' | 0))
        && !text.contains('\u{a0}')
        && !text.starts_with('\u{feff}')
}
