//! What a caller may ask for: a profile, what to add to it and take from it, and what URLs may do.

use super::profile::Profile;
use super::standard::{SanitizerConfig, Standard};
use crate::error::{Error, Result};
use crate::json::apart;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How to sanitize: a profile and changes to it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// The allow-list to start from; `chat` if not given.
    pub profile: Profile,
    /// What to allow beyond the profile.
    #[serde(deserialize_with = "apart")]
    pub add: Changes,
    /// What to take from the profile.
    #[serde(deserialize_with = "apart")]
    pub remove: Changes,
    /// What URLs may do.
    #[serde(deserialize_with = "apart")]
    pub urls: UrlOptions,
    /// What stands before every `id` and `name`, so that none shadows a property of the page; references
    /// follow. `user-content-` if not given.
    pub id_prefix: Option<String>,
    /// The standard's configuration, with what `setHTML` does under it, instead of a profile.
    #[serde(deserialize_with = "apart")]
    pub sanitizer: Option<StandardOption>,
    /// How much work an input may cause.
    #[serde(deserialize_with = "apart")]
    pub limits: Limits,
}

/// A configuration of the HTML Sanitizer API.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum StandardOption {
    /// The one that is built in.
    BuiltIn(BuiltIn),
    /// One of the caller's.
    Config(Box<SanitizerConfig>),
}

/// The name of the built-in configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuiltIn {
    /// What `setHTML` does without a configuration.
    Default,
}

impl Options {
    /// The standard's configuration, if the options ask for it: then they ask for nothing of a profile.
    #[inline(never)]
    pub(super) fn standard(&self, sanitizer: &StandardOption) -> Result<Standard> {
        let only = Self { sanitizer: None, limits: self.limits, ..Self::default() };
        let mine = Self { sanitizer: None, ..self.clone() };
        if mine != only {
            return Err(Error::config(
                "html: sanitizer stands alone: profile, add, remove, urls and idPrefix are not the standard's",
            ));
        }
        check_limits(&self.limits)?;
        match sanitizer {
            StandardOption::BuiltIn(BuiltIn::Default) => Standard::new(None),
            StandardOption::Config(config) => Standard::new(Some((**config).clone())),
        }
    }
}

/// Names to add to a profile or to take from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Changes {
    /// Elements, by local name.
    pub tags: Vec<String>,
    /// Attributes: for `*`, any element's; otherwise one element's.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Classes; `*` at the end stands for any rest.
    pub classes: Vec<String>,
    /// Schemes of links, without the colon.
    pub schemes: Vec<String>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        let Self { tags, attributes, classes, schemes } = self;
        tags.is_empty() && attributes.is_empty() && classes.is_empty() && schemes.is_empty()
    }
}

/// What URLs may do. All that is not given is what the profile says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UrlOptions {
    /// URLs without a scheme.
    pub relative: Relative,
    /// Hosts from which images and other resources may be loaded: `example.com`, `*.example.com`, or `*`. None if
    /// not given: loading an image tells its host who reads the text, and the URL may carry the text itself.
    pub remote_hosts: Vec<String>,
    /// The longest `data:` URL of a raster image, in bytes; 262144 if not given, 0 for none.
    pub data_image_bytes: usize,
    /// Ids of the commands that `command:` links may run. Their arguments must be JSON.
    pub commands: Vec<String>,
    /// Absolute URLs below which the editor's resources may be loaded, as `asWebviewUri` gives them.
    pub resource_roots: Vec<String>,
}

/// The longest `data:` URL of an image if options name no other.
pub(super) const DATA_IMAGE_BYTES: usize = 256 * 1024;

/// What happens to URLs without a scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relative {
    /// They stay.
    #[default]
    Keep,
    /// They go.
    Remove,
    /// They are resolved against this absolute URL and must stay below it.
    Base(String),
}

impl Default for UrlOptions {
    fn default() -> Self {
        Self {
            relative: Relative::Keep,
            remote_hosts: Vec::new(),
            data_image_bytes: DATA_IMAGE_BYTES,
            commands: Vec::new(),
            resource_roots: Vec::new(),
        }
    }
}

/// How much work an input may cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of input; more is refused. 2 MiB if not given.
    pub bytes: usize,
    /// Elements within elements; deeper ones are replaced with their content. 512 if not given.
    pub depth: usize,
    /// Attributes of one element; more are dropped. 256 if not given.
    pub attributes: usize,
    /// Nodes of the tree; more is refused. 1048576 if not given.
    pub nodes: usize,
    /// Bytes of output; more is refused. 8 MiB if not given.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 2 << 20, depth: 512, attributes: 256, nodes: 1 << 20, output: 8 << 20 }
    }
}

impl Limits {
    /// The most that may be asked for.
    pub const CEILING: Self =
        Self { bytes: 64 << 20, depth: 512, attributes: 1024, nodes: 1 << 22, output: 256 << 20 };
}

/// Checks that every limit is in its range.
pub(super) fn check_limits(limits: &Limits) -> Result<()> {
    let most = Limits::CEILING;
    for (value, most, name) in [
        (limits.bytes, most.bytes, "bytes"),
        (limits.depth, most.depth, "depth"),
        (limits.attributes, most.attributes, "attributes"),
        (limits.nodes, most.nodes, "nodes"),
        (limits.output, most.output, "output"),
    ] {
        if value == 0 || value > most {
            return Err(Error::config(format!("html: limits.{name} must be from 1 to {most}")));
        }
    }
    Ok(())
}
