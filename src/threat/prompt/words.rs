//! Markers, and the words of orders.

use super::super::words::Words;

/// Markers of turns in chat formats.
pub(super) const ROLES: &[&str] = &[
    "<|im_start|>",
    "<|im_end|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|endoftext|>",
    "<|start_header_id|>",
    "<|eot_id|>",
    "<<sys>>",
    "<</sys>>",
    "[inst]",
    "[/inst]",
    "<start_of_turn>",
    "<end_of_turn>",
    "\n\nhuman:",
    "\n\nassistant:",
    "### instruction:",
    "### system:",
    "\n[system]",
    "<system>",
    "</system>",
    "[system message]",
    "system prompt:",
];

/// Markers of tool calls and their results.
pub(super) const TOOLS: &[&str] = &[
    "<function_calls>",
    "<invoke name=",
    "<tool_call>",
    "<tool_use>",
    "</tool_result>",
    "<tool_result>",
    "<tool_response>",
    "<function_results>",
    "\"tool_calls\":",
    "antml:invoke",
];

/// Every word that an order begins with.
pub(super) static OPENERS: Words = Words::new(&[
    "act",
    "append",
    "bypass",
    "chat",
    "developer",
    "discard",
    "display",
    "disregard",
    "do",
    "don't",
    "dump",
    "enable",
    "enter",
    "exfiltrate",
    "expose",
    "forget",
    "forward",
    "hide",
    "ignora",
    "ignore",
    "ignorez",
    "ignoriere",
    "include",
    "jailbreak",
    "keep",
    "leak",
    "neglect",
    "never",
    "not",
    "olvida",
    "oublie",
    "oubliez",
    "output",
    "override",
    "pass",
    "pretend",
    "print",
    "read",
    "repeat",
    "reveal",
    "send",
    "show",
    "upload",
    "vergiss",
    "without",
    "you",
]);

/// Words that begin an order to drop something.
pub(super) const DROP: &[&str] = &[
    "ignore",
    "disregard",
    "forget",
    "override",
    "bypass",
    "discard",
    "neglect",
    "ignora",
    "ignorez",
    "ignoriere",
    "oublie",
    "oubliez",
    "vergiss",
    "olvida",
];

/// What stands before.
pub(super) const EARLIER: &[&str] = &[
    "previous",
    "prior",
    "above",
    "earlier",
    "preceding",
    "initial",
    "original",
    "system",
    "foregoing",
    "anteriores",
    "précédentes",
    "vorherigen",
    "bisherigen",
];

/// What is dropped.
pub(super) const ORDERS: &[&str] = &[
    "instruction",
    "instructions",
    "prompt",
    "prompts",
    "directive",
    "directives",
    "guideline",
    "guidelines",
    "programming",
    "instrucciones",
    "anweisungen",
    "consignes",
];

/// What is dropped if it is the model's own.
pub(super) const OWN_ORDERS: &[&str] = &[
    "rules",
    "rule",
    "restrictions",
    "constraints",
    "training",
    "safety",
    "policies",
    "filters",
    "context",
    "commands",
    "messages",
    "safeguards",
];

/// Keywords that a source file is looked through for, in lower case. Behind each the words are read.
pub(in crate::threat) const ANCHORS: &[&str] = &[
    "ignore all",
    "ignore any",
    "ignore previous",
    "ignore prior",
    "ignore the",
    "ignore your",
    "ignore earlier",
    "ignore above",
    "ignore these",
    "disregard",
    "forget all",
    "forget everything",
    "forget your",
    "forget previous",
    "override your",
    "override all",
    "bypass your",
    "do not tell the user",
    "don't tell the user",
    "without telling the user",
    "not mention this to the user",
    "you are now",
    "chat.tools.autoapprove",
    "<important>",
    "reveal your",
    "system prompt",
    "tell the user",
    "inform the user",
    "<!--",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_begins_with_an_opener() {
        assert!(OPENERS.is_sorted());
        assert!(DROP.iter().all(|word| OPENERS.has(word)));
    }
}
