//! What a URL may do: by where it stands, by its scheme, by the place it leads to.
//!
//! Every decision is made on what the WHATWG URL parser makes of the value, never on how the value starts: a
//! browser removes tabs, line feeds and leading control characters before it looks for a scheme.

use super::options::{DATA_IMAGE_BYTES, Relative};
use super::profile::ProfileData;
use std::borrow::Cow;
use std::sync::LazyLock;
use url::{ParseError, Url};

/// Where a URL stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Followed when the reader acts: `href`, `cite`, `action`.
    Link,
    /// Loaded at once: `src`, `poster`, `background`. This is how text leaks.
    Resource,
}

/// What is decided about an attribute's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Keep,
    Change(String),
    Drop(&'static str),
}

/// A URL policy, compiled.
#[derive(Clone, Debug)]
pub(super) struct UrlPolicy {
    pub(super) link_schemes: Vec<Cow<'static, str>>,
    pub(super) resource_schemes: &'static [&'static str],
    pub(super) remote_hosts: Vec<String>,
    pub(super) data_image_bytes: usize,
    pub(super) commands: Vec<String>,
    pub(super) roots: Vec<Url>,
    pub(super) relative: Relative,
    pub(super) base: Option<Url>,
    pub(super) id_prefix: Cow<'static, str>,
}

/// Any URL whose host nobody has: what a relative URL is joined to, to see whether it has a host of its own. Made for
/// the first one: no sanitizer waits for the parser before it has a URL.
static PROBE: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("https://relative.invalid/a/").ok());

/// The longest URL that is looked at; a longer one is dropped unless it is image data.
const MAX_URL: usize = 16 * 1024;

impl UrlPolicy {
    /// What a profile says of URLs.
    pub(super) fn of_profile(data: &ProfileData, id_prefix: &'static str) -> Self {
        Self {
            link_schemes: data.link_schemes.iter().map(|scheme| Cow::Borrowed(*scheme)).collect(),
            resource_schemes: data.resource_schemes,
            remote_hosts: Vec::new(),
            data_image_bytes: DATA_IMAGE_BYTES,
            commands: Vec::new(),
            roots: Vec::new(),
            relative: Relative::Keep,
            base: None,
            id_prefix: id_prefix.into(),
        }
    }

    /// Decides about one URL.
    pub(super) fn judge(&self, place: Place, value: &str) -> Verdict {
        if let Some(fragment) = value.strip_prefix('#') {
            return self.fragment(fragment);
        }
        if place == Place::Link && is_plain_https(value) && self.has_link_scheme("https") {
            return Verdict::Keep;
        }
        if value.len() > MAX_URL {
            return self.judge_long(place, value);
        }
        if self.base.is_none() && is_plain_relative(value) {
            return self.judge_own(value);
        }
        self.judge_parsed(place, value)
    }

    /// Decides about URLs divided by spaces.
    #[inline(never)]
    pub(super) fn judge_list(&self, value: &str) -> Verdict {
        let mut urls = value.split_ascii_whitespace();
        if urls.all(|url| self.judge(Place::Link, url) == Verdict::Keep) {
            Verdict::Keep
        } else {
            Verdict::Drop("one of the URLs may not stay")
        }
    }

    /// Decides about `srcset`: candidates that may not stay are taken out.
    #[inline(never)]
    pub(super) fn judge_srcset(&self, value: &str) -> Verdict {
        let mut kept = Vec::new();
        let mut changed = false;
        for (url, descriptor) in candidates(value) {
            // A browser passes such a candidate over; whoever splits at spaces takes its words for URLs.
            if !is_descriptor(descriptor) {
                changed = true;
                continue;
            }
            let url = match self.judge(Place::Resource, url) {
                Verdict::Keep => Cow::Borrowed(url),
                Verdict::Change(url) => {
                    changed = true;
                    Cow::Owned(url)
                }
                Verdict::Drop(_) => {
                    changed = true;
                    continue;
                }
            };
            kept.push(if descriptor.is_empty() {
                url.into_owned()
            } else {
                [&*url, " ", descriptor].concat()
            });
        }
        match (changed, kept.is_empty()) {
            (false, false) => Verdict::Keep,
            (_, true) => Verdict::Drop("no image of the set may be loaded"),
            (true, false) => Verdict::Change(kept.join(", ")),
        }
    }

    /// Every scheme that some URL may have.
    pub(super) fn schemes(&self) -> Vec<&str> {
        let links = self.link_schemes.iter().map(|scheme| &**scheme);
        let mut schemes: Vec<&str> = links.chain(self.resource_schemes.iter().copied()).collect();
        schemes.extend(self.roots.iter().map(Url::scheme));
        schemes.extend(self.base.as_ref().map(Url::scheme));
        schemes.extend((self.data_image_bytes > 0).then_some("data"));
        schemes.extend((!self.commands.is_empty()).then_some("command"));
        schemes
    }

