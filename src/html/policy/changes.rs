//! What options change about the policy of a profile.

use super::{DROPPED, Fate, Names, OF_ALL, Policy, Tag, kind};
use crate::error::{Error, Result};
use crate::html::options::{Changes, Limits, Options, Relative, UrlOptions, check_limits};
use crate::html::url::UrlPolicy;
use std::borrow::Cow;
use std::collections::BTreeMap;
use url::Url;

/// Elements that no configuration may allow: they run, load or rewrite the page by being there.
#[rustfmt::skip]
const NEVER: &[&str] = &[
    "animate", "animateColor", "animateMotion", "animateTransform", "applet", "base", "body", "discard", "embed",
    "fencedframe", "foreignObject", "frame", "frameset", "head", "html", "iframe", "link", "math", "meta", "noembed",
    "noframes", "noscript", "object", "param", "plaintext", "portal", "script", "selectedcontent", "set", "style",
    "template", "textarea", "title", "use", "xmp",
];

/// Attributes that no configuration may allow: they name code, or what is loaded as code.
const NEVER_ATTRIBUTES: &[&str] = &[
    "attributename",
    "attributionsrc",
    "code",
    "codebase",
    "classid",
    "is",
    "nonce",
    "http-equiv",
    "sandbox",
    "slot",
    "srcdoc",
    "xmlns:xlink",
];

impl Policy {
    /// Checks and compiles options.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) for what contradicts itself or is never safe.
    pub(in crate::html) fn new(options: Options) -> Result<Self> {
        let Options { profile, add, remove, urls, id_prefix, sanitizer: _, limits } = options;
        check_limits(&limits)?;
        let mut policy = Self::of_profile(profile);
        policy.limits = limits;
        if !(add.is_empty() && remove.is_empty()) {
            policy.change(add, remove)?;
        }
        if let Some(prefix) = id_prefix {
            policy.set_id_prefix(prefix)?;
        }
        if urls != UrlOptions::default() {
            change_urls(&mut policy.urls, urls)?;
        }
        Ok(policy)
    }

    /// Adds to the profile and takes from it. Kept apart, as most options name a profile and nothing more.
    #[inline(never)]
    fn change(&mut self, mut add: Changes, remove: Changes) -> Result<()> {
        // HTML's names have no case, SVG's do: what is added is added in both spellings.
        both_spellings(&mut add.tags);
        add.attributes.values_mut().for_each(both_spellings);
        check_changes("add", &add)?;
        check_changes("remove", &remove)?;
        check_added(&add, &remove)?;
        self.remove_tags(&remove.tags);
        self.add_tags(&add.tags);
        self.add_attributes(&add.attributes)?;
        self.remove_attributes(&remove.attributes)?;
        self.change_classes(add.classes, remove.classes);
        let schemes = add.schemes.iter().map(|scheme| scheme.to_ascii_lowercase().into());
        self.urls.link_schemes.extend(schemes);
        self.urls.link_schemes.retain(|scheme| !lists(&remove.schemes, scheme));
        Ok(())
    }

    fn remove_tags(&mut self, names: &[String]) {
        for (name, tag) in self.tags.iter_mut().filter(|(name, _)| lists(names, name)) {
            *tag = Tag::new(
                if DROPPED.contains(&name) { Fate::Drop } else { Fate::Unwrap },
                name,
                Names::default(),
            );
        }
    }

    fn add_tags(&mut self, names: &[String]) {
        for name in names {
            match self.tags.get_mut(name) {
                Some(tag) => {
                    tag.fate = Fate::Keep;
                    // Who adds an element by its name wants all of them.
                    tag.required.clear();
                }
                None => self.tags.put(name.clone(), Tag::new(Fate::Keep, name, Names::default())),
            }
        }
    }

    /// The elements that stay whose name is this one, in whatever case; all of them for `*`.
    fn kept(&mut self, element: &str) -> impl Iterator<Item = (&str, &mut Tag)> {
        let named = move |name: &str| element == "*" || name.eq_ignore_ascii_case(element);
        self.tags.iter_mut().filter(move |(name, tag)| tag.fate == Fate::Keep && named(name))
    }

    fn add_attributes(&mut self, added: &BTreeMap<String, Vec<String>>) -> Result<()> {
        for (element, names) in added {
            let for_all = element == "*";
            let mut allowed = for_all;
            for (element, tag) in self.kept(element) {
                allowed = true;
                for name in names {
                    let here = kind(element, name);
                    // What is followed on a link is loaded elsewhere.
                    if !for_all || here != kind(OF_ALL, name) {
                        tag.attributes.put(name.clone(), here);
                    }
                }
            }
            if !allowed {
                return Err(Error::config("html: add.attributes names an element that is not allowed"));
            }
            if for_all {
                for name in names {
                    self.attributes.put(name.clone(), kind(OF_ALL, name));
                }
            }
        }
        Ok(())
    }

    fn remove_attributes(&mut self, removed: &BTreeMap<String, Vec<String>>) -> Result<()> {
        for (element, names) in removed {
            if element == "*" {
                self.attributes.retain(|name| !lists(names, name));
            } else if self.attributes.iter().any(|(name, _)| lists(names, name)) {
                return Err(Error::config(
                    "html: remove.attributes takes from one element what all may have: use `*`",
                ));
            }
            for (_, tag) in self.kept(element) {
                tag.attributes.retain(|name| !lists(names, name));
            }
        }
        Ok(())
    }

