//! A small table of names that a configuration lists.

type Slot<T> = Option<(Box<str>, T)>;

/// Values by name. The names are the configuration's, never the input's: the input only asks.
#[derive(Clone, Debug)]
pub(super) struct Names<T> {
    slots: Box<[Slot<T>]>,
    longest: usize,
}

impl<T> Names<T> {
    /// Builds the table; of equal names the last one counts.
    pub(super) fn new(entries: impl IntoIterator<Item = (String, T)>) -> Self {
        let entries: Vec<_> = entries.into_iter().collect();
        let longest = entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut slots: Vec<_> = (0..(entries.len() * 2).next_power_of_two()).map(|_| None).collect();
        for (name, value) in entries {
            let mut entry = Some((name.into_boxed_str(), value));
            let start = entry.as_ref().map_or(0, |(name, _)| start(name));
            for step in 0..slots.len() {
                let index = (start + step) & (slots.len() - 1);
                let is_free = |slot: &&mut Slot<T>| {
                    slot.as_ref().zip(entry.as_ref()).is_none_or(|(old, new)| old.0 == new.0)
                };
                if let Some(slot) = slots.get_mut(index).filter(is_free) {
                    *slot = entry.take();
                    break;
                }
            }
        }
        Self { slots: slots.into_boxed_slice(), longest }
    }

    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&T> {
        if name.len() > self.longest {
            return None;
        }
        let start = start(name);
        (0..self.slots.len()).find_map(|step| {
            match self.slots.get((start + step) & (self.slots.len() - 1)) {
                Some(Some((key, value))) if **key == *name => Some(Some(value)),
                Some(Some(_)) => None,
                _ => Some(None),
            }
        })?
    }

    /// Whether the name is listed.
    #[cfg(test)]
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The entries, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.slots.iter().flatten().map(|(name, value)| (&**name, value))
    }
}

impl FromIterator<String> for Names<()> {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self::new(names.into_iter().map(|name| (name, ())))
    }
}

/// Where the search for a name starts: FNV-1a, short names only.
fn start(name: &str) -> usize {
    name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
        as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_name_is_found_and_no_other() {
        let names: Names<usize> = Names::new((0..200).map(|n| (format!("name-{n}"), n)));
        assert!((0..200).all(|n| names.get(&format!("name-{n}")) == Some(&n)));
        assert!((200..400).all(|n| !names.has(&format!("name-{n}"))));
        assert!(!Names::<()>::new([]).has(""));
    }
}