    fn has_link_scheme(&self, scheme: &str) -> bool {
        self.link_schemes.iter().any(|listed| listed == scheme)
    }

    /// A reference inside the document follows the prefix of the ids.
    fn fragment(&self, fragment: &str) -> Verdict {
        if fragment.is_empty() || self.id_prefix.is_empty() || fragment.starts_with(&*self.id_prefix) {
            Verdict::Keep
        } else {
            Verdict::Change(["#", &self.id_prefix, fragment].concat())
        }
    }

    /// Kept apart, as the parser is large.
    #[inline(never)]
    fn judge_parsed(&self, place: Place, value: &str) -> Verdict {
        match Url::parse(value) {
            Ok(url) => self.judge_absolute(place, &url),
            Err(ParseError::RelativeUrlWithoutBase) => self.judge_relative(place, value),
            Err(_) => Verdict::Drop("the URL does not parse"),
        }
    }

    #[inline(never)]
    fn judge_long(&self, place: Place, value: &str) -> Verdict {
        let head: String = value.chars().filter(|c| !c.is_ascii_whitespace()).take(64).collect();
        if place == Place::Resource && head.starts_with("data:") && value.is_ascii() {
            self.judge_data(&head, value.len())
        } else {
            Verdict::Drop("the URL is too long")
        }
    }

    fn judge_absolute(&self, place: Place, url: &Url) -> Verdict {
        if self.roots.iter().any(|root| is_below(root, url))
            || self.base.as_ref().is_some_and(|base| is_below(base, url))
        {
            return Verdict::Keep;
        }
        let on_a_root =
            self.roots.iter().any(|root| root.scheme() == url.scheme() && root.host() == url.host());
        match (place, url.scheme()) {
            _ if on_a_root => Verdict::Drop("the resource is outside the given roots"),
            (Place::Link, "command") => self.judge_command(url),
            (Place::Link, scheme) if self.has_link_scheme(scheme) => Verdict::Keep,
            (Place::Link, _) => Verdict::Drop("the scheme is not listed"),
            (Place::Resource, "data") => self.judge_data(url.as_str(), url.as_str().len()),
            (Place::Resource, scheme) if self.resource_schemes.contains(&scheme) => {
                if url.host_str().is_some_and(|host| self.is_listed_host(host)) {
                    Verdict::Keep
                } else {
                    Verdict::Drop("the host is not listed: loading it would tell it who reads this")
                }
            }
            (Place::Resource, _) => Verdict::Drop("the scheme is not listed"),
        }
    }

    fn judge_relative(&self, place: Place, value: &str) -> Verdict {
        // What has a host of its own (`//host`, `\\host`) is as remote as any other.
        let Some((probe, joined)) = PROBE.as_ref().and_then(|probe| Some((probe, probe.join(value).ok()?)))
        else {
            return Verdict::Drop("the URL does not parse");
        };
        if joined.host() != probe.host() {
            return match (place, self.has_link_scheme("https")) {
                (Place::Link, true) => Verdict::Keep,
                (Place::Link, false) => Verdict::Drop("the scheme is not listed"),
                (Place::Resource, _) => self.judge_absolute(place, &joined),
            };
        }
        self.judge_own(value)
    }

    /// Decides about a relative URL without a host of its own.
    fn judge_own(&self, value: &str) -> Verdict {
        match (&self.relative, &self.base) {
            (Relative::Remove, _) => Verdict::Drop("relative URLs are removed"),
            (Relative::Keep, _) => Verdict::Keep,
            (Relative::Base(_), Some(base)) => match base.join(value) {
                Ok(url) if is_below(base, &url) => Verdict::Change(url.into()),
                Ok(_) => Verdict::Drop("the URL leads out of the base"),
                Err(_) => Verdict::Drop("the URL does not parse"),
            },
            (Relative::Base(_), None) => Verdict::Drop("relative URLs are removed"),
        }
    }

    /// `command:id?arguments`, the arguments percent-encoded JSON.
    fn judge_command(&self, url: &Url) -> Verdict {
        let listed = self.commands.iter().any(|command| command == url.path());
        let arguments = url.query().map(percent_decode);
        let parses = match &arguments {
            None => true,
            Some(bytes) => std::str::from_utf8(bytes)
                .is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()),
        };
        match (listed, parses) {
            (true, true) => Verdict::Keep,
            (true, false) => Verdict::Drop("the command's arguments are not JSON"),
            (false, _) => Verdict::Drop("the command is not listed"),
        }
    }

    fn judge_data(&self, url: &str, length: usize) -> Verdict {
        let media = url.split([',', ';']).next().unwrap_or("").to_ascii_lowercase();
        let raster = matches!(
            media.as_str(),
            "data:image/png"
                | "data:image/jpeg"
                | "data:image/gif"
                | "data:image/webp"
                | "data:image/avif"
                | "data:image/bmp"
        );
        match (raster, length <= self.data_image_bytes) {
            (true, true) => Verdict::Keep,
            (true, false) => Verdict::Drop("the image data is larger than allowed"),
            (false, _) => Verdict::Drop("only raster images may stand in the text as data"),
        }
    }

    fn is_listed_host(&self, host: &str) -> bool {
        self.remote_hosts.iter().any(|listed| match listed.strip_prefix('*') {
            Some("") => true,
            Some(end) => host.len() > end.len() && host.ends_with(end),
            None => host == listed,
        })
    }
}

