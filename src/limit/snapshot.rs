//! A limiter's state as bytes, and back, without anyone gaining a token.
//!
//! Both versions are described in `docs/formats/limit.md`; the second is written. Times are relative, because the clock
//! of the next process starts anew. Subjects with a full bucket are left out.

use super::limiter::{Counted, Entry, Limiter, LimiterConfig};
use super::rule::Rule;
use crate::error::{Error, Result};
use crate::keymap::KeyId;

const MAGIC: &[u8; 4] = b"VSRL";
const VERSION: u8 = 2;

/// It does not say what newcomers lack.
const WITHOUT_NEWCOMERS: u8 = 1;

const MAX_IDS: usize = u8::MAX as usize;

/// What happened since a snapshot was taken, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Since {
    /// Milliseconds that passed, for which buckets fill up.
    pub elapsed: f64,
    /// Tokens that were taken, whoever took them: no subject has more left than if it took all of them.
    pub spent: f64,
}

impl Limiter {
    /// The state as bytes. It holds the seed: keep it as a secret.
    #[must_use]
    pub fn snapshot(&mut self, now: f64) -> Vec<u8> {
        let mut bytes = [MAGIC.as_slice(), &[VERSION], self.keys.seed()].concat();
        bytes.extend((self.rules.len() as u16).to_le_bytes());
        for counted in &mut self.rules {
            let newcomer = counted.newcomer_has(now);
            let Counted { rule, shared, aggregate, .. } = counted;
            bytes.push(rule.id.len().min(MAX_IDS) as u8);
            bytes.extend(rule.id.as_bytes());
            for entry in [shared, aggregate] {
                put_count(&mut bytes, rule.meter.balance(&mut entry.state, now), entry.blocked_for(now));
            }
            bytes.extend(newcomer.to_le_bytes());
        }
        let count_at = bytes.len();
        bytes.extend([0; 4]);
        let mut count = 0_u32;
        for (id, entry) in self.keys.iter_mut() {
            let Some(Counted { rule, .. }) = self.rules.get(usize::from(entry.rule)) else { continue };
            let blocked = entry.blocked_for(now);
            if blocked == 0.0 && rule.meter.is_full(&mut entry.state, now) {
                continue;
            }
            bytes.extend(id.to_bytes());
            bytes.extend(entry.rule.to_le_bytes());
            put_count(&mut bytes, rule.meter.balance(&mut entry.state, now), blocked);
            count += 1;
        }
        if let Some(place) = bytes.get_mut(count_at..count_at + 4) {
            place.copy_from_slice(&count.to_le_bytes());
        }
        bytes
    }

