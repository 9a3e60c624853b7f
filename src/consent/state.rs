//! The states of a consent, and what moves it from one to another.
//!
//! States and their meanings are those of the Data Privacy Vocabulary 2.3 (module `consent_status`). Only two
//! of them allow processing: given, and given anew. Whoever acts, the last word of the person counts: a
//! refusal after a grant is a withdrawal.

use serde::{Deserialize, Serialize};

/// Where a consent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is known.
    Unknown,
    /// Asked for, not answered.
    Requested,
    /// The question was closed without an answer.
    Deferred,
    /// The person said no.
    Refused,
    /// The person said yes.
    Given,
    /// The person said yes again, to what had been given before.
    Renewed,
    /// Its time is over.
    Expired,
    /// The person took it back.
    Withdrawn,
    /// Someone other than the person ended it.
    Revoked,
    /// It was found not to have been valid, for the past as for the future.
    Invalidated,
}

/// What happens to a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The person is asked.
    Request,
    /// The person closes the question.
    Defer,
    /// The person says no.
    Refuse,
    /// The person says yes.
    Give,
    /// The person takes it back.
    Withdraw,
    /// Its time ends.
    Expire,
    /// The controller ends it.
    Revoke,
    /// It is found invalid.
    Invalidate,
}

impl State {
    /// Every state, in the order of the vocabulary's life cycle.
    pub const ALL: [Self; 10] = [
        Self::Unknown,
        Self::Requested,
        Self::Deferred,
        Self::Refused,
        Self::Given,
        Self::Renewed,
        Self::Expired,
        Self::Withdrawn,
        Self::Revoked,
        Self::Invalidated,
    ];

    /// Whether data may be processed in this state.
    #[must_use]
    pub const fn allows_processing(self) -> bool {
        matches!(self, Self::Given | Self::Renewed)
    }

    /// The term of the vocabulary.
    #[must_use]
    pub const fn dpv(self) -> &'static str {
        match self {
            Self::Unknown => "dpv:ConsentUnknown",
            Self::Requested => "dpv:ConsentRequested",
            Self::Deferred => "dpv:ConsentRequestDeferred",
            Self::Refused => "dpv:ConsentRefused",
            Self::Given => "dpv:ConsentGiven",
            Self::Renewed => "dpv:RenewedConsentGiven",
            Self::Expired => "dpv:ConsentExpired",
            Self::Withdrawn => "dpv:ConsentWithdrawn",
            Self::Revoked => "dpv:ConsentRevoked",
            Self::Invalidated => "dpv:ConsentInvalidated",
        }
    }

    /// The word as it is written in records and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Requested => "requested",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
            Self::Given => "given",
            Self::Renewed => "renewed",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
            Self::Invalidated => "invalidated",
        }
    }

    /// The state after an act; `None` if the act means nothing here and nothing is written down.
    #[must_use]
    pub const fn after(self, act: Act) -> Option<Self> {
        use State::{
            Deferred, Expired, Given, Invalidated, Refused, Renewed, Requested, Revoked, Unknown, Withdrawn,
        };
        match act {
            // A question does not undo a yes that still holds.
            Act::Request => match self {
                Given | Renewed | Requested => None,
                _ => Some(Requested),
            },
            Act::Defer => match self {
                Requested | Unknown => Some(Deferred),
                _ => None,
            },
            Act::Refuse => match self {
                Given | Renewed => Some(Withdrawn),
                Refused => None,
                _ => Some(Refused),
            },
            Act::Give => match self {
                Given | Renewed | Expired => Some(Renewed),
                _ => Some(Given),
            },
            Act::Withdraw => match self {
                Given | Renewed | Expired => Some(Withdrawn),
                Requested | Deferred => Some(Refused),
                Unknown | Refused | Withdrawn | Revoked | Invalidated => None,
            },
            Act::Expire => match self {
                Given | Renewed => Some(Expired),
                _ => None,
            },
            Act::Revoke => match self {
                Given | Renewed => Some(Revoked),
                _ => None,
            },
            Act::Invalidate => match self {
                Given | Renewed | Expired | Withdrawn | Revoked => Some(Invalidated),
                _ => None,
            },
        }
    }
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 8] = [
        Self::Request,
        Self::Defer,
        Self::Refuse,
        Self::Give,
        Self::Withdraw,
        Self::Expire,
        Self::Revoke,
        Self::Invalidate,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_leads_to_a_state_that_allows_processing() {
        for state in State::ALL {
            for act in Act::ALL {
                let next = state.after(act).unwrap_or(state);
                let asked_while_given = act == Act::Request || act == Act::Defer;
                match act {
                    Act::Give => assert!(next.allows_processing(), "{state:?} {act:?}"),
                    _ if asked_while_given => assert_eq!(next.allows_processing(), state.allows_processing()),
                    _ => assert!(!next.allows_processing(), "{state:?} {act:?}"),
                }
            }
        }
    }

    #[test]
    fn what_ends_a_consent_ends_it_once() {
        for act in [Act::Withdraw, Act::Revoke, Act::Expire, Act::Invalidate] {
            let ended = State::Given.after(act).unwrap();
            assert_eq!(ended.after(act), None, "{act:?}");
        }
    }

    #[test]
    fn terms_are_those_of_the_vocabulary() {
        let terms: std::collections::BTreeSet<_> = State::ALL.iter().map(|state| state.dpv()).collect();
        assert_eq!(terms.len(), State::ALL.len());
        for state in State::ALL {
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(json, format!("\"{}\"", state.as_str()));
        }
    }
}
