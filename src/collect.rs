//! What the standard library compiles anew for every type, compiled once: `collect` into a tree sorts first, and each
//! such sort takes 6 KB of the module.

use std::cmp::Ordering;

/// Collects into a map or a set by inserting one after the other.
pub(crate) fn gather<T, C: Default + Extend<T>>(items: impl IntoIterator<Item = T>) -> C {
    let mut collection = C::default();
    collection.extend(items);
    collection
}

/// Sorts as `sort_by` does, equal items in the order they had: sorts positions, whatever the type, then moves the
/// items to theirs.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = positions(items.len(), &|one, other| match (items.get(one), items.get(other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    for start in 0..items.len() {
        let mut at = start;
        // Along the circle of positions that change places; what is done stands for itself.
        while let Some(from) = order.get_mut(at).map(|from| std::mem::replace(from, at))
            && from != start
            && from != at
        {
            items.swap(at, from);
            at = from;
        }
    }
}

fn positions(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|&one, &other| compare(one, other));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(mut items in prop::collection::vec((0_u8..9, any::<u16>()), 0..90)) {
            let mut wanted = items.clone();
            wanted.sort_by_key(|item| item.0);
            sort_by(&mut items, |one, other| one.0.cmp(&other.0));
            prop_assert_eq!(items, wanted);
        }
    }

    #[test]
    fn of_equal_names_the_last_counts() {
        let map: BTreeMap<_, _> = gather([("b", 1), ("a", 2), ("b", 3)]);
        assert!(map.into_iter().eq([("a", 2), ("b", 3)]));
    }
}
