//! Whether our own pass and ammonia give the same answer: shared by the tests and the fuzzing target.

use std::sync::LazyLock;
use vespera_security::html::{Options, Profile, Reference, Sanitizer};

/// A profile, ours and ammonia's. Each is made once, for the whole process.
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) sanitizer: &'static Sanitizer,
    pub(crate) reference: Reference<'static>,
}

/// A pair for every profile.
pub(crate) static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let of = |profile: &Profile| {
        let options = Options { profile: *profile, ..Options::default() };
        let sanitizer: &Sanitizer = Box::leak(Box::new(Sanitizer::new(options).unwrap()));
        Pair { name: profile.data().name, sanitizer, reference: sanitizer.reference().unwrap() }
    };
    Profile::ALL.iter().map(of).collect()
});

impl Pair {
    /// Nothing if both give the same; otherwise what each gives.
    pub(crate) fn agree(&self, html: &str) -> Result<(), String> {
        let ours = self.sanitizer.sanitize(html).map_err(|error| error.to_string())?.into_owned();
        let Some(theirs) = self.settled(html) else { return Ok(()) };
        let same = |theirs: &str| ordered(&ours) == ordered(theirs);
        // What would not come out of a browser's parser as it went in is shown as text: ammonia does not ask.
        let shown = || self.sanitizer.inspect(html).is_ok_and(|inspection| !inspection.stable);
        if !same(&theirs) && !self.settled(&ended(html)).is_some_and(|theirs| same(&theirs)) && !shown() {
            return Err(format!("{}\n input {html:?}\n ours  {ours:?}\n reference {theirs:?}", self.name));
        }
        Ok(())
    }

    /// ammonia, as often as it takes to reach markup that it leaves alone. Nothing where it leaves none alone, and
    /// where it forgets a line feed each time: one that must follow `<pre>` when the text begins with one.
    fn settled(&self, html: &str) -> Option<String> {
        // A carriage return from a reference becomes a line feed at once: that rule is ours.
        let clean = |html: &str| self.reference.clean(html).replace('\r', "\n");
        let mut now = clean(html);
        for _ in 0..8 {
            if begins_with_line_feed(&now) {
                return None;
            }
            let next = clean(&now);
            if ordered(&next) == ordered(&now) {
                return Some(now);
            }
            now = next;
        }
        None
    }
}

/// Whether the text of some `<pre>` begins with a line feed, in canonical markup.
fn begins_with_line_feed(html: &str) -> bool {
    html.split("<pre").skip(1).any(|tag| {
        let mut rest = tag.split_once('>').map_or("", |(_, after)| after);
        while let Some((_, after)) = rest.strip_prefix('<').and_then(|tag| tag.split_once('>')) {
            rest = after;
        }
        rest.starts_with('\n')
    })
}

/// References to a line feed with the semicolon they lack: that error comes between `<pre>` and the line feed, and
/// html5ever then keeps what the standard, browsers and our pass drop.
fn ended(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(start) = rest.find("&#") {
        let (before, reference) = rest.split_at(start);
        let hex = reference[2..].starts_with(['x', 'X']);
        let digits = &reference[2 + usize::from(hex)..];
        let after = digits.trim_start_matches(|c: char| c.is_digit(if hex { 16 } else { 10 }));
        let code = digits[..digits.len() - after.len()].trim_start_matches('0');
        let reference = &reference[..reference.len() - after.len()];
        out.extend([before, reference]);
        if code.eq_ignore_ascii_case(if hex { "a" } else { "10" }) && !after.starts_with(';') {
            out.push(';');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Canonical markup with the attributes of each tag in order: ammonia shuffles them when its filter drops one.
fn ordered(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').map_or(rest.len(), |end| start + end + 1);
        let inner = rest[start..end].trim_start_matches('<').trim_end_matches('>');
        let (name, attributes) = inner.split_once(' ').unwrap_or((inner, ""));
        let mut attributes: Vec<_> =
            attributes.split("\" ").map(|a| a.trim_end_matches('"')).filter(|a| !a.is_empty()).collect();
        attributes.sort_unstable();
        out.push_str(&format!("{}<{name} {}>", &rest[..start], attributes.join("|")));
        rest = &rest[end..];
    }
    out + rest
}