    /// Makes a limiter with the state of a snapshot. A window of a `sliding-window` counts as taken at the time of
    /// the snapshot, an interval of `refill: interval` starts there: nobody has more than before.
    ///
    /// # Errors
    /// [`ErrorCode::ConfigInvalid`](crate::ErrorCode::ConfigInvalid) as [`Limiter::new`];
    /// [`ErrorCode::ArgumentInvalid`](crate::ErrorCode::ArgumentInvalid) if the bytes are no snapshot.
    pub fn restore(config: &LimiterConfig, snapshot: &[u8], since: Since, now: f64) -> Result<Self> {
        let elapsed = if since.elapsed > 0.0 { since.elapsed } else { 0.0 };
        let spent = if since.spent > 0.0 { since.spent } else { 0.0 };
        let mut from = Reader(snapshot);
        if from.array()? != *MAGIC {
            return Err(refuse());
        }
        let [version] = from.array()?;
        if !(WITHOUT_NEWCOMERS..=VERSION).contains(&version) {
            return Err(refuse());
        }
        let mut limiter = Self::with_seed(config, from.array()?, now - elapsed)?;
        let mut places = Vec::new();
        for _ in 0..u16::from_le_bytes(from.array()?) {
            let [length] = from.array()?;
            let id = from.take(usize::from(length))?;
            let place = limiter.rules.iter().position(|counted| counted.rule.id.as_bytes() == id);
            let counts = [from.count()?, from.count()?];
            let newcomer_has =
                if version == WITHOUT_NEWCOMERS { f64::INFINITY } else { f64::from_le_bytes(from.array()?) };
            places.push(place);
            let Some(Counted { rule, shared, aggregate, newcomer, .. }) =
                place.and_then(|place| limiter.rules.get_mut(place))
            else {
                continue;
            };
            for (entry, (tokens, blocked)) in [shared, aggregate].into_iter().zip(counts) {
                entry.state = rule.meter.restore(tokens, now - elapsed);
                entry.blocked_until = until(blocked - elapsed, now);
            }
            if newcomer_has != f64::INFINITY {
                *newcomer = Some(rule.meter.restore(newcomer_has, now - elapsed));
            } else if spent > 0.0 {
                *newcomer = Some(rule.meter.start(now));
            }
        }
        for _ in 0..u32::from_le_bytes(from.array()?) {
            let id = KeyId::from_bytes(from.array()?);
            let rule = places.get(usize::from(u16::from_le_bytes(from.array()?))).copied().flatten();
            let (tokens, blocked) = from.count()?;
            let Some((rule, counted)) = rule.and_then(|rule| Some((rule, limiter.rules.get_mut(rule)?)))
            else {
                continue;
            };
            let mut entry = Entry::new(rule as u16, counted.rule.meter.restore(tokens, now - elapsed));
            entry.blocked_until = until(blocked - elapsed, now);
            if limiter.keys.insert(id, entry).is_err() {
                // Less room than before: whoever comes anew may be this one, and has no more than it had.
                counted.doubt(tokens, now);
            }
        }
        limiter.deduct(spent, now);
        Ok(limiter)
    }

    /// Takes so many tokens from everyone, newcomers too: any of them may have had them.
    fn deduct(&mut self, spent: f64, now: f64) {
        if spent == 0.0 {
            return;
        }
        for Counted { rule, shared, aggregate, newcomer, .. } in &mut self.rules {
            for state in [&mut shared.state, &mut aggregate.state].into_iter().chain(newcomer) {
                rule.meter.deduct(state, spent, now);
            }
        }
        for (_, entry) in self.keys.iter_mut() {
            if let Some(Counted { rule, .. }) = self.rules.get(usize::from(entry.rule)) {
                rule.meter.deduct(&mut entry.state, spent, now);
            }
        }
    }
}

impl Counted {
    /// The tokens that a newcomer starts with; infinite if that is as many as ever.
    fn newcomer_has(&mut self, now: f64) -> f64 {
        let Self { rule: Rule { meter, .. }, newcomer, .. } = self;
        let Some(newcomer) = newcomer else { return f64::INFINITY };
        let known = meter.balance(newcomer, now);
        if known < meter.balance(&mut meter.start(now), now) { known } else { f64::INFINITY }
    }

    /// Gives newcomers, alone and together, no more than so many tokens.
    fn doubt(&mut self, tokens: f64, now: f64) {
        let Self { rule: Rule { meter, .. }, aggregate, newcomer, .. } = self;
        let newcomer = newcomer.get_or_insert_with(|| meter.start(now));
        for state in [newcomer, &mut aggregate.state] {
            if meter.balance(state, now) > tokens {
                *state = meter.restore(tokens, now);
            }
        }
    }
}

/// The end of a block; one that a snapshot calls endless stays so.
fn until(blocked: f64, now: f64) -> f64 {
    if blocked > 0.0 { now + blocked } else { f64::NEG_INFINITY }
}

fn put_count(bytes: &mut Vec<u8>, tokens: f64, blocked: f64) {
    bytes.extend(tokens.to_le_bytes());
    bytes.extend(blocked.to_le_bytes());
}

fn refuse() -> Error {
    Error::argument("limit: the snapshot is not one of this version, or it was cut off")
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count).ok_or_else(refuse)?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| refuse())
    }

    fn count(&mut self) -> Result<(f64, f64)> {
        Ok((f64::from_le_bytes(self.array()?), f64::from_le_bytes(self.array()?)))
    }
}
