//! Feature flags: phases that build on each other, rollout by percentage, and an emergency stop.
//!
//! ```
//! use vespera_security::flags::{Flag, Flags, Reason};
//!
//! let mut flags = Flags::new();
//! flags.set("rateLimiting", Flag::on())?;
//! assert_eq!(flags.evaluate("rateLimiting", None).reason, Reason::PhaseClosed);
//! flags.set("foundation", Flag::on())?;
//! assert!(flags.evaluate("rateLimiting", None).on);
//! # Ok::<(), vespera_security::Error>(())
//! ```

mod murmur;

pub use murmur::murmur3_32;

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The phases, each of which needs those before it. They are flags too.
pub const PHASES: [&str; 5] =
    ["foundation", "rateLimiting", "consentManagement", "inputSanitization", "fullIntegration"];

/// The most flags of one set.
const MAX_FLAGS: usize = 10_000;

/// The longest name of a flag, in bytes.
const MAX_NAME: usize = 128;

/// Parts of a rollout: a percentage is read to two decimals.
const PARTS: f64 = 10_000.0;

/// One flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Flag {
    /// Whether it is on at all.
    pub enabled: bool,
    /// For which part of all subjects, from 0 to 100 percent to two decimals; 100 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout_percentage: Option<f64>,
    /// The phase without which it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
}

impl Flag {
    /// On for everyone.
    #[must_use]
    pub const fn on() -> Self {
        Self { enabled: true, rollout_percentage: None, phase: None }
    }
}

/// Why a flag is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody set such a flag.
    Unknown,
    /// The emergency stop is pulled.
    Stopped,
    /// The flag itself is off.
    Disabled,
    /// A phase that it needs is off, for this subject at least.
    PhaseClosed,
    /// The rollout decided.
    Rollout,
    /// It is on for everyone.
    Enabled,
}

/// The state of a flag for a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Whether it is on.
    pub on: bool,
    /// Why.
    pub reason: Reason,
}

/// A set of flags. Its JSON is version 1: `{ "version": 1, "stopped": false, "flags": { name: flag } }`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Flags {
    version: Version,
    /// An emergency stop leaves the flags as they are, so that ending it brings them back.
    stopped: bool,
    flags: BTreeMap<String, Flag>,
}

/// The only version that there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
struct Version;

impl From<Version> for u8 {
    fn from(_: Version) -> Self {
        1
    }
}

impl TryFrom<u8> for Version {
    type Error = &'static str;

    fn try_from(version: u8) -> std::result::Result<Self, Self::Error> {
        if version == 1 { Ok(Self) } else { Err("version must be 1") }
    }
}

impl Flags {
    /// No flag is set, every phase is closed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks a set that came from outside.
    ///
    /// # Errors
    /// As [`Flags::set`].
    pub fn checked(self) -> Result<Self> {
        let mut flags = Self { stopped: self.stopped, ..Self::new() };
        self.flags.into_iter().try_for_each(|(name, flag)| flags.set(&name, flag))?;
        Ok(flags)
    }

    /// Sets a flag.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) if a field is out of range;
    /// [`ErrorCode::ArgumentInvalid`](crate::ErrorCode::ArgumentInvalid) if the name is, or there are 10,000 flags.
    pub fn set(&mut self, name: &str, flag: Flag) -> Result<()> {
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(Error::argument("flags: a name must have from 1 to 128 bytes"));
        }
        // As an object of JavaScript, a set would lose it.
        if name == "__proto__" {
            return Err(Error::argument("flags: __proto__ is no name for a flag"));
        }
        if flag.rollout_percentage.is_some_and(|percentage| !(0.0..=100.0).contains(&percentage)) {
            return Err(Error::config("flags: rolloutPercentage must be from 0 to 100"));
        }
        if flag.phase.as_deref().is_some_and(|phase| !PHASES.contains(&phase)) {
            return Err(Error::config(
                "flags: phase must be foundation, rateLimiting, consentManagement, inputSanitization or \
                 fullIntegration",
            ));
        }
        if self.flags.len() >= MAX_FLAGS && !self.flags.contains_key(name) {
            return Err(Error::argument("flags: at most 10000 flags"));
        }
        self.flags.insert(name.to_owned(), flag);
        Ok(())
    }

    /// Forgets a flag.
    pub fn remove(&mut self, name: &str) -> bool {
        self.flags.remove(name).is_some()
    }

    /// Whether a flag is on for a subject. A rollout below 100 % is off for nobody in particular.
    #[must_use]
    pub fn evaluate(&self, name: &str, subject: Option<&str>) -> Evaluation {
        let off = |reason| Evaluation { on: false, reason };
        let Some(flag) = self.flags.get(name) else { return off(Reason::Unknown) };
        if self.stopped {
            return off(Reason::Stopped);
        }
        if !flag.enabled {
            return off(Reason::Disabled);
        }
        let needed = match PHASES.iter().position(|phase| *phase == name) {
            Some(own) => own,
            None => {
                PHASES.iter().position(|phase| Some(*phase) == flag.phase.as_deref()).map_or(0, |at| at + 1)
            }
        };
        let open = |phase: &&str| {
            self.flags.get(*phase).is_some_and(|flag| flag.enabled && rolled_out(phase, flag, subject))
        };
        if !PHASES.iter().take(needed).all(open) {
            return off(Reason::PhaseClosed);
        }
        match flag.rollout_percentage {
            None => Evaluation { on: true, reason: Reason::Enabled },
            Some(_) => Evaluation { on: rolled_out(name, flag, subject), reason: Reason::Rollout },
        }
    }

    /// Turns everything off at once, and remembers what it was.
    pub const fn stop(&mut self) {
        self.stopped = true;
    }

    /// Ends the emergency stop: every flag is what it was, or what it was set to meanwhile.
    pub const fn resume(&mut self) {
        self.stopped = false;
    }

    /// Whether the emergency stop is pulled.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// The flags by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Flag)> {
        self.flags.iter().map(|(name, flag)| (name.as_str(), flag))
    }
}

/// Whether a subject is within the rollout. Its place is fixed by the flag's name and its own, so that a growing
/// percentage takes nobody out, and two flags do not choose the same people.
fn rolled_out(name: &str, flag: &Flag, subject: Option<&str>) -> bool {
    let Some(percentage) = flag.rollout_percentage else { return true };
    let parts = (percentage / 100.0 * PARTS).round();
    match subject {
        None => parts >= PARTS,
        Some(subject) => f64::from(place(name, subject)) < parts,
    }
}

/// A subject's place in the rollout of a flag, from 0 to 9999: MurmurHash3 (x86, 32 bits, seed 0) of
/// `flag:subject`, scaled by its upper bits.
fn place(name: &str, subject: &str) -> u32 {
    let hash = murmur3_32(format!("{name}:{subject}").as_bytes(), 0);
    ((u64::from(hash) * PARTS as u64) >> 32) as u32
}
