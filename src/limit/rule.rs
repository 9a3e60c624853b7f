//! Rules: which resource, counted for whom, by which bucket, with what consequences.

use super::algorithm::{Meter, MeterConfig};
use super::bucket::within;
use super::pattern::Pattern;
use crate::error::{Error, Result};
use serde::Deserialize;

/// The longest rule id and name, in characters.
const MAX_NAME: usize = 128;

/// The longest delay or block that an action may ask for: a day, in milliseconds.
const MAX_ACTION: f64 = 86_400_000.0;

/// How long `circuit-break` blocks unless it says so, in milliseconds.
const BLOCK: f64 = 30_000.0;

/// One rule.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleConfig {
    /// Its name in answers, statistics and header fields: printable ASCII, unique.
    pub id: String,
    /// Its name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// The resources it is for.
    pub pattern: Pattern,
    /// Whose requests share a bucket.
    pub scope: Scope,
    /// The bucket of each subject.
    pub bucket: MeterConfig,
    /// What happens at which part of use.
    #[serde(default)]
    pub actions: Vec<ActionConfig>,
    /// Whether it counts at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The rule with the highest priority wins; among equals the first.
    #[serde(default)]
    pub priority: i32,
}

const fn yes() -> bool {
    true
}

/// Whose requests share a bucket. Requests that do not say who they are from share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Everyone's.
    Global,
    /// Those of one user.
    User,
    /// Those for one resource.
    Resource,
    /// Those of one session.
    Session,
    /// Those from one IPv4 address or IPv6 /56.
    Ip,
}

/// What a rule does at which part of use: `"log"`, or an object with its threshold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ActionConfig {
    /// The action at 100 %.
    Plain(ActionKind),
    /// The action with its details.
    Full(FullAction),
}

/// An action with its details.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FullAction {
    /// What happens.
    #[serde(rename = "type")]
    pub kind: ActionKind,
    /// At which part of use, in percent of capacity and burst together; 100 if not given.
    #[serde(default)]
    pub threshold: Option<f64>,
    /// For `delay`: milliseconds to wait; the time one token takes if not given.
    #[serde(default)]
    pub delay: Option<f64>,
    /// For `circuit-break`: milliseconds for which the subject is blocked; 30,000 if not given.
    #[serde(default)]
    pub duration: Option<f64>,
}

/// What a rule can do. A bucket that has nothing left refuses whatever the actions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// Named in the answer, for the log.
    Log,
    /// Named in the answer, with the milliseconds by which the caller should put the request off.
    Delay,
    /// Refuses what would go beyond the threshold.
    Reject,
    /// Blocks the subject for a while.
    CircuitBreak,
    /// Named in the answer, for whoever is to be told.
    Notify,
}

impl ActionKind {
    /// Its bit in the answer's set of actions.
    #[must_use]
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// An action that is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Action {
    pub(super) kind: ActionKind,
    /// The action fires when no more tokens than this are left.
    pub(super) at_most_left: f64,
    /// Milliseconds of the delay or the block.
    pub(super) time: f64,
}

/// A rule that is checked.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) scope: Scope,
    pub(super) meter: Meter,
    pub(super) actions: Vec<Action>,
    /// Tokens that stay in the bucket because of `reject` below 100 %.
    pub(super) reserve: f64,
    /// Milliseconds that a header field calls the window, and the quota within it.
    pub(super) window: f64,
    pub(super) quota: f64,
    /// What the field of the priority says.
    pub(super) priority: i32,
}

impl Rule {
    pub(super) fn new(config: &RuleConfig, at: usize) -> Result<Self> {
        let printable =
            |text: &str| text.len() <= MAX_NAME && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if config.id.is_empty() || !printable(&config.id) {
            return Err(Error::config(format!(
                "limit: rules[{at}].id must have from 1 to 128 printable ASCII characters"
            )));
        }
        if config.name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME) {
            return Err(Error::config(format!("limit: rules[{at}].name must have at most 128 characters")));
        }
        let located = |error: Error| {
            let words = error.message().trim_start_matches("limit: ").to_owned();
            Error::new(error.code(), format!("limit: rules[{at}].bucket: {words}"))
        };
        let meter = config.bucket.validate().map_err(located)?;
        let interval = config.bucket.refill_interval;
        let rate = config.bucket.refill_rate.unwrap_or(config.bucket.capacity);
        let actions: Vec<Action> = config
            .actions
            .iter()
            .map(|action| Action::new(action, &meter, interval / rate))
            .collect::<Result<_>>()?;
        let reserves = actions.iter().filter(|action| action.kind == ActionKind::Reject);
        let window = (interval / 1_000.0).ceil() * 1_000.0;
        Ok(Self {
            id: config.id.clone(),
            scope: config.scope,
            reserve: reserves.map(|action| action.at_most_left).fold(0.0, f64::max),
            actions,
            meter,
            window,
            quota: (rate * window / interval).floor(),
            priority: config.priority,
        })
    }
}

impl Action {
    fn new(config: &ActionConfig, meter: &Meter, per_token: f64) -> Result<Self> {
        let plain;
        let config = match config {
            ActionConfig::Full(full) => full,
            ActionConfig::Plain(kind) => {
                plain = FullAction { kind: *kind, threshold: None, delay: None, duration: None };
                &plain
            }
        };
        let threshold = config.threshold.unwrap_or(100.0);
        within(threshold, 0.0, 100.0, "limit: the threshold of an action must be from 0 to 100 percent")?;
        let (time, foreign) = match config.kind {
            ActionKind::Delay => (config.delay.unwrap_or(per_token.min(MAX_ACTION)), config.duration),
            ActionKind::CircuitBreak => (config.duration.unwrap_or(BLOCK), config.delay),
            _ => (0.0, config.delay.or(config.duration)),
        };
        if foreign.is_some() {
            return Err(Error::config("limit: delay belongs to the action delay, duration to circuit-break"));
        }
        within(time, 0.0, MAX_ACTION, "limit: delay and duration must be from 0 to 86400000 milliseconds")?;
        Ok(Self { kind: config.kind, at_most_left: meter.maximum() * (100.0 - threshold) / 100.0, time })
    }
}
