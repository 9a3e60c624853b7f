//! Files that are written from the data and committed.

use std::path::Path;

/// Compares a generated file with what it must hold, or writes it.
pub(crate) fn committed(test: &str, path: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} is out of date: UPDATE=1 cargo test --test {test}", path.display());
}
