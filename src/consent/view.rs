//! What is at hand of a person, and what moved in it.

use super::purpose::{Purpose, Purposes};
use super::record::{Reason, Use};
use super::state::State;
use super::subject::{Moved, Subject};

/// The consents of one person as they were read last.
#[derive(Debug)]
pub(super) struct View {
    subject: Subject,
    // For each record: whether its purpose is no longer what was agreed to.
    outdated: Vec<bool>,
}

impl View {
    pub(super) fn new(purposes: &Purposes, subject: Subject) -> Self {
        let outdated = outdated(purposes, &subject);
        Self { subject, outdated }
    }

    /// Compares with other purposes from now on.
    pub(super) fn declare(&mut self, purposes: &Purposes) {
        self.outdated = outdated(purposes, &self.subject);
    }

    pub(super) const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Whether a use of data is allowed by consent, and why.
    pub(super) fn decide(&self, purposes: &Purposes, purpose_id: &str, wanted: &Use<'_>, now: u64) -> Reason {
        let at = self.subject.records.iter().position(|record| record.purpose_id == purpose_id);
        let known = at.and_then(|at| Some((self.subject.records.get(at)?, *self.outdated.get(at)?)));
        match known {
            Some((record, outdated)) => {
                let declared = purposes.get(purpose_id);
                record.decide_if(declared, wanted, self.subject.time(now), |_| outdated)
            }
            None => self.subject.decide(purposes, purpose_id, wanted, now),
        }
    }
}

fn outdated(purposes: &Purposes, subject: &Subject) -> Vec<bool> {
    let is_outdated = |declared: &Purpose, agreed: &Purpose| super::diff::is_material(agreed, declared);
    subject
        .records
        .iter()
        .map(|record| purposes.get(&record.purpose_id).is_some_and(|it| is_outdated(it, &record.purpose)))
        .collect()
}

/// What stands elsewhere than before.
pub(super) fn moved(before: Option<&Subject>, after: &Subject) -> Vec<Moved> {
    let of = |subject: Option<&Subject>, id: &str| {
        subject.and_then(|it| it.record(id)).map_or(State::Unknown, |record| record.state)
    };
    let still = after.records.iter().map(|record| record.purpose_id.as_str());
    let gone = before
        .iter()
        .flat_map(|it| &it.records)
        .map(|record| record.purpose_id.as_str())
        .filter(|id| after.record(id).is_none());
    still
        .chain(gone)
        .map(|id| Moved { purpose_id: id.to_owned(), from: of(before, id), to: of(Some(after), id) })
        .filter(|moved| moved.from != moved.to)
        .collect()
}
