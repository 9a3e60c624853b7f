//! A small table of names that a configuration lists.

use std::borrow::Cow;

/// Values by name. The names are the configuration's, never the input's: the input only asks.
#[derive(Clone, Debug)]
pub(super) struct Names<T> {
    index: Index,
    values: Vec<T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { index: Index::default(), values: Vec::new() }
    }
}

impl<T> Names<T> {
    /// An empty table that takes so many names without growing.
    #[inline]
    pub(super) fn with_room(names: usize) -> Self {
        Self { index: Index::with_room(names), values: Vec::with_capacity(names) }
    }

    /// Builds the table; of equal names the last one counts.
    pub(super) fn new(entries: impl IntoIterator<Item = (impl Into<Cow<'static, str>>, T)>) -> Self {
        let entries = entries.into_iter();
        let mut table = Self::with_room(entries.size_hint().0);
        for (name, value) in entries {
            table.put(name, value);
        }
        table
    }

    /// Sets the value of a name.
    pub(super) fn put(&mut self, name: impl Into<Cow<'static, str>>, value: T) {
        let at = self.index.enter(name.into());
        match self.values.get_mut(at) {
            Some(old) => *old = value,
            None => self.values.push(value),
        }
    }

    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.values.get(self.index.find(name)?)
    }

    /// The value of a name, to be changed.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.values.get_mut(self.index.find(name)?)
    }

    /// Takes out what is not to stay.
    pub(super) fn retain(&mut self, stays: impl Fn(&str) -> bool) {
        let all = std::mem::take(self);
        *self = Self::new(all.index.names.into_iter().zip(all.values).filter(|(name, _)| stays(name)));
    }

    /// The entries, in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.index.names.iter().map(|name| &**name).zip(&self.values)
    }

    /// The entries, their values to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.index.names.iter().map(|name| &**name).zip(&mut self.values)
    }
}

/// The position of each name, apart from the values: it is compiled once for tables of all types.
#[derive(Clone, Debug, Default)]
struct Index {
    names: Vec<Cow<'static, str>>,
    /// Positions, each at its name's hash or in the next free place; a power of two, at least twice as many as names.
    slots: Vec<u32>,
    longest: usize,
}

/// No position: there are never as many names.
const FREE: u32 = u32::MAX;

impl Index {
    fn with_room(names: usize) -> Self {
        let slots = if names > 0 { (names * 2).next_power_of_two() } else { 0 };
        Self { names: Vec::with_capacity(names), slots: vec![FREE; slots], longest: 0 }
    }

    fn find(&self, name: &str) -> Option<usize> {
        if name.len() > self.longest {
            return None;
        }
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = hash(name);
        loop {
            let at = *self.slots.get(slot & mask)? as usize;
            if **self.names.get(at)? == *name {
                return Some(at);
            }
            slot = slot.wrapping_add(1);
        }
    }

    /// The position of a name; a new one comes last.
    fn enter(&mut self, name: Cow<'static, str>) -> usize {
        if let Some(at) = self.find(&name) {
            return at;
        }
        let at = self.names.len();
        self.longest = self.longest.max(name.len());
        self.names.push(name);
        if self.names.len() * 2 > self.slots.len() {
            self.slots = vec![FREE; (self.names.len() * 4).next_power_of_two()];
            (0..at).for_each(|at| self.place(at));
        }
        self.place(at);
        at
    }

    fn place(&mut self, at: usize) {
        let mut slot = self.names.get(at).map_or(0, |name| hash(name));
        let mask = self.slots.len() - 1;
        while let Some(place) = self.slots.get_mut(slot & mask) {
            if *place == FREE {
                *place = u32::try_from(at).unwrap_or(FREE);
                return;
            }
            slot = slot.wrapping_add(1);
        }
    }
}

/// Where the search for a name starts: FNV-1a, short names only.
fn hash(name: &str) -> usize {
    name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
        as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_name_is_found_and_no_other() {
        let mut names = Names::new((0..200).map(|n| (format!("name-{n}"), n)));
        assert!((0..200).all(|n| names.get(&format!("name-{n}")) == Some(&n)));
        assert!((200..400).all(|n| names.get(&format!("name-{n}")).is_none()));
        assert!(Names::<()>::default().get("").is_none());
        names.put("name-7", 8);
        names.retain(|name| name.ends_with('7'));
        assert!(names.iter().map(|(name, _)| name).eq((0..20).map(|n| format!("name-{}", n * 10 + 7))));
        assert_eq!(
            (names.get("name-7"), names.get("name-17"), names.get("name-18")),
            (Some(&8), Some(&17), None)
        );
    }
}
