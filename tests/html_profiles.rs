//! The tables of the profiles: written from the data, so that the documentation cannot drift.
//!
//! `UPDATE=1 cargo test --test html_profiles` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/committed.rs"]
mod committed;

use committed::committed;
use vespera_security::html::{DROPPED, PROPERTIES, Profile};

#[test]
fn the_documentation_of_the_profiles_follows_the_data() {
    let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ");
    let mut page = String::from(
        "# The profiles of the sanitizer\n\nWritten from `src/html/profile.rs` by `UPDATE=1 cargo test --test html_profiles`.\n\n\
         What a profile does not list is replaced with its content; these go with their content:\n",
    );
    page.push_str(&format!(
        "{}.\n\nA `style` keeps these properties: {}.\n",
        list(DROPPED),
        list(PROPERTIES)
    ));
    for profile in Profile::ALL {
        page.push_str(&format!("\n## `{}`\n\n{}", profile.data().name, profile.table()));
    }
    committed("html_profiles", "docs/html-profiles.md", &page);
}

#[test]
fn the_tests_in_the_browser_know_the_profiles() {
    let profiles: serde_json::Map<_, _> = Profile::ALL
        .iter()
        .map(|profile| {
            let data = profile.data();
            let elements: serde_json::Map<_, _> = data
                .elements
                .iter()
                .map(|(name, own)| ((*name).to_owned(), serde_json::json!(own)))
                .collect();
            let attributes = serde_json::json!(data.attributes);
            let prefixes = serde_json::json!(data.attribute_prefixes);
            let value =
                serde_json::json!({ "elements": elements, "attributes": attributes, "prefixes": prefixes });
            (data.name.to_owned(), value)
        })
        .collect();
    committed(
        "html_profiles",
        "tests/vectors/html-profiles.json",
        &format!("{}\n", serde_json::Value::Object(profiles)),
    );
}
