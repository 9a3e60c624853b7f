//! What a detector says: the rule that fired, where, how sure it is, and through which readings.

use crate::text::Step;
use serde::Serialize;
use std::borrow::Cow;
use std::ops::Range;

macro_rules! names {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
        pub enum $name { $($(#[doc = $vdoc])+ #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name that JavaScript sees.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value of a name.
            #[must_use]
            pub fn of(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

names! {
    /// What kind of threat a finding is.
    ThreatType {
        /// Script in markup.
        Xss = "xss",
        /// SQL in a value.
        SqlInjection = "sql_injection",
        /// Shell commands in a value.
        CommandInjection = "command_injection",
        /// A path that leaves its folder or names a system file.
        PathTraversal = "path_traversal",
        /// Keys that reach an object's prototype.
        PrototypePollution = "prototype_pollution",
        /// An expression that a template engine would evaluate.
        TemplateInjection = "template_injection",
        /// Text that gives orders to a language model.
        PromptInjection = "prompt_injection",
        /// Characters that a reader does not see, or takes for others.
        HiddenUnicode = "hidden_unicode",
        /// Text that acts on a terminal.
        TerminalEscape = "terminal_escape",
        /// A key, token or password.
        Secret = "secret",
        /// Data about a person.
        PersonalData = "personal_data",
    }
}

names! {
    /// How grave a finding is. From `medium` on it is an alarm.
    Severity {
        /// Worth knowing.
        Low = "low",
        /// Probably hostile or harmful.
        Medium = "medium",
        /// Hostile or harmful.
        High = "high",
        /// Hostile, and it works at once.
        Critical = "critical",
    }
}

names! {
    /// Where a text comes from and what will be done with it.
    Scope {
        /// What a person types. Code in fences and spans is quoted text.
        UserInput = "user_input",
        /// A chat message or a model's answer.
        Message = "message",
        /// Markup on its way into a webview.
        Webview = "webview",
        /// A source file: the language's own syntax is no threat.
        FileContent = "file_content",
        /// A settings file.
        Configuration = "configuration",
        /// A request to a service.
        ApiRequest = "api_request",
        /// A service's answer.
        ApiResponse = "api_response",
        /// The definition of a tool that a language model may call.
        ToolDefinition = "tool_definition",
        /// What a program prints.
        TerminalOutput = "terminal_output",
    }
}

/// One thing that a detector knows.
#[derive(Debug)]
pub struct Rule {
    /// A stable name such as `sql.union_select`.
    pub id: &'static str,
    /// What kind of threat it is.
    pub kind: ThreatType,
    /// How grave a finding is by default.
    pub severity: Severity,
    /// The weakness it belongs to.
    pub cwe: &'static str,
    /// What was found, for the person who reads it.
    pub message: &'static str,
}

impl Rule {
    pub(super) const fn new(
        id: &'static str,
        kind: ThreatType,
        severity: Severity,
        cwe: &'static str,
        message: &'static str,
    ) -> Self {
        Self { id, kind, severity, cwe, message }
    }
}

/// A rule that fired on a range of one reading, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) rule: &'static Rule,
    pub(super) severity: Severity,
    pub(super) range: Range<usize>,
    pub(super) confidence: f32,
    pub(super) decoded: Option<String>,
}

impl Hit {
    pub(super) fn new(rule: &'static Rule, range: Range<usize>, confidence: f32) -> Self {
        Self { rule, severity: rule.severity, range, confidence, decoded: None }
    }

    pub(super) const fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(super) fn with_decoded(mut self, decoded: Option<String>) -> Self {
        self.decoded = decoded;
        self
    }
}

/// A threat with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The rule, such as `sql.union_select`; a pattern of one's own has its own.
    pub id: Cow<'static, str>,
    /// What kind of threat it is.
    #[serde(rename = "type")]
    pub kind: ThreatType,
    /// How grave it is.
    pub severity: Severity,
    /// How sure the detector is, from 0 to 1.
    pub confidence: f32,
    /// Where it is in the text, in UTF-16 units.
    pub range: Span,
    /// What the place says after decoding, if that differs from what it shows. Never a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoded: Option<String>,
    /// The layers of encoding that were opened, outermost first.
    pub path: Vec<&'static str>,
    /// The weakness, such as `CWE-89`.
    pub cwe: Cow<'static, str>,
    /// What was found, in words. Never the text itself.
    pub message: Cow<'static, str>,
    /// What a pattern of one's own asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<super::Action>,
}

/// A range of a text in UTF-16 units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where it ends, exclusively.
    pub end: usize,
}

/// A path of decoding steps as a finding carries it.
pub(super) fn names(path: &[Step]) -> Vec<&'static str> {
    path.iter().map(|step| step.name()).collect()
}
