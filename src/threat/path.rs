//! Path traversal: a path is resolved, not matched.
//!
//! Every run of path characters is split at its separators and walked. What climbs out of the folder it starts
//! in is a traversal, unless it is what developers write all day: `../../src/main.ts`, a relative path of plain
//! names. A path that ends at a file of the system or a file of secrets is one wherever it starts.

use super::finding::{Hit, Rule, Severity, ThreatType};
use crate::text::cursor::{at, part};
use crate::text::glance::Glance;
use std::ops::Range;

const fn rule(id: &'static str, severity: Severity, message: &'static str) -> Rule {
    Rule::new(id, ThreatType::PathTraversal, severity, "CWE-22", message)
}

static CLIMB: Rule = rule("path.climb", Severity::High, "the path climbs out of the folder it starts in");
static DISGUISED: Rule =
    rule("path.disguised", Severity::High, "the path hides its parent steps from a filter");
static SENSITIVE: Rule =
    rule("path.sensitive_file", Severity::High, "the path names a file of the system or of secrets");

/// The longest path that is walked; a longer run of path characters is walked in pieces.
const MAX_PATH: usize = 8_192;

/// Ends of paths that no request has business with, in lower case, with `/` between names.
const SENSITIVE_ENDS: &[&str] = &[
    "etc/passwd",
    "etc/shadow",
    "etc/group",
    "etc/hosts",
    "etc/sudoers",
    "etc/master.passwd",
    "etc/issue",
    "etc/subuid",
    "etc/gshadow",
    "etc/motd",
    "etc/mtab",
    "etc/fstab",
    "etc/crontab",
    "etc/ssh/sshd_config",
    "etc/mysql/my.cnf",
    "etc/apache2/apache2.conf",
    "etc/security/passwd",
    "proc/self/environ",
    "proc/self/cmdline",
    "proc/self/fd",
    "proc/version",
    "proc/self/maps",
    "proc/net/tcp",
    "proc/cmdline",
    "proc/self/status",
    "proc/mounts",
    "proc/net/arp",
    "proc/net/udp",
    "boot.ini",
    "win.ini",
    "windows/system.ini",
    "system32/config/sam",
    "repair/sam",
    "repair/system",
    "windows/win.ini",
    "winnt/win.ini",
    "system32/cmd.exe",
    "php.ini",
    "global.asa",
    "autoexec.bat",
    "system32/drivers/etc/hosts",
    "web-inf/web.xml",
    "meta-inf/manifest.mf",
    "sysprep.inf",
    "unattend.xml",
    "sysprep/sysprep.xml",
    ".ssh/id_rsa",
    ".ssh/id_dsa",
    ".ssh/id_ed25519",
    ".ssh/authorized_keys",
    ".aws/credentials",
    ".docker/config.json",
    ".docker/secrets",
    ".kube/config",
    ".netrc",
    ".pgpass",
    ".bash_history",
    ".mysql_history",
    ".history",
    ".htpasswd",
    ".htaccess",
    ".git/config",
    ".git-credentials",
    "wp-config.php",
    "var/log/apache/access.log",
    "var/log/apache2/access.log",
    "var/log/apache2/error.log",
    "var/log/auth.log",
    "var/log/messages",
    "httpd.conf",
    "var/log/syslog",
    "apache/logs/access.log",
    "apache/logs/error.log",
    "inetpub/logs/logfiles",
    "system32/inetsrv/metabase.xml",
];

/// Parent steps in a plain relative path that a project's depth explains.
const ORDINARY_STEPS: usize = 6;

/// Finds paths that climb, hide or end where they must not.
pub(super) fn detect(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    if !may_matter(glance) {
        return;
    }
    let text = glance.text;
    for run in runs(text) {
        *steps += run.len() as u64;
        if let Some(hit) = judge(text, run) {
            hits.push(hit);
        }
    }
}

/// Finds only what no source file writes: disguises, and climbs to a file of the system.
pub(super) fn detect_strict(glance: &Glance<'_>, hits: &mut Vec<Hit>, steps: &mut u64) {
    if !may_climb(glance) {
        return;
    }
    let text = glance.text;
    for run in runs(text) {
        *steps += run.len() as u64;
        let Some(hit) = judge(text, run.clone()) else { continue };
        let walk = Walk::of(part(text, run));
        if hit.rule.id != SENSITIVE.id && (walk.climbs >= 3 || walk.disguised) && !walk.plain
            || walk.climbs >= 2 && is_sensitive(&walk.names)
        {
            hits.push(hit);
        }
    }
}

