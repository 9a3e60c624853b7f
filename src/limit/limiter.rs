//! The keyed limiter: many rules, many subjects, bounded memory.
//!
//! Every subject of a rule has its own state in one [`KeyMap`]. When the map is full, subjects whose bucket is
//! full leave first, because forgetting them gives nobody a token; as long as none can leave, all newcomers of a
//! rule share one aggregate bucket. So a caller who rotates names gains no more than that one bucket, and the
//! memory stays put.

use super::algorithm::{Algorithm, State};
use super::pattern::{self, Pattern, Patterns};
use super::rule::{Rule, RuleConfig};
use super::subject::{Place, Remembered, Subject, Target};
use crate::collect::sort_by;
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;
use crate::keymap::{KeyId, KeyMap};
use serde::Deserialize;

/// The most rules of one limiter.
pub const MAX_RULES: usize = 1_000;

/// The longest resource, user, session or address, in bytes.
pub const MAX_SUBJECT: usize = 4_096;

/// How many subjects a limiter knows unless it says so.
const DEFAULT_KEYS: u32 = 100_000;

/// How many it may know.
const MAX_KEYS: u32 = 1 << 22;

/// How many takes the sliding windows of all subjects may log: 128 MiB of them.
const MAX_LOGGED: f64 = 8_388_608.0;

/// How many handles may be out at once.
const MAX_HANDLES: usize = 1 << 16;

/// How many entries an administrator's block asks to leave.
const LONG_SWEEP: usize = 4_096;

/// What a limiter limits.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimiterConfig {
    /// The rules, at most 1000 with those of the presets.
    #[serde(default)]
    pub rules: Vec<RuleConfig>,
    /// Names of [`presets`](super::presets), whose rules come after the others.
    #[serde(default)]
    pub presets: Vec<String>,
    /// Whether one rule counts or all that match.
    #[serde(default, rename = "match")]
    pub matching: Matching,
    /// How many subjects are told apart, from 1 to 4,194,304; 100,000 if not given.
    #[serde(default)]
    pub max_keys: Option<u32>,
}

/// Which of the rules that match a resource count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Matching {
    /// The one with the highest priority.
    #[default]
    First,
    /// Every one, all or nothing: if one refuses, nothing is spent anywhere.
    All,
}

/// Who asks for what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// What is asked for.
    pub resource: &'a str,
    /// Who asks; empty is as good as none.
    pub user: Option<&'a str>,
    /// In which session.
    pub session: Option<&'a str>,
    /// From which address.
    pub ip: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// A request for a resource by nobody in particular.
    #[must_use]
    pub const fn new(resource: &'a str) -> Self {
        Self { resource, user: None, session: None, ip: None }
    }
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// Whether the request may go on.
    pub allowed: bool,
    /// The rule that decided, for [`Limiter::rule_id`]: the one that refused for longest, or that has least left.
    pub rule: Option<u16>,
    /// Tokens left under that rule; infinite if no rule matches.
    pub remaining: f64,
    /// Milliseconds until the same request may pass; infinite if it never will.
    pub retry_after: f64,
    /// Milliseconds until the bucket is full, if nothing more is taken.
    pub reset_after: f64,
    /// Milliseconds by which `delay` puts the request off.
    pub delay: f64,
    /// The actions that fire, by [`ActionKind::bit`](super::ActionKind::bit).
    pub actions: u32,
}

impl Decision {
    pub(super) const UNLIMITED: Self = Self {
        allowed: true,
        rule: None,
        remaining: f64::INFINITY,
        retry_after: 0.0,
        reset_after: 0.0,
        delay: 0.0,
        actions: 0,
    };
}

/// What a limiter counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimiterStats {
    /// Requests that passed.
    pub allowed: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Requests that were counted in an aggregate bucket.
    pub aggregated: u64,
    /// Subjects that are told apart now.
    pub keys: usize,
}

