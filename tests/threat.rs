//! Threats as a whole: what is caught, what is left in peace, ranges, and linear time.

use vespera_security::ErrorCode;
use vespera_security::threat::{
    Detector, DetectorConfig, Finding, PatternConfig, Scope, Severity, ThreatType,
};

fn find(text: &str, scope: Scope) -> Vec<Finding> {
    Detector::default().detect(text, scope).unwrap_or_default()
}

fn alarms(text: &str, scope: Scope) -> Vec<Finding> {
    find(text, scope).into_iter().filter(|finding| finding.severity >= Severity::Medium).collect()
}

/// The messages of `tests/vectors/benign.txt`.
fn benign() -> Vec<String> {
    let text = include_str!("vectors/benign.txt");
    let comment = |line: &&str| {
        line.starts_with("# What")
            || line.starts_with("## ") && line.len() > 12 && !line.starts_with("## Sub")
    };
    text.lines().filter(|line| !comment(line)).map(|line| line.replace('⏎', "\n")).collect()
}

#[test]
fn what_developers_type_raises_no_alarm() {
    let messages = benign();
    assert!(messages.len() >= 500, "{}", messages.len());
    let loud: Vec<String> = messages
        .iter()
        .filter_map(|message| {
            alarms(message, Scope::UserInput).first().map(|first| format!("{} in {message:?}", first.id))
        })
        .collect();
    assert!(loud.is_empty(), "{} alarms:\n{}", loud.len(), loud.join("\n"));
}

#[test]
fn the_examples_give_exactly_one_threat() {
    let one = |text: &str, kind: ThreatType| {
        let found = find(text, Scope::UserInput);
        assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [kind], "{text}");
    };
    one("'; DROP TABLE users; --", ThreatType::SqlInjection);
    one("<script>alert(\"xss\")</script>Hello world", ThreatType::Xss);
}

#[test]
fn ranges_are_utf16_units_of_the_original_through_every_layer() {
    let text = "é😀 %253Cscript%253Ealert(1)%253C/script%253E";
    let found = find(text, Scope::UserInput);
    let first = found.iter().find(|finding| finding.kind == ThreatType::Xss).unwrap();
    assert_eq!((first.range.start, first.range.end), (4, text.encode_utf16().count()));
    assert_eq!(first.path, ["url", "url"]);
    assert!(first.decoded.as_deref().unwrap().starts_with("<script>"));
}

#[test]
fn secrets_and_personal_data_never_appear_in_a_finding() {
    let text = "pay with 4111 1111 1111 1111, key ghp_q8Zr2LwX9vT4nB7mKc3JdH6yPf5Gs1Wt0Ax2";
    let found = find(text, Scope::UserInput);
    assert!(found.iter().any(|finding| finding.kind == ThreatType::Secret));
    assert!(found.iter().any(|finding| finding.kind == ThreatType::PersonalData));
    let shown = serde_json::to_string(&found).unwrap();
    assert!(!shown.contains("4111") && !shown.contains("q8Zr2"), "{shown}");
}

#[test]
fn findings_come_gravest_first() {
    let found =
        find("mail a@b.example, then <script>alert(1)</script> and \u{1b}]52;c;aGk=\u{7}", Scope::UserInput);
    assert!(found.windows(2).all(|pair| pair[0].severity >= pair[1].severity));
    assert_eq!(found[0].severity, Severity::Critical);
}

#[test]
fn a_pattern_of_ones_own_is_found_and_an_invalid_one_is_refused_with_its_position() {
    let pattern = |pattern: &str| PatternConfig {
        id: "ticket".into(),
        kind: ThreatType::PersonalData,
        pattern: pattern.into(),
        severity: Severity::Medium,
        action: None,
    };
    let config = |text: &str| DetectorConfig { types: Some(Vec::new()), patterns: vec![pattern(text)] };
    let detector = config(r"TICKET-\d+").compile().unwrap();
    let found = detector.detect("é see TICKET-42", Scope::FileContent).unwrap();
    assert_eq!(
        (found.len(), found[0].id.as_ref(), found[0].range.start, found[0].range.end),
        (1, "ticket", 6, 15)
    );
    let refused = config("ab(c").compile().unwrap_err();
    assert_eq!(refused.code(), ErrorCode::ConfigInvalid);
    assert!(refused.message().contains("position 2"), "{refused}");
    assert_eq!(config(r"(?:\w{1000}){1000}").compile().unwrap_err().code(), ErrorCode::ConfigInvalid);
    assert_eq!(config(r"(?=a)").compile().unwrap_err().code(), ErrorCode::ConfigInvalid);
}

#[test]
fn a_text_beyond_the_limit_is_refused() {
    let text = "a".repeat((2 << 20) + 1);
    assert_eq!(
        Detector::default().detect(&text, Scope::UserInput).unwrap_err().code(),
        ErrorCode::InputTooLarge
    );
}

/// Texts made to cost as much as they can, by the piece that is repeated.
const COSTLY: &[&str] = &[
    "a",
    "'",
    "\"",
    "`",
    "<",
    "<a ",
    "<a b='",
    "&#",
    "%25",
    "\\u0025",
    "{{",
    "${",
    "<%",
    "((",
    "' or ",
    "/*",
    "--\n",
    ";",
    "|",
    "$(",
    "../",
    "..\\",
    "<!--",
    "union select ",
    "\u{1b}]",
    "\\x1b]0",
    "\u{200b}a",
    "\u{202e}",
    "```\n",
    "a@",
    "1-",
    "12 ",
    "AKIA",
    "eyJ.",
    "ignore all ",
    "![](",
    "=\"",
    "\n\"",
    "a=b&",
    "://a:b",
    "(select ",
    "<style>",
    "javascript:",
    "onerror=",
    "password=\"",
    "1,",
    "0x2e",
    "{a,",
    "A.",
    "' ",
    "<<<",
    "-----BEGIN ",
    "aGk9",
    "\u{430}a ",
    "'|",
    "'{{",
    "\\n|",
    "a<!--",
    "<a/b=",
    "<style>a",
    "'<",
    "<!",
    "![](http://?",
];

#[test]
fn the_work_grows_with_the_length_and_no_faster() {
    let detector = Detector::default();
    for scope in [Scope::UserInput, Scope::FileContent] {
        for piece in COSTLY {
            let steps =
                |bytes: usize| detector.detect_counting(&piece.repeat(bytes / piece.len()), scope).unwrap().1;
            let (short, long) = (steps(1_500), steps(15_000));
            assert!(long <= short * 12 + 4_000, "{piece:?} in {scope:?}: {short} steps, then {long}");
        }
    }
}

#[test]
fn a_replacement_cannot_blow_a_text_up() {
    let expression = vespera_security::threat::Expression::new("(a+)", "x").unwrap();
    assert_eq!(expression.replace("baab", "<$1>").unwrap(), "b<aa>b");
    assert_eq!(expression.replace("b", "<$1>").unwrap(), "b");
    let refused = expression.replace(&"a".repeat(2 << 20), "$1$1$1$1$1").unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InputTooLarge);
    let many = vespera_security::threat::Expression::new("a", "x").unwrap();
    assert_eq!(
        many.replace(&"a".repeat(1 << 20), &"b".repeat(100)).unwrap_err().code(),
        ErrorCode::InputTooLarge
    );
}