/// Whether a step up or in place can stand in the text.
fn may_climb(glance: &Glance<'_>) -> bool {
    glance.may_pair(b'.', b'.') || glance.may_pair(b'.', b'/') || glance.may_pair(b'.', b'\\')
}

/// Whether a text can hold a path of interest: a step, or every name of a path that no request has business with.
fn may_matter(glance: &Glance<'_>) -> bool {
    may_climb(glance)
        || SENSITIVE_ENDS.iter().any(|end| {
            // A path may have other separators, and more than one.
            end.as_bytes()
                .windows(2)
                .all(|pair| pair.contains(&b'/') || glance.may_pair(at(pair, 0), at(pair, 1)))
        })
}

/// Runs of characters that a path is made of, with at least one separator or dot in them.
fn runs(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut index = 0;
    while index < bytes.len() {
        if !is_path(at(bytes, index)) {
            index += 1;
            continue;
        }
        let start = index;
        let mut marks = false;
        while index < bytes.len() && is_path(at(bytes, index)) && index - start < MAX_PATH {
            marks |= matches!(at(bytes, index), b'/' | b'\\' | b'.');
            index += 1;
        }
        while index < bytes.len() && at(bytes, index) & 0xc0 == 0x80 {
            index += 1;
        }
        if marks && index - start > 2 {
            runs.push(start..index);
        }
    }
    runs
}

const fn is_path(byte: u8) -> bool {
    byte >= 0x80
        || byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'/' | b'\\'
                | b'.'
                | b'_'
                | b'-'
                | b'~'
                | b'%'
                | b'{'
                | b'}'
                | b':'
                | b'+'
                | b'@'
                | b'$'
                | b'*'
                | b'['
                | b']'
                | b'?'
                | b'='
                | b'#'
                | b';'
                | 0
        )
}

/// A path walked from left to right.
#[derive(Debug, Default)]
struct Walk {
    /// Steps above the start.
    climbs: usize,
    /// Doubled or mixed separators, dots in numbers, steps back and forth.
    disguised: bool,
    /// Names and separators that an import or a shell line has.
    plain: bool,
    /// Names below the start, in lower case.
    names: String,
}

impl Walk {
    fn of(path: &str) -> Self {
        let mut walk = Self { plain: true, ..Self::default() };
        let mut depth: usize = 0;
        let mut last = 0;
        let mut named = false;
        let mut dots = 0;
        for name in path.split_inclusive(['/', '\\']) {
            let separator = name.bytes().last().filter(|byte| matches!(byte, b'/' | b'\\')).unwrap_or(0);
            let name = name.trim_end_matches(['/', '\\']);
            if last != 0 && separator != 0 && separator != last {
                walk.disguised = true;
            }
            last = if separator == 0 { last } else { separator };
            let parent = matches!(name.trim_end_matches('\0'), ".." | "..;")
                || name.len() >= 3 && name.bytes().all(|byte| byte == b'.')
                || named_parent(name);
            match name {
                "" => walk.disguised |= separator != 0 && (walk.climbs > 0 || dots > 0),
                "." => dots += 1,
                _ if parent => {
                    walk.disguised |= named && depth == 0 || name.len() > 2;
                    match depth.checked_sub(1) {
                        Some(up) => depth = up,
                        None => walk.climbs += 1,
                    }
                }
                _ => {
                    depth += 1;
                    // A name longer than any file system's is there to push a filter's buffer.
                    walk.disguised |= name.len() > 255;
                    named = true;
                    walk.plain &= name.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric()
                            || matches!(
                                byte,
                                b'.' | b'_'
                                    | b'-'
                                    | b'@'
                                    | b'*'
                                    | b'$'
                                    | b'['
                                    | b']'
                                    | b'+'
                                    | b'?'
                                    | b'#'
                                    | b':'
                            )
                    });
                    if walk.names.len() < 512 {
                        walk.names.push('/');
                        walk.names.push_str(&name.to_ascii_lowercase());
                    }
                }
            }
        }
        walk.disguised |= dots > 2 || walk.climbs > 0 && dots > 0;
        walk
    }
}

/// `AAAA..` and `C:..`: a parent step with a name glued to it.
fn named_parent(name: &str) -> bool {
    name.strip_suffix("..").is_some_and(|front| front.len() > 60 || front.ends_with(['=', ':', '\0']))
        || name.contains('%') && name.trim_matches('%') == ".."
}