/// A subject's state under one rule.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) state: State,
    pub(super) blocked_until: f64,
    pub(super) rule: u16,
}

impl Entry {
    pub(super) const fn new(rule: u16, state: State) -> Self {
        Self { state, blocked_until: f64::NEG_INFINITY, rule }
    }

    /// Takes `cost` tokens and answers 0, or the milliseconds to wait; nothing if the rule has actions to decide on.
    #[inline(always)] // see `Limiter::entry`
    fn take(&mut self, rule: &Rule, cost: f64, now: f64) -> Option<f64> {
        if !rule.actions.is_empty() {
            return None;
        }
        let blocked = self.blocked_for(now);
        Some(if blocked > 0.0 {
            blocked.max(rule.meter.wait(&mut self.state, cost, now))
        } else {
            rule.meter.spend(&mut self.state, cost, now)
        })
    }

    /// Milliseconds for which the subject is blocked; for ever if the clock says nothing.
    #[inline]
    pub(super) fn blocked_for(&self, now: f64) -> f64 {
        if self.blocked_until == f64::NEG_INFINITY || now >= self.blocked_until {
            0.0
        } else if now.is_nan() {
            f64::INFINITY
        } else {
            self.blocked_until - now
        }
    }
}

/// A rule with what it counts outside of the map.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub(super) rule: Rule,
    /// Sets the subjects of this rule apart from the others'.
    pub(super) tag: KeyId,
    /// The bucket of the scope `global`.
    pub(super) shared: Entry,
    /// The bucket of newcomers without room.
    pub(super) aggregate: Entry,
    /// What a newcomer starts with, while a restart leaves open what it had (see `snapshot.rs`).
    pub(super) newcomer: Option<State>,
}

/// What a handle stands for.
#[derive(Debug)]
struct Handle {
    name: KeyId,
    subjects: Vec<Subject>,
    /// Its only target, where it was the last time.
    only: Option<Target>,
}

/// A limiter of many subjects by many rules.
#[derive(Debug)]
pub struct Limiter {
    pub(super) rules: Vec<Counted>,
    pub(super) keys: KeyMap<Entry>,
    pub(super) patterns: Patterns,
    pub(super) matching: Matching,
    /// The answer for every resource, if it is the same for all.
    pub(super) always: Option<Vec<u16>>,
    /// The answers of the last resources.
    pub(super) remembered: Remembered,
    handles: Vec<Option<Handle>>,
    free_handles: Vec<u32>,
    handle_of: KeyMap<u32>,
    pub(super) allowed: u64,
    pub(super) refused: u64,
    pub(super) aggregated: u64,
    // Room for one call's work, kept so that a call allocates nothing.
    pub(super) subjects: Vec<Subject>,
    pub(super) plan: Vec<Target>,
}

impl Limiter {
    /// Makes a limiter.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`] naming what was refused; as [`Entropy::fill`].
    pub fn new(config: &LimiterConfig, entropy: &mut impl Entropy, now: f64) -> Result<Self> {
        Self::with_seed(config, entropy.bytes()?, now)
    }

