//! A map for keys that a stranger chooses: seeded, bounded, and blind to the key itself.
//!
//! The map keeps a 128-bit SipHash-1-3 of each key under a random seed, never the key: nobody can aim two
//! keys at one slot, and a dump of memory shows no user's name. It holds at most its capacity; what happens
//! beyond that is the owner's decision, because only the owner knows which entry may leave.

use crate::error::Result;
use crate::host::Entropy;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::{BuildHasherDefault, Hasher};

/// A key's name inside the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(u128);

/// Values by key, at most `capacity` of them.
#[derive(Clone, Debug)]
#[expect(
    clippy::disallowed_types,
    reason = "the key is itself a keyed hash, so the table needs no seed of its own"
)]
pub struct KeyMap<V> {
    seed: [u8; 16],
    capacity: usize,
    entries: std::collections::HashMap<KeyId, V, BuildHasherDefault<KeyIdHasher>>,
}

impl<V> KeyMap<V> {
    /// Makes an empty map under a fresh seed.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    pub fn new(capacity: usize, entropy: &mut impl Entropy) -> Result<Self> {
        Ok(Self::with_seed(capacity, entropy.bytes()?))
    }

    /// Makes an empty map under a known seed, as a snapshot carries it. The seed is a secret.
    #[must_use]
    pub fn with_seed(capacity: usize, seed: [u8; 16]) -> Self {
        Self { seed, capacity, entries: Default::default() }
    }

    /// The name of a key under this map's seed.
    #[must_use]
    pub fn id(&self, key: &[u8]) -> KeyId {
        let mut hasher = SipHasher13::new_with_key(&self.seed);
        hasher.write(key);
        KeyId(hasher.finish128().as_u128())
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, id: KeyId) -> Option<&V> {
        self.entries.get(&id)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, id: KeyId) -> Option<&mut V> {
        self.entries.get_mut(&id)
    }

    /// Puts a value in, or hands it back if the map is full and does not know the key.
    ///
    /// # Errors
    /// The value itself, for its owner to place elsewhere.
    pub fn insert(&mut self, id: KeyId, value: V) -> std::result::Result<Option<V>, V> {
        if self.is_full() && !self.entries.contains_key(&id) {
            return Err(value);
        }
        Ok(self.entries.insert(id, value))
    }

    /// Takes a value out.
    pub fn remove(&mut self, id: KeyId) -> Option<V> {
        self.entries.remove(&id)
    }

    /// Keeps the entries for which the answer is true.
    pub fn retain(&mut self, mut keep: impl FnMut(KeyId, &mut V) -> bool) {
        self.entries.retain(|id, value| keep(*id, value));
    }

    /// The entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (KeyId, &V)> {
        self.entries.iter().map(|(id, value)| (*id, value))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether a new key would be handed back.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.entries.len() >= self.capacity
    }
}

/// Passes the key's own hash on.
#[derive(Clone, Copy, Debug, Default)]
struct KeyIdHasher(u64);

impl Hasher for KeyIdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half of a 128-bit hash is a 64-bit hash")]
    fn write_u128(&mut self, id: u128) {
        self.0 = id as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostEntropy;

    #[test]
    fn a_full_map_hands_the_newcomer_back_and_keeps_the_known() {
        let mut map = KeyMap::new(2, &mut HostEntropy).unwrap();
        let (a, b, c) = (map.id(b"a"), map.id(b"b"), map.id(b"c"));
        assert_eq!(map.insert(a, 1), Ok(None));
        assert_eq!(map.insert(b, 2), Ok(None));
        assert_eq!(map.insert(c, 3), Err(3));
        assert_eq!(map.insert(a, 4), Ok(Some(1)));
        assert_eq!((map.get(a), map.get(c), map.len()), (Some(&4), None, 2));
    }

    #[test]
    fn another_seed_gives_other_names() {
        let (one, two) = (KeyMap::<()>::with_seed(1, [1; 16]), KeyMap::<()>::with_seed(1, [2; 16]));
        assert_ne!(one.id(b"user"), two.id(b"user"));
        assert_eq!(one.id(b"user"), one.id(b"user"));
    }
}