/// Whether a URL lies below a root once its path is decoded and its dots are resolved.
fn is_below(root: &Url, url: &Url) -> bool {
    let path = |url: &Url| {
        let mut path = percent_decode(url.path());
        // A server may decode more than once: so do we, until nothing is left to decode.
        for _ in 0..4 {
            let Ok(text) = std::str::from_utf8(&path) else { return None };
            let again = percent_decode(text);
            if again == path {
                return Some(segments(text));
            }
            path = again;
        }
        None
    };
    let same = root.scheme() == url.scheme() && root.host() == url.host() && root.port() == url.port();
    same && url.username().is_empty()
        && match (path(root), path(url)) {
            (Some(Some(root)), Some(Some(url))) => url.starts_with(&root),
            _ => false,
        }
}

/// The segments of a decoded path, or nothing if it climbs above its start.
fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name if name.contains('\0') => return None,
            name => segments.push(name.to_owned()),
        }
    }
    Some(segments)
}

fn percent_decode(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or(byte));
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

/// Whether a URL is `https://` and a host of plain labels that ends in letters: what the parser accepts as it
/// stands, so that most links need no parser.
#[inline(never)]
fn is_plain_https(value: &str) -> bool {
    let Some(rest) = value.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let plain = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && label.len() < 60
    };
    value.len() <= MAX_URL
        && host.len() < 200
        && host.split('.').all(plain)
        && host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_lowercase()))
        && host.contains('.')
}

/// Whether a URL is a path of plain segments, which leads to no other host whatever it is joined to.
fn is_plain_relative(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
        && value.starts_with(|first: char| first != '/')
}

/// The candidates of a `srcset`: URL and descriptor, as the standard splits them.
fn candidates(value: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return found;
        }
        let (url, after) = match rest.find(|c: char| c.is_ascii_whitespace()) {
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        let bare = url.trim_end_matches(',');
        if bare.len() < url.len() {
            found.push((bare, ""));
            rest = after;
            continue;
        }
        let mut depth = 0_u32;
        let end = after
            .find(|c: char| {
                match c {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                c == ',' && depth == 0
            })
            .unwrap_or(after.len());
        let (descriptor, after) = after.split_at(end);
        found.push((url, descriptor.trim_matches(|c: char| c.is_ascii_whitespace())));
        rest = after;
    }
}

/// Whether a candidate's descriptor is a list of widths, heights and densities: `2x`, `300w 200h`.
fn is_descriptor(descriptor: &str) -> bool {
    descriptor.split_ascii_whitespace().all(|one| {
        let number = one.strip_suffix(['w', 'x', 'h']).unwrap_or("");
        number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && number.bytes().any(|byte| byte.is_ascii_digit())
            && number.bytes().filter(|byte| *byte == b'.').count() < 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

        #[test]
        fn what_needs_no_parser_is_what_the_parser_accepts(
            host in "[a-z0-9.:%@x-]{0,16}", rest in "([/?#][ -~\u{80}-\u{2ff}]{0,12})?",
            path in r"[a-z0-9./\\:_-]{0,12}",
        ) {
            if is_plain_relative(&path) {
                let base = Url::parse("https://a.example/b/c").unwrap();
                prop_assert_eq!(Url::parse(&path), Err(ParseError::RelativeUrlWithoutBase));
                let joined = base.join(&path).unwrap();
                prop_assert_eq!(joined.host_str(), base.host_str());
            }
            let value = format!("https://{host}{rest}");
            if is_plain_https(&value) {
                let url = Url::parse(&value);
                prop_assert!(url.is_ok_and(|url| url.scheme() == "https" && url.host_str() == Some(&host)), "{value}");
            }
        }
    }

    #[test]
    fn a_set_of_images_is_split_as_browsers_split_it() {
        assert_eq!(candidates("a.png 1x, b.png 2x"), [("a.png", "1x"), ("b.png", "2x")]);
        assert_eq!(candidates(" a,b 1x,c, d(e,f) "), [("a,b", "1x"), ("c", ""), ("d(e,f)", "")]);
        assert_eq!(candidates("a 1x (x,y), b"), [("a", "1x (x,y)"), ("b", "")]);
        assert_eq!(candidates(" , ,"), []);
        assert!(["", "2x", "1.5x", "300w", "300w 200h", ".5x"].into_iter().all(is_descriptor));
        assert!(
            ["data:text/html", "x", ".x", "1.2.3x", "-1x", "infx", "2", "2x data:a"]
                .into_iter()
                .all(|it| !is_descriptor(it))
        );
    }
}
