//! From a request to the states that count it: which rules match, who is the subject of each, where its state is.

use super::address;
use super::algorithm::State;
use super::limiter::{Counted, Entry, Limiter, MAX_SUBJECT, Matching, Request};
use super::rule::Scope;
use crate::error::{Error, ErrorCode, Result};
use crate::keymap::{KeyId, Position};

/// How many entries a newcomer asks to leave.
const SWEEP: usize = 8;

/// Resources whose rules are remembered: so many sets of so many places. A name falls on one set.
const SETS: usize = 256;
const PLACES: usize = 8;

/// Where the state of one matching rule is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    Shared,
    Aggregate,
    Key(KeyId, Position),
    /// Not counted yet: asking does not make it so.
    Newcomer,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) rule: u16,
    pub(super) place: Place,
}

/// A matching rule and its subject; none for the scope `global`.
pub(super) type Subject = (u16, Option<KeyId>);

/// The rules of the last resources.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    known: Vec<Option<(KeyId, Box<[u16]>)>>,
    /// The place in a set that the next newcomer gets.
    next: usize,
}

impl Limiter {
    /// Fills `subjects` with the matching rules and who is counted under each.
    #[inline]
    pub(super) fn find_subjects(&mut self, request: &Request<'_>) -> Result<()> {
        let parts = [Some(request.resource), request.user, request.session, request.ip];
        if parts.into_iter().flatten().any(|part| part.len() > MAX_SUBJECT) {
            return Err(Error::new(
                ErrorCode::InputTooLarge,
                "limit: resource, user, session and address have at most 4096 bytes each",
            ));
        }
        let Self { rules, keys, patterns, matching, always, remembered, subjects, .. } = self;
        subjects.clear();
        let mut resource = None;
        if let Some(always) = always {
            subjects.extend(always.iter().map(|rule| (*rule, None)));
        } else {
            let id = *resource.insert(keys.id(request.resource.as_bytes()));
            let matched = remembered.get(id, || match matching {
                Matching::First => patterns.first(request.resource).into_iter().collect(),
                Matching::All => patterns.all(request.resource),
            });
            subjects.extend(matched.iter().map(|rule| (*rule, None)));
        }
        // Each name is hashed once, however many rules count it.
        let (mut user, mut session, mut ip) = (None, None, None);
        for (rule, subject) in subjects {
            let Some(counted) = rules.get(usize::from(*rule)) else { continue };
            let name = |text: Option<&str>| keys.id(text.unwrap_or_default().as_bytes());
            let id = match counted.rule.scope {
                Scope::Global => continue,
                Scope::Resource => *resource.get_or_insert_with(|| name(Some(request.resource))),
                Scope::User => *user.get_or_insert_with(|| name(request.user)),
                Scope::Session => *session.get_or_insert_with(|| name(request.session)),
                Scope::Ip => match (ip, request.ip.filter(|ip| !ip.is_empty())) {
                    (Some(id), _) => id,
                    (None, None) => *ip.insert(name(None)),
                    (None, Some(address)) => *ip.insert(keys.id(&address::subject(address)?)),
                },
            };
            *subject = Some(id.with_tag(counted.tag));
        }
        Ok(())
    }

    /// Fills `plan` with where each subject's state is; `create` makes one for a newcomer.
    pub(super) fn locate(&mut self, now: f64, create: bool) {
        let mut plan = std::mem::take(&mut self.plan);
        plan.clear();
        for at in 0..self.subjects.len() {
            let Some((rule, subject)) = self.subjects.get(at).copied() else { continue };
            let place = match subject {
                None => Place::Shared,
                Some(id) => match self.keys.position(id) {
                    Some(position) => Place::Key(id, position),
                    None if create => self.welcome(rule, id, now),
                    None if self.keys.is_full() => Place::Aggregate,
                    None => Place::Newcomer,
                },
            };
            plan.push(Target { rule, place });
        }
        self.plan = plan;
    }

    /// Gives a newcomer a state of its own, or a place in the aggregate bucket.
    fn welcome(&mut self, rule: u16, id: KeyId, now: f64) -> Place {
        self.make_room(SWEEP, now);
        let Some(counted) = self.rules.get_mut(usize::from(rule)) else { return Place::Aggregate };
        let entry = Entry::new(rule, counted.start(now));
        match self.keys.add(id, entry) {
            Ok(position) => Place::Key(id, position),
            Err(_) => Place::Aggregate,
        }
    }

    /// Lets a subject go whose bucket is full, unless this very call is about it.
    pub(super) fn make_room(&mut self, most: usize, now: f64) {
        let Self { rules, keys, subjects, .. } = self;
        keys.make_room(most, |id, entry| {
            let meter = rules.get(usize::from(entry.rule)).map(|counted| &counted.rule.meter);
            entry.blocked_for(now) == 0.0
                && meter.is_none_or(|meter| meter.is_full(&mut entry.state, now))
                && !subjects.iter().any(|(_, subject)| *subject == Some(id))
        });
    }
}

impl Counted {
    /// The state of a newcomer.
    pub(super) fn start(&mut self, now: f64) -> State {
        let meter = &self.rule.meter;
        let mut fresh = meter.start(now);
        if let Some(doubtful) = &mut self.newcomer {
            let (known, usual) = (meter.balance(doubtful, now), meter.balance(&mut fresh, now));
            if known < usual {
                return meter.restore(known, now);
            }
            self.newcomer = None;
        }
        fresh
    }
}

impl Remembered {
    /// The rules of a resource, from memory or worked out.
    fn get(&mut self, id: KeyId, work_out: impl FnOnce() -> Box<[u16]>) -> &[u16] {
        if self.known.is_empty() {
            self.known.resize_with(SETS * PLACES, || None);
        }
        let first = id.low() as usize % SETS * PLACES;
        let Some(set) = self.known.get_mut(first..first + PLACES) else { return &[] };
        let is_it = |place: &Option<(KeyId, _)>| matches!(place, Some((known, _)) if *known == id);
        let at = set.iter().position(is_it).unwrap_or_else(|| {
            self.next = (self.next + 1) % PLACES;
            if let Some(place) = set.get_mut(self.next) {
                *place = Some((id, work_out()));
            }
            self.next
        });
        set.get(at).and_then(Option::as_ref).map_or(&[], |(_, rules)| rules)
    }
}