    fn change_classes(&mut self, added: Vec<String>, removed: Vec<String>) {
        if !added.is_empty() {
            let added = added.into_iter().map(Cow::Owned);
            self.classes.listed.get_or_insert_default().extend(added);
        }
        self.classes.removed = removed.into_iter().map(Cow::Owned).collect();
    }

    #[inline(never)]
    fn set_id_prefix(&mut self, prefix: String) -> Result<()> {
        if !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            || prefix.len() > 64
        {
            return Err(Error::config("html: idPrefix must be letters, digits, - and _, at most 64"));
        }
        self.urls.id_prefix = prefix.clone().into();
        self.id_prefix = prefix.into();
        Ok(())
    }
}

fn check_added(add: &Changes, remove: &Changes) -> Result<()> {
    if add.tags.iter().any(|tag| lists(&remove.tags, tag)) {
        return Err(Error::config("html: a tag stands both in add.tags and in remove.tags"));
    }
    if add.tags.iter().any(|tag| NEVER.iter().any(|never| never.eq_ignore_ascii_case(tag))) {
        return Err(Error::config("html: add.tags names an element that is never safe"));
    }
    for attribute in add.attributes.values().flatten() {
        let name = attribute.to_ascii_lowercase();
        if name.starts_with("on") || NEVER_ATTRIBUTES.contains(&name.as_str()) {
            return Err(Error::config("html: add.attributes names an attribute that is never safe"));
        }
    }
    if add.schemes.iter().any(|scheme| is_script_scheme(scheme)) {
        return Err(Error::config("html: add.schemes names a scheme that runs code or carries a document"));
    }
    Ok(())
}

#[inline(never)]
fn change_urls(policy: &mut UrlPolicy, options: UrlOptions) -> Result<()> {
    let absolute = |value: &String| {
        Url::parse(value)
            .ok()
            .filter(|url| !url.cannot_be_a_base() && !is_script_scheme(url.scheme()))
            .ok_or_else(|| {
                Error::config("html: urls.resourceRoots and urls.relative.base must be absolute URLs")
            })
    };
    if let Relative::Base(base) = &options.relative {
        policy.base = Some(absolute(base)?);
    }
    let host = |host: &String| {
        let name = host.strip_prefix("*.").unwrap_or(host);
        host == "*"
            || (!name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b)))
    };
    if !options.remote_hosts.iter().all(host) {
        return Err(Error::config("html: urls.remoteHosts must be lower-case host names, `*.name` or `*`"));
    }
    policy.roots = options.resource_roots.iter().map(absolute).collect::<Result<_>>()?;
    policy.remote_hosts = options.remote_hosts;
    policy.data_image_bytes = options.data_image_bytes.min(Limits::CEILING.bytes);
    policy.commands = options.commands;
    policy.relative = options.relative;
    Ok(())
}

/// Names must be names: what could end a tag or an attribute is no name.
fn check_changes(which: &str, changes: &Changes) -> Result<()> {
    let plain = |name: &String| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(&byte))
            && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
    };
    let all = |names: Vec<&String>, field: &str| match names.into_iter().all(plain) {
        true => Ok(()),
        false => {
            Err(Error::config(format!("html: {which}.{field} must hold names of letters, digits and -_:.")))
        }
    };
    all(changes.tags.iter().collect(), "tags")?;
    all(changes.attributes.keys().filter(|name| *name != "*").collect(), "attributes")?;
    all(changes.attributes.values().flatten().collect(), "attributes")?;
    let scheme = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    if !changes.schemes.iter().all(scheme) {
        return Err(Error::config(format!("html: {which}.schemes must hold schemes without the colon")));
    }
    Ok(())
}

fn is_script_scheme(scheme: &str) -> bool {
    ["javascript", "vbscript", "livescript", "mocha", "data", "blob", "filesystem", "about", "command"]
        .iter()
        .any(|script| script.eq_ignore_ascii_case(scheme))
}

/// Whether a list holds a name, in whatever case.
fn lists(names: &[String], name: &str) -> bool {
    names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

/// Adds the lower-case spelling of names that have another one.
fn both_spellings(names: &mut Vec<String>) {
    let lower: Vec<_> =
        names.iter().map(|name| name.to_ascii_lowercase()).filter(|name| !names.contains(name)).collect();
    names.extend(lower);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::{Profile, Sanitizer};

    #[test]
    fn options_that_ask_for_nothing_change_nothing() {
        for profile in Profile::ALL {
            let options = Options { profile: *profile, ..Options::default() };
            let policy = Policy::new(options).unwrap();
            assert_eq!(format!("{policy:?}"), format!("{:?}", Policy::of_profile(*profile)));
        }
    }

    #[test]
    fn what_all_may_have_is_judged_by_the_element_that_has_it() {
        let attributes = [("*".to_owned(), vec!["href".to_owned()])].into();
        let add = Changes { tags: vec!["area".to_owned()], attributes, ..Changes::default() };
        let sanitizer = Sanitizer::new(Options { add, ..Options::default() }).unwrap();
        let html = r#"<a href="https://e.example/"></a><b href="https://e.example/"></b><area href="https://e.example/">"#;
        let clean = r#"<a href="https://e.example/"></a><b></b><area href="https://e.example/">"#;
        assert_eq!(sanitizer.sanitize(html).unwrap(), clean);
    }
}
