//! What changed between two declarations, and whether people must be asked again.
//!
//! Consent covers what the person was told (GDPR article 4 (11): informed and specific). A change is material
//! when more happens than was said: a new recipient, a longer retention, a new kind of data, another ground,
//! another kind of purpose, a new place of storage, special categories, or a description that is a different
//! text. Saying the same in better words is not material, and neither is doing less.

use super::purpose::{Purpose, Purposes};
use serde::Serialize;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The field's name.
    pub field: &'static str,
    /// Whether people must be asked again because of it.
    pub material: bool,
    /// Why it is, or is not, material.
    pub why: &'static str,
    /// What was added, for lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// What was removed, for lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// What became of one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Fate {
    /// It is new: nobody was asked yet.
    Added,
    /// It is gone: consents to it end.
    Removed,
    /// It is there in both, with changes.
    Changed,
    /// Nothing differs.
    Unchanged,
}

/// One purpose in the answer of [`diff_purposes`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PurposeDiff {
    /// The purpose's id.
    pub purpose_id: String,
    /// What became of it.
    pub fate: Fate,
    /// Whether people must be asked because of it.
    pub material: bool,
    /// Every field that differs.
    pub changes: Vec<Change>,
}

/// Compares two declarations: purposes of the new one in its order, then those that are gone.
#[must_use]
pub fn diff_purposes(old: &Purposes, new: &Purposes) -> Vec<PurposeDiff> {
    let kept = new.iter().map(|purpose| match old.get(&purpose.id) {
        None => PurposeDiff {
            purpose_id: purpose.id.clone(),
            fate: Fate::Added,
            material: purpose.rests_on_consent(),
            changes: Vec::new(),
        },
        Some(before) => {
            let changes = changes(before, purpose);
            PurposeDiff {
                purpose_id: purpose.id.clone(),
                fate: if changes.is_empty() { Fate::Unchanged } else { Fate::Changed },
                material: changes.iter().any(|change| change.material),
                changes,
            }
        }
    });
    let gone = old.iter().filter(|purpose| new.get(&purpose.id).is_none()).map(|purpose| PurposeDiff {
        purpose_id: purpose.id.clone(),
        fate: Fate::Removed,
        material: false,
        changes: Vec::new(),
    });
    kept.chain(gone).collect()
}

/// Whether a consent to the one declaration does not cover the other.
#[must_use]
pub fn is_material(old: &Purpose, new: &Purpose) -> bool {
    changes(old, new).iter().any(|change| change.material)
}

/// Every field in which two declarations of one purpose differ.
#[must_use]
pub fn changes(old: &Purpose, new: &Purpose) -> Vec<Change> {
    let mut found = Vec::new();
    let mut push = |differs: bool, field, material, why| {
        if differs {
            found.push(Change { field, material, why, added: Vec::new(), removed: Vec::new() });
        }
    };
    push(
        old.legal_basis != new.legal_basis,
        "legalBasis",
        true,
        "the processing rests on another legal basis",
    );
    push(old.category != new.category, "category", true, "it is another kind of purpose");
    push(
        new.retention_period > old.retention_period,
        "retentionPeriod",
        true,
        "data are kept longer than was said",
    );
    push(new.retention_period < old.retention_period, "retentionPeriod", false, "data are kept shorter");
    push(
        new.special_categories && !old.special_categories,
        "specialCategories",
        true,
        "data of special categories are used (GDPR article 9)",
    );
    push(
        old.special_categories && !new.special_categories,
        "specialCategories",
        false,
        "data of special categories are no longer used",
    );
    push(old.name != new.name, "name", false, "the name is for people, the processing is the same");
    let rewritten = is_other_text(&old.description, &new.description);
    push(rewritten, "description", true, "the description is a different text, not another wording");
    push(
        old.description != new.description && !rewritten,
        "description",
        false,
        "the same purpose in other words",
    );
    // A snapshot in a record has no notice; its hash stands in the evidence.
    push(
        new.notice.is_some() && old.notice.is_some() && old.notice != new.notice,
        "notice",
        false,
        "the notice is worded differently; what it must say is in the other fields",
    );
    push(old.version != new.version, "version", false, "a version number alone says nothing new");
    push(old.required != new.required, "required", false, "the legal basis decides, not this mark");
    push(old.validity != new.validity, "validity", false, "it counts from the next answer on");
    lists(
        &mut found,
        "dataTypes",
        (&old.data_types, &new.data_types),
        "data of a kind are used that was not named",
        "data of fewer kinds are used",
    );
    lists(
        &mut found,
        "thirdParties",
        (&old.third_parties, &new.third_parties),
        "someone receives the data who was not named",
        "fewer recipients receive the data",
    );
    lists(
        &mut found,
        "storageLocations",
        (&old.storage_locations, &new.storage_locations),
        "data are stored in a place that was not named",
        "data are stored in fewer places",
    );
    found
}

fn lists(
    found: &mut Vec<Change>,
    field: &'static str,
    (old, new): (&[String], &[String]),
    more: &'static str,
    less: &'static str,
) {
    let missing = |from: &[String], of: &[String]| -> Vec<String> {
        of.iter().filter(|it| !from.contains(it)).cloned().collect()
    };
    let (added, removed) = (missing(old, new), missing(new, old));
    if !added.is_empty() || !removed.is_empty() {
        let material = !added.is_empty();
        found.push(Change { field, material, why: if material { more } else { less }, added, removed });
    }
}

