//! Scores the detectors natively: `cargo run --profile quick --example score -- CORPORA [--misses TYPE] [--code DIR]…`
//!
//! Counts as the published scorer does: an alarm is a finding from medium on, and any alarm detects an attack.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for the command line")]

use serde_json::Value;
use std::collections::BTreeMap;
use vespera_security::threat::{Detector, Finding, Scope, Severity};

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut take = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.remove(at);
        Some(arguments.remove(at))
    };
    let misses = take("--misses").unwrap_or_default();
    let planted_misses = take("--planted").unwrap_or_default();
    let mut trees = Vec::new();
    while let Some(tree) = take("--code") {
        trees.push(tree);
    }
    let corpora = arguments.first().cloned().unwrap_or_else(|| "../shared/corpora".into());
    let load = |name: &str| -> Vec<Value> {
        serde_json::from_str(&std::fs::read_to_string(format!("{corpora}/{name}.json")).unwrap()).unwrap()
    };
    let detector = Detector::default();
    let mut tally: BTreeMap<String, (u32, u32, u32)> = BTreeMap::new();
    let mut count = |key: String, found: bool, named: bool| {
        let entry = tally.entry(key).or_default();
        *entry = (entry.0 + 1, entry.1 + u32::from(found), entry.2 + u32::from(named));
    };
    for attack in load("attacks") {
        let word = |name: &str| attack.get(name).and_then(Value::as_str).unwrap();
        let (kind, source, text) = (word("type"), word("source"), word("text"));
        let found = alarms(&detector, text, Scope::UserInput);
        let named = found.iter().any(|finding| finding.kind.name() == kind);
        let group = if source.starts_with("crs-") { "crs" } else { "others" };
        for key in [kind.to_owned(), format!("{kind} ({group})"), "all".into()] {
            count(key, !found.is_empty(), named);
        }
        if misses == kind && found.is_empty() {
            println!("miss {source} {text:?}");
        }
        let file = format!("fn main() {{\n    let id = 7;\n    run({}, id);\n}}\n", Value::from(text));
        let planted = alarms(&detector, &file, Scope::FileContent);
        count(format!("planted {kind}"), !planted.is_empty(), false);
        if planted_misses == kind && planted.is_empty() {
            println!("planted miss {source} {text:?}");
        }
    }
    for benign in load("benign") {
        let word = |name: &str| benign.get(name).and_then(Value::as_str).unwrap();
        let found = alarms(&detector, word("text"), Scope::UserInput);
        count(format!("benign {}", word("source")), !found.is_empty(), false);
        if let Some(first) = found.first().filter(|_| misses == "benign") {
            println!(
                "alarm {} {} {:?}",
                word("source"),
                first.id,
                word("text").chars().take(200).collect::<String>()
            );
        }
    }
    for tree in trees {
        let mut files = Vec::new();
        walk(std::path::Path::new(&tree), &mut files);
        for path in files {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let found = alarms(&detector, &text, Scope::FileContent);
            count(
                format!("code {tree}"),
                !found.is_empty(),
                found.iter().any(|finding| finding.severity == Severity::Critical),
            );
            if let Some(first) = found.first().filter(|_| misses == "code") {
                let units: Vec<u16> = text.encode_utf16().collect();
                let shown = units
                    .get(first.range.start..first.range.end.min(first.range.start + 100))
                    .unwrap_or_default();
                println!(
                    "code {} {} {:?} {:?}",
                    path.display(),
                    first.id,
                    first.severity,
                    String::from_utf16_lossy(shown)
                );
            }
        }
    }
    for (key, (cases, detected, named)) in tally {
        let share = |part: u32| 100.0 * f64::from(part) / f64::from(cases);
        println!("{key:45}{cases:8}{detected:8}{:9.2}%{:9.2}%", share(detected), share(named));
    }
}

fn alarms(detector: &Detector, text: &str, scope: Scope) -> Vec<Finding> {
    let found = detector.detect(text, scope).unwrap_or_default();
    found.into_iter().filter(|finding| finding.severity >= Severity::Medium).collect()
}

fn walk(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    const KINDS: &[&str] = &[
        "rs", "ts", "tsx", "js", "mjs", "cjs", "py", "go", "java", "c", "h", "cpp", "cs", "rb", "php", "sh",
        "sql", "md", "json", "yaml", "yml", "toml", "html", "css",
    ];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() {
            walk(&path, files);
        } else if kind.is_file()
            && path.extension().and_then(|end| end.to_str()).is_some_and(|end| KINDS.contains(&end))
            && entry.metadata().is_ok_and(|data| data.len() < 1 << 20)
        {
            files.push(path);
        }
    }
}