    /// Makes a limiter under a known seed. The seed is a secret.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`] naming what was refused.
    pub fn with_seed(config: &LimiterConfig, seed: [u8; 16], now: f64) -> Result<Self> {
        let max_keys = config.max_keys.unwrap_or(DEFAULT_KEYS);
        if !(1..=MAX_KEYS).contains(&max_keys) {
            return Err(Error::config("limit: maxKeys must be from 1 to 4194304"));
        }
        let mut rules = config.rules.clone();
        for name in &config.presets {
            rules.push(super::presets::preset(name)?);
        }
        if rules.len() > MAX_RULES {
            return Err(Error::config("limit: at most 1000 rules, with those of the presets"));
        }
        let keys = KeyMap::with_seed(max_keys as usize, seed);
        let mut checked = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            checked.push((Rule::new(rule, at)?, rule, at));
        }
        let longest = rules.iter().filter(|rule| rule.bucket.algorithm == Algorithm::SlidingWindow);
        let longest = longest.map(|rule| rule.bucket.capacity).fold(0.0, f64::max);
        if longest * f64::from(max_keys) > MAX_LOGGED {
            return Err(Error::config(
                "limit: maxKeys times the capacity of a sliding-window must be at most 8388608",
            ));
        }
        let mut ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(Error::config("limit: two rules have the same id"));
        }
        // Patterns of rules that are off are checked, but do not match.
        pattern::compile(rules.iter().enumerate().map(|(at, rule)| (at, &rule.pattern)))?;
        checked.retain(|(_, config, _)| config.enabled);
        sort_by(&mut checked, |(one, ..), (other, ..)| other.priority.cmp(&one.priority));
        let patterns = pattern::compile(checked.iter().map(|(_, config, at)| (*at, &config.pattern)))?;
        let everything = |config: &RuleConfig| matches!(&config.pattern, Pattern::Glob(glob) if glob == "*");
        let always = match config.matching {
            Matching::First => checked.first().is_none_or(|(_, config, _)| everything(config)),
            Matching::All => checked.iter().all(|(_, config, _)| everything(config)),
        };
        let counting = if config.matching == Matching::First { 1 } else { checked.len() };
        let always = always.then(|| (0..checked.len().min(counting) as u16).collect());
        let rules = checked
            .into_iter()
            .zip(0..)
            .map(|((rule, ..), at)| {
                let entry = Entry::new(at, rule.meter.start(now));
                let tag = keys.id_of(&[b"rule", rule.id.as_bytes()]);
                Counted { tag, shared: entry.clone(), aggregate: entry, newcomer: None, rule }
            })
            .collect();
        Ok(Self {
            rules,
            handle_of: KeyMap::with_seed(MAX_HANDLES, *keys.seed()),
            keys,
            patterns,
            matching: config.matching,
            always,
            remembered: Remembered::default(),
            handles: Vec::new(),
            free_handles: Vec::new(),
            allowed: 0,
            refused: 0,
            aggregated: 0,
            subjects: Vec::new(),
            plan: Vec::new(),
        })
    }

    /// Takes `cost` tokens for a request, all or none.
    ///
    /// # Errors
    /// [`ErrorCode::InputTooLarge`] if a part of the request is over [`MAX_SUBJECT`];
    /// [`ErrorCode::ArgumentInvalid`] if `ip` is no address and a rule needs it.
    pub fn check(&mut self, request: &Request<'_>, cost: f64, now: f64) -> Result<Decision> {
        self.find_subjects(request)?;
        self.locate(now, true);
        Ok(self.decide(cost, now, true))
    }

    /// The milliseconds to wait that [`Limiter::check`] would answer, 0 if it granted, without the rest: the shortest way
    /// for a request that falls under one rule without actions.
    ///
    /// # Errors
    /// As [`Limiter::check`].
    #[inline]
    pub fn take(&mut self, request: &Request<'_>, cost: f64, now: f64) -> Result<f64> {
        self.find_subjects(request)?;
        if let [(rule, subject)] = self.subjects.as_slice()
            && let Some(counted) = self.rules.get_mut(usize::from(*rule))
            && let Some(entry) = match subject {
                Some(id) => self.keys.get_mut(*id),
                None => Some(&mut counted.shared),
            }
            && let Some(wait) = entry.take(&counted.rule, cost, now)
        {
            self.count(wait == 0.0);
            return Ok(wait);
        }
        self.locate(now, true);
        Ok(self.decide(cost, now, true).retry_after)
    }

    /// What [`Limiter::check`] would answer, without taking or changing anything.
    ///
    /// # Errors
    /// As [`Limiter::check`].
    pub fn peek(&mut self, request: &Request<'_>, cost: f64, now: f64) -> Result<Decision> {
        self.find_subjects(request)?;
        self.locate(now, false);
        Ok(self.decide(cost, now, false))
    }

    /// A number for a request that comes often: [`Limiter::check_handle`] finds its buckets without hashing or
    /// matching. The same request has the same number.
    ///
    /// # Errors
    /// As [`Limiter::check`]; [`ErrorCode::TooManyHandles`] beyond 65,536 of them.
    pub fn handle(&mut self, request: &Request<'_>) -> Result<u32> {
        self.find_subjects(request)?;
        let part = |text: Option<&str>| self.keys.id(text.unwrap_or_default().as_bytes()).to_bytes();
        let parts =
            [part(Some(request.resource)), part(request.user), part(request.session), part(request.ip)];
        let name = self.handle_of.id(parts.as_flattened());
        if let Some(handle) = self.handle_of.get(name) {
            return Ok(*handle);
        }
        let handle = self.free_handles.last().copied().unwrap_or(self.handles.len() as u32);
        if self.handle_of.insert(name, handle).is_err() {
            return Err(Error::new(
                ErrorCode::TooManyHandles,
                "limit: 65536 handles are out: release some, or check by name",
            ));
        }
        if self.free_handles.pop().is_none() {
            self.handles.push(None);
        }
        if let Some(slot) = self.handles.get_mut(handle as usize) {
            *slot = Some(Handle { name, subjects: self.subjects.clone(), only: None });
        }
        Ok(handle)
    }

    /// Lets go of a handle; its number may come again.
    pub fn release(&mut self, handle: u32) {
        if let Some(Handle { name, .. }) = self.handles.get_mut(handle as usize).and_then(Option::take) {
            self.handle_of.remove(name);
            self.free_handles.push(handle);
        }
    }

    /// [`Limiter::check`] for a handle.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] if there is no such handle.
    pub fn check_handle(&mut self, handle: u32, cost: f64, now: f64) -> Result<Decision> {
        let Some(Some(Handle { subjects, .. })) = self.handles.get(handle as usize) else {
            return Err(Error::argument("limit: there is no such handle, or it was released"));
        };
        self.subjects.clear();
        self.subjects.extend_from_slice(subjects);
        self.locate(now, true);
        Ok(self.decide(cost, now, true))
    }

    /// The milliseconds to wait that [`Limiter::check_handle`] would answer, 0 if it granted, without the rest: the
    /// shortest way for a handle of one rule that has no actions.
    ///
    /// # Errors
    /// As [`Limiter::check_handle`].
    #[inline]
    pub fn take_handle(&mut self, handle: u32, cost: f64, now: f64) -> Result<f64> {
        if let Some(&Some(Handle { only: Some(target), .. })) = self.handles.get(handle as usize)
            && let Some((rule, entry)) = self.entry(&target)
            && let Some(wait) = entry.take(rule, cost, now)
        {
            self.count(wait == 0.0);
            return Ok(wait);
        }
        let decision = self.check_handle(handle, cost, now)?;
        if let Some(Some(Handle { only, .. })) = self.handles.get_mut(handle as usize) {
            *only = match *self.plan.as_slice() {
                [target @ Target { place: Place::Shared | Place::Key(..), .. }] => Some(target),
                _ => None,
            };
        }
        Ok(decision.retry_after)
    }

    /// Counts an answer.
    pub(super) const fn count(&mut self, allowed: bool) {
        *(if allowed { &mut self.allowed } else { &mut self.refused }) += 1;
    }

    /// Takes `cost` tokens whether they are there or not: a penalty, or the rest of an estimate that was too low.
    ///
    /// # Errors
    /// As [`Limiter::check`].
    pub fn charge(&mut self, request: &Request<'_>, cost: f64, now: f64) -> Result<()> {
        self.find_subjects(request)?;
        self.locate(now, true);
        self.each_entry(|meter, entry| meter.charge(&mut entry.state, cost, now));
        Ok(())
    }

    /// Gives back `cost` tokens: a reward, or the rest of an estimate that was too high.
    ///
    /// # Errors
    /// As [`Limiter::check`].
    pub fn refund(&mut self, request: &Request<'_>, cost: f64, now: f64) -> Result<()> {
        self.find_subjects(request)?;
        self.locate(now, false);
        self.each_entry(|meter, entry| meter.refund(&mut entry.state, cost, now));
        Ok(())
    }

    /// Lowers what is left to at most this, as a server's answer says.
    ///
    /// # Errors
    /// As [`Limiter::check`].
    pub fn lower(&mut self, request: &Request<'_>, remaining: f64, now: f64) -> Result<()> {
        self.find_subjects(request)?;
        self.locate(now, true);
        self.each_entry(|meter, entry| {
            let surplus = meter.available(&mut entry.state, now) - remaining.max(0.0);
            if surplus > 0.0 {
                meter.charge(&mut entry.state, surplus, now);
            }
        });
        Ok(())
    }

    /// Refuses the request's subjects until then, whatever their buckets hold; a time that is past lifts it.
    ///
    /// # Errors
    /// As [`Limiter::check`]; [`ErrorCode::TooManyHandles`] if there is no room for one more subject.
    pub fn block(&mut self, request: &Request<'_>, until: f64, now: f64) -> Result<()> {
        self.locate_own(request, now)?;
        self.each_entry(|_, entry| entry.blocked_until = until);
        Ok(())
    }

    /// Refuses the request's subjects until then, or for as long as they are blocked already if that is longer.
    ///
    /// # Errors
    /// As [`Limiter::block`].
    pub fn prolong(&mut self, request: &Request<'_>, until: f64, now: f64) -> Result<()> {
        self.locate_own(request, now)?;
        self.each_entry(|_, entry| {
            if until.is_nan() || entry.blocked_until < until {
                entry.blocked_until = until;
            }
        });
        Ok(())
    }

    /// Finds the request's subjects, each with an entry of its own.
    fn locate_own(&mut self, request: &Request<'_>, now: f64) -> Result<()> {
        self.find_subjects(request)?;
        self.make_room(LONG_SWEEP, now);
        self.locate(now, true);
        if self.plan.iter().any(|target| target.place == Place::Aggregate) {
            return Err(Error::new(
                ErrorCode::TooManyHandles,
                "limit: there is no room for one more subject: raise maxKeys",
            ));
        }
        Ok(())
    }

    /// Forgets the request's subjects: they start anew, and their block is lifted.
    ///
    /// # Errors
    /// As [`Limiter::check`].
    pub fn reset(&mut self, request: &Request<'_>, now: f64) -> Result<()> {
        self.find_subjects(request)?;
        self.locate(now, false);
        self.each_entry(|meter, entry| *entry = Entry::new(entry.rule, meter.start(now)));
        Ok(())
    }

    /// The id of a rule that a decision names.
    #[must_use]
    pub fn rule_id(&self, rule: u16) -> Option<&str> {
        self.rules.get(usize::from(rule)).map(|counted| counted.rule.id.as_str())
    }

    /// The quota of a rule and the milliseconds it is for, as header fields name them.
    #[must_use]
    pub fn policy(&self, rule: u16) -> Option<(f64, f64)> {
        self.rules.get(usize::from(rule)).map(|counted| (counted.rule.quota, counted.rule.window))
    }

    /// The rules in the order of their numbers, as lines `quota window id`.
    #[must_use]
    pub fn rules_as_lines(&self) -> String {
        self.rules
            .iter()
            .map(|Counted { rule, .. }| format!("{} {} {}\n", rule.quota, rule.window, rule.id))
            .collect()
    }

    /// What was counted since the limiter was made.
    #[must_use]
    pub fn stats(&self) -> LimiterStats {
        LimiterStats {
            allowed: self.allowed,
            refused: self.refused,
            aggregated: self.aggregated,
            keys: self.keys.len(),
        }
    }
}