/// Whether two texts have less than half in common: then it is no rewording. Counts words, so that the
/// work is bounded by the square of their number, at most a thousand each.
fn is_other_text(old: &str, new: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|it: char| !it.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| word.chars().flat_map(char::to_lowercase).collect())
            .collect()
    };
    let (old, new) = (words(old), words(new));
    let longest = old.len().max(new.len());
    if longest == 0 {
        return false;
    }
    // Typing errors count as the same word: two words are alike if they share their letters but for a third.
    let common = common_subsequence(&old, &new);
    common * 2 < longest
}

/// How many words two texts share in the same order.
fn common_subsequence(old: &[String], new: &[String]) -> usize {
    let mut row = vec![0_usize; new.len() + 1];
    for word in old {
        let mut diagonal = 0;
        let mut left = 0;
        for (cell, other) in row.iter_mut().skip(1).zip(new) {
            let above = *cell;
            *cell = if alike(word, other) { diagonal + 1 } else { above.max(left) };
            diagonal = above;
            left = *cell;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Whether two words are the same but for a typing error: same letters at both ends but for a third of them.
fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let shared = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| {
        a.zip(b).take_while(|(x, y)| x == y).count()
    };
    let longest = one.chars().count().max(other.chars().count());
    let front = shared(&mut one.chars(), &mut other.chars());
    let back = shared(&mut one.chars().rev(), &mut other.chars().rev());
    longest > 2 && (front + back).min(longest) * 3 >= longest * 2
}

#[cfg(test)]
mod tests {
    use super::super::purpose::tests::purpose;
    use super::super::purpose::{Category, LegalBasis};
    use super::*;

    fn after(change: impl FnOnce(&mut Purpose)) -> (bool, Vec<&'static str>) {
        let old = Purpose { third_parties: vec!["Beta Ltd".to_owned()], ..purpose("usage") };
        let mut new = old.clone();
        change(&mut new);
        let found = changes(&old, &new);
        (found.iter().any(|it| it.material), found.iter().map(|it| it.field).collect())
    }

    #[test]
    fn more_than_was_said_is_material() {
        assert_eq!(after(|it| it.third_parties.push("Acme".into())), (true, vec!["thirdParties"]));
        assert_eq!(after(|it| it.retention_period += 1), (true, vec!["retentionPeriod"]));
        assert_eq!(after(|it| it.data_types.push("file names".into())), (true, vec!["dataTypes"]));
        assert_eq!(after(|it| it.legal_basis = LegalBasis::Contract), (true, vec!["legalBasis"]));
        assert_eq!(after(|it| it.category = Category::Marketing), (true, vec!["category"]));
        assert_eq!(after(|it| it.special_categories = true), (true, vec!["specialCategories"]));
        assert_eq!(after(|it| it.storage_locations.push("US".into())), (true, vec!["storageLocations"]));
        let other = "Sells what you type to whoever pays for it";
        assert_eq!(after(|it| it.description = other.into()), (true, vec!["description"]));
    }

    #[test]
    fn the_same_in_other_words_and_less_than_was_said_are_not() {
        assert_eq!(after(|_| {}), (false, vec![]));
        assert_eq!(after(|it| it.retention_period -= 1), (false, vec!["retentionPeriod"]));
        assert_eq!(after(|it| it.third_parties.clear()), (false, vec!["thirdParties"]));
        assert_eq!(after(|it| it.name = "Statistics of use".into()), (false, vec!["name"]));
        assert_eq!(after(|it| it.version = "2".into()), (false, vec!["version"]));
        for typo in [
            "Counts which comands are used",
            "Counts which commands are used.",
            "counts which commands are  used",
            "Counts which of the commands are used",
        ] {
            assert!(!after(|it| it.description = typo.into()).0, "{typo}");
        }
    }

    #[test]
    fn a_recipient_that_replaces_another_is_a_new_one() {
        let old = Purpose { third_parties: vec!["Beta Ltd".to_owned()], ..purpose("usage") };
        let new = Purpose { third_parties: vec!["Acme".to_owned()], ..old.clone() };
        let found = changes(&old, &new);
        assert_eq!(found[0].added, ["Acme"]);
        assert_eq!(found[0].removed, ["Beta Ltd"]);
        assert!(is_material(&old, &new));
    }

    #[test]
    fn a_registry_is_compared_by_id() {
        let old = Purposes::new(vec![purpose("kept"), purpose("gone")]).unwrap();
        let basis = Purpose { legal_basis: LegalBasis::Contract, required: true, ..purpose("essential") };
        let new = Purposes::new(vec![purpose("new"), purpose("kept"), basis]).unwrap();
        let found: Vec<_> =
            diff_purposes(&old, &new).into_iter().map(|it| (it.purpose_id, it.fate, it.material)).collect();
        assert_eq!(
            found,
            [
                ("new".to_owned(), Fate::Added, true),
                ("kept".to_owned(), Fate::Unchanged, false),
                ("essential".to_owned(), Fate::Added, false),
                ("gone".to_owned(), Fate::Removed, false),
            ]
        );
    }
}
