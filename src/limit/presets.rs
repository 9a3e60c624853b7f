//! Rules that many need, as data: `presets.json`.

use super::rule::RuleConfig;
use crate::error::{Error, Result};
use crate::json;

/// The presets as JSON: an array of rules, named by their ids.
pub const PRESETS_JSON: &str = include_str!("presets.json");

/// The rules of all presets, in the order of the file.
#[must_use]
pub fn presets() -> Vec<RuleConfig> {
    json::read(PRESETS_JSON).unwrap_or_default() // a test proves that the file is read
}

/// The rule of one preset.
pub(super) fn preset(name: &str) -> Result<RuleConfig> {
    presets().into_iter().find(|rule| rule.id == name).ok_or_else(|| {
        Error::config(
            "limit: presets are web-api, authentication, mcp-tools, administration, unauthenticated-ip, \
             chat-messages, api-requests and file-operations",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::{Limiter, LimiterConfig, Matching};

    #[test]
    fn the_error_names_every_preset_and_every_preset_is_a_rule() {
        let ids: Vec<String> = presets().into_iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), 8);
        let error = preset("unknown").unwrap_err();
        assert!(ids.iter().all(|id| error.message().contains(id)), "{error}");
        let config = LimiterConfig { rules: vec![], presets: ids, matching: Matching::First, max_keys: None };
        assert!(Limiter::with_seed(&config, [0; 16], 0.0).is_ok());
    }
}