fn judge(text: &str, run: Range<usize>) -> Option<Hit> {
    // A URL's query and scheme are not part of the walk: `?file=../../x` is judged behind the sign.
    let path = part(text, run.clone());
    let sign =
        path.rfind(['=', '?']).filter(|sign| path.len() - sign > 3 && !part(path, 0..*sign).contains(".."));
    let start = sign.map_or(0, |sign| sign + 1);
    let path = path.get(start..).unwrap_or(path);
    let range = run.start + start..run.end;
    let scheme = path.contains("://");
    let walk = Walk::of(path);
    if is_sensitive(&walk.names) {
        let sure = if walk.climbs > 0 || walk.disguised { 0.98 } else { 0.75 };
        return Some(Hit::new(&SENSITIVE, range, sure));
    }
    if walk.climbs == 0 && walk.disguised && path.len() > 255 && path.contains("..") {
        return Some(Hit::new(&DISGUISED, range, 0.8));
    }
    if walk.climbs == 0 || scheme && walk.climbs < 3 {
        // `././././` and `\..\` from a root.
        let dotted = path.matches("./").count() + path.matches(".\\").count();
        return (dotted >= 6 && walk.disguised && walk.names.len() < 64)
            .then(|| Hit::new(&DISGUISED, range, 0.6));
    }
    let rooted = path.starts_with(['/', '\\']);
    let backslashes = path.contains('\\');
    if walk.disguised && !is_ordinary_dot(path) || rooted && !walk.plain {
        return Some(Hit::new(&DISGUISED, range, 0.9));
    }
    let ordinary = walk.plain && walk.climbs <= ORDINARY_STEPS && (!rooted || walk.climbs <= 1);
    // A climb that ends nowhere is a shell's `cd ../..`; one without any name stands for a file to be filled in.
    if ordinary && (!walk.names.is_empty() || walk.climbs <= 3) && !backslashes {
        return None;
    }
    if ordinary && backslashes && !walk.names.is_empty() && !rooted {
        return None;
    }
    Some(Hit::new(&CLIMB, range, if walk.climbs > 2 { 0.9 } else { 0.7 }))
}

/// `./../x` as bundlers write it, and the ellipsis of a sentence or a glob.
fn is_ordinary_dot(path: &str) -> bool {
    if path.trim_start_matches("./") == "..." {
        return true;
    }
    let rest = path.strip_prefix("./").unwrap_or(path);
    let climbs = rest.trim_start_matches("../");
    !climbs.contains("..")
        && !climbs.contains("//")
        && !climbs.contains("./")
        && !climbs.contains('\\')
        && rest.len() > climbs.len()
        || path.starts_with("...") && !path.contains("/..") && !path.contains("\\..")
}

fn is_sensitive(names: &str) -> bool {
    let names = names.split(['\0', '?', '#', ';', '%']).next().unwrap_or("");
    SENSITIVE_ENDS.iter().any(|end| {
        names
            .strip_suffix(end)
            .is_some_and(|front| front.is_empty() || front.ends_with('/') || front.ends_with(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::rules;

    fn found(text: &str) -> Option<&'static str> {
        rules(detect, text).next()
    }

    #[test]
    fn climbs_disguises_and_system_files_are_found() {
        assert_eq!(found("../../../../etc/passwd"), Some("path.sensitive_file"));
        assert_eq!(found("....//....//x"), Some("path.disguised"));
        assert_eq!(found("..\\../..\\x"), Some("path.disguised"));
        assert_eq!(found("/../../../x{y}"), Some("path.disguised"));
        assert_eq!(found("C:\\boot.ini"), Some("path.sensitive_file"));
        assert_eq!(found("../../../../../../../../../../x"), Some("path.climb"));
        assert_eq!(found("/download?file=../../../../etc/shadow"), Some("path.sensitive_file"));
    }

    #[test]
    fn paths_of_everyday_are_left_alone() {
        for text in [
            "import x from '../../lib/util'",
            "cd ../..",
            "see ../README.md and ./src/main.rs",
            "https://example.org/a/b/c.html",
            "C:\\Users\\me\\project\\src",
            "and so on...",
            "1.2.3 ... 4.5",
            "./../x/y.ts",
            "src/**/*.ts",
            "a/b/../c",
            "../node_modules/.bin/tsc",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
