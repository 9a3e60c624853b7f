//! What has to go because its time is over.
//!
//! Three things end: a consent (it expires), the data collected under it (the purpose's retention period, or
//! the end of the consent), and the proof of a consent that is over (kept for as long as the controller may
//! have to show it). This says what is due; whoever holds the data deletes them.

use super::record::CleanupReason;
use super::state::State;
use super::subject::Subject;
use serde::Serialize;

/// Data are swept again for the retention period only after another such stretch of time, a day.
const SWEEP_STEP: u64 = 86_400_000;

/// What has to be done with what is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Write down that the consent has expired.
    Expire,
    /// Delete data of the purpose.
    DeleteData,
    /// Forget the record: its proof is no longer needed.
    ForgetRecord,
}

/// Something that is due. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// What has to be done.
    pub duty: Duty,
    /// The record it is about.
    pub record_id: String,
    /// Its purpose.
    pub purpose_id: String,
    /// Since when it is due.
    pub since: u64,
    /// For data: why they have to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<CleanupReason>,
    /// For data: those from before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// What is due in a document. The proof of a consent that is over is kept for `proof_retention` ms after
/// its end, and longer while its data are still there.
#[must_use]
pub fn due(subject: &Subject, proof_retention: u64, now: u64) -> Vec<Due> {
    let now = subject.time(now);
    let mut found = Vec::new();
    for record in &subject.records {
        let mut push = |duty, since, reason, before| {
            let (record_id, purpose_id) = (record.id.clone(), record.purpose_id.clone());
            found.push(Due { duty, record_id, purpose_id, since, reason, before });
        };
        let state = record.state_at(now);
        if state == State::Expired && record.state != State::Expired {
            push(Duty::Expire, record.expires_at.unwrap_or(now), None, None);
        }
        let open = matches!(state, State::Unknown | State::Requested | State::Deferred);
        let ended = record.ended_at(now);
        match ended {
            Some(end) if record.holds_data && !open => {
                push(Duty::DeleteData, end, Some(CleanupReason::Ended), Some(now));
            }
            _ if record.holds_data => {
                // Data live at most the retention period, whether or not the consent still holds.
                let before = now.saturating_sub(record.purpose.retention_period);
                let swept = record.cleaned_before.or(record.given_at).unwrap_or(now);
                if before > swept && (before - swept >= SWEEP_STEP || record.cleaned_before.is_none()) {
                    push(Duty::DeleteData, before, Some(CleanupReason::Retention), Some(before));
                }
            }
            _ => {
                let since = ended.map(|end| end.saturating_add(proof_retention));
                if let Some(since) = since.filter(|since| *since <= now) {
                    push(Duty::ForgetRecord, since, None, None);
                }
            }
        }
    }
    found
}
