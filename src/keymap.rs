//! A map for keys that a stranger chooses: seeded, bounded, and blind to the key itself.
//!
//! The map keeps a 128-bit SipHash-1-3 of each key under a random seed, never the key: nobody can aim two
//! keys at one slot, and a dump of memory shows no user's name. It holds at most its capacity; what happens
//! beyond that is the owner's decision, because only the owner knows which entry may leave: it hands
//! [`KeyMap::make_room`] a test, and a hand that goes round asks a bounded number of entries each time.
//!
//! Entries live in pages that never move, and a table of their positions finds them. Growing by a page copies
//! nothing, so that the memory in use is what the entries need.

use crate::error::Result;
use crate::host::Entropy;
use hashbrown::HashTable;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;

/// Entries in a page.
const PAGE: usize = 512;

/// A key's name inside the map. Two numbers and no array: they travel in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyId {
    low: u64,
    high: u64,
}

impl KeyId {
    /// The name as it stands in a snapshot.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.low) | u128::from(self.high) << 64).to_le_bytes()
    }

    /// The name of the same key in another set, which has a name of its own: still a keyed hash.
    #[must_use]
    pub const fn with_tag(self, set: Self) -> Self {
        Self { low: self.low ^ set.low, high: self.high ^ set.high }
    }

    /// Half of the name, to choose a slot by.
    #[must_use]
    pub const fn low(self) -> u64 {
        self.low
    }

    /// The name that a snapshot holds.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let whole = u128::from_le_bytes(bytes);
        Self { low: whole as u64, high: (whole >> 64) as u64 }
    }
}

/// Where an entry lives. It stays there until it is removed; another key may move in later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position(u32);

/// An array and no slice: a place in it needs no look at its length.
type Page<V> = Box<[Option<(KeyId, V)>; PAGE]>;

/// Values by key, at most `capacity` of them.
#[derive(Clone)]
pub struct KeyMap<V> {
    seed: [u8; 16],
    capacity: usize,
    positions: HashTable<u32>,
    pages: Vec<Page<V>>,
    free: Vec<u32>,
    /// Where the search for room goes on.
    hand: u32,
}

impl<V> KeyMap<V> {
    /// Makes an empty map under a fresh seed.
    ///
    /// # Errors
    /// As [`Entropy::fill`].
    pub fn new(capacity: usize, entropy: &mut impl Entropy) -> Result<Self> {
        Ok(Self::with_seed(capacity, entropy.bytes()?))
    }

    /// Makes an empty map under a known seed, as a snapshot carries it. The seed is a secret. The capacity ends
    /// at 2³².
    #[must_use]
    pub fn with_seed(capacity: usize, seed: [u8; 16]) -> Self {
        let capacity = capacity.min(u32::MAX as usize);
        Self { seed, capacity, positions: HashTable::new(), pages: Vec::new(), free: Vec::new(), hand: 0 }
    }

    /// The seed, for a snapshot.
    #[must_use]
    pub const fn seed(&self) -> &[u8; 16] {
        &self.seed
    }

    /// The name of a key under this map's seed.
    #[must_use]
    pub fn id(&self, key: &[u8]) -> KeyId {
        let hash = SipHasher13::new_with_key(&self.seed).hash(key);
        KeyId { low: hash.h1, high: hash.h2 }
    }

    /// The name of a key of several parts, which must not be a prefix of another one.
    #[must_use]
    #[inline]
    pub fn id_of(&self, parts: &[&[u8]]) -> KeyId {
        let mut hasher = SipHasher13::new_with_key(&self.seed);
        parts.iter().for_each(|part| hasher.write(part));
        let hash = hasher.finish128();
        KeyId { low: hash.h1, high: hash.h2 }
    }

    /// Where a key lives.
    #[must_use]
    #[inline]
    pub fn position(&self, id: KeyId) -> Option<Position> {
        self.positions.find(hash(id), |at| self.id_at(*at) == Some(id)).copied().map(Position)
    }

    /// The value at a position, if that key still lives there.
    #[inline]
    pub fn at_mut(&mut self, position: Position, id: KeyId) -> Option<&mut V> {
        match self.slot_mut(position.0) {
            Some(Some((known, value))) if *known == id => Some(value),
            _ => None,
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, id: KeyId) -> Option<&V> {
        let at = self.position(id)?.0 as usize;
        self.pages.get(at / PAGE)?.get(at % PAGE)?.as_ref().map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, id: KeyId) -> Option<&mut V> {
        let Position(at) = self.position(id)?;
        self.slot_mut(at)?.as_mut().map(|(_, value)| value)
    }

    /// Puts a value in, or hands it back if the map is full and does not know the key.
    ///
    /// # Errors
    /// The value itself, for its owner to place elsewhere.
    pub fn insert(&mut self, id: KeyId, value: V) -> std::result::Result<Option<V>, V> {
        if let Some(known) = self.get_mut(id) {
            return Ok(Some(std::mem::replace(known, value)));
        }
        self.add(id, value).map(|_| None)
    }

    /// Puts the value of a key in that the map does not know, and answers where it lives.
    ///
    /// # Errors
    /// The value itself, if the map is full.
    pub fn add(&mut self, id: KeyId, value: V) -> std::result::Result<Position, V> {
        if self.is_full() {
            return Err(value);
        }
        let at = self.free.pop().unwrap_or(self.positions.len() as u32);
        if at as usize / PAGE == self.pages.len() {
            self.pages.push(Box::new([const { None }; PAGE]));
        }
        if let Some(slot) = self.slot_mut(at) {
            *slot = Some((id, value));
        }
        let pages = &self.pages;
        self.positions.insert_unique(hash(id), at, |at| id_in(pages, *at).map_or(0, hash));
        Ok(Position(at))
    }

    /// Takes a value out.
    pub fn remove(&mut self, id: KeyId) -> Option<V> {
        let pages = &self.pages;
        let entry = self.positions.find_entry(hash(id), |at| id_in(pages, *at) == Some(id)).ok()?;
        let (at, _) = entry.remove();
        self.free.push(at);
        self.slot_mut(at)?.take().map(|(_, value)| value)
    }

    /// Looks for an entry that may leave, at most `most` of them from where it stopped last time, and lets the
    /// first one go. Answers whether there is room now.
    pub fn make_room(&mut self, most: usize, mut may_leave: impl FnMut(KeyId, &mut V) -> bool) -> bool {
        let slots = self.positions.len() + self.free.len();
        for _ in 0..most.min(slots) {
            if !self.is_full() {
                break;
            }
            let at = self.hand;
            self.hand = if at as usize + 1 >= slots { 0 } else { at + 1 };
            if let Some(Some((id, value))) = self.slot_mut(at)
                && may_leave(*id, value)
            {
                let id = *id;
                self.remove(id);
            }
        }
        !self.is_full()
    }

    /// Keeps the entries for which the answer is true.
    pub fn retain(&mut self, mut keep: impl FnMut(KeyId, &mut V) -> bool) {
        let leaving: Vec<KeyId> =
            self.iter_mut().filter_map(|(id, value)| (!keep(id, value)).then_some(id)).collect();
        leaving.into_iter().for_each(|id| drop(self.remove(id)));
    }

    /// The entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (KeyId, &V)> {
        self.pages.iter().flat_map(|page| page.iter()).flatten().map(|(id, value)| (*id, value))
    }

    /// The entries, in no order, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (KeyId, &mut V)> {
        self.pages.iter_mut().flat_map(|page| page.iter_mut()).flatten().map(|(id, value)| (*id, value))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// How many entries there may be.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether a new key would be handed back.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.positions.len() >= self.capacity
    }

    #[inline]
    fn slot_mut(&mut self, at: u32) -> Option<&mut Option<(KeyId, V)>> {
        self.pages.get_mut(at as usize / PAGE)?.get_mut(at as usize % PAGE)
    }

    #[inline]
    fn id_at(&self, at: u32) -> Option<KeyId> {
        id_in(&self.pages, at)
    }
}

/// Neither the seed nor the values: both may say something about a user.
impl<V> std::fmt::Debug for KeyMap<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyMap")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

fn id_in<V>(pages: &[Page<V>], at: u32) -> Option<KeyId> {
    pages.get(at as usize / PAGE)?.get(at as usize % PAGE)?.as_ref().map(|(id, _)| *id)
}

/// The key is a keyed hash already: half of it is one for the table.
#[inline]
const fn hash(id: KeyId) -> u64 {
    id.low
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
        assert_eq!(one.id(b"user"), one.id_of(&[b"us", b"er"]));
        assert_eq!(KeyId::from_bytes(one.id(b"user").to_bytes()), one.id(b"user"));
    }

    #[test]
    fn many_keys_come_and_go() {
        let mut map = KeyMap::with_seed(10_000, [7; 16]);
        let ids: Vec<_> = (0..5_000_u32).map(|n| map.id(&n.to_le_bytes())).collect();
        ids.iter().enumerate().for_each(|(n, id)| assert_eq!(map.insert(*id, n), Ok(None)));
        map.retain(|_, n| *n % 3 == 0);
        assert_eq!(map.len(), 1_667);
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(map.remove(*id), (n % 3 == 0).then_some(n));
        }
        assert!(map.is_empty() && map.iter().next().is_none());
        ids.iter().for_each(|id| assert!(map.add(*id, 0).is_ok()));
        assert_eq!(map.pages.len(), 5_000_usize.div_ceil(PAGE), "room that became free is used again");
    }

    #[test]
    fn its_debug_text_holds_no_seed() {
        let text = format!("{:?}", KeyMap::<u8>::with_seed(3, [171; 16]));
        assert_eq!(text, "KeyMap { len: 0, capacity: 3, .. }");
    }

    #[test]
    fn a_position_is_good_until_its_key_leaves() {
        let mut map = KeyMap::with_seed(2, [7; 16]);
        let (a, b) = (map.id(b"a"), map.id(b"b"));
        let position = map.add(a, 1).unwrap();
        assert_eq!(map.at_mut(position, a), Some(&mut 1));
        map.remove(a);
        assert_eq!(map.at_mut(position, a), None);
        assert_eq!(map.add(b, 2), Ok(position));
        assert_eq!(map.at_mut(position, a), None);
    }

    #[test]
    fn room_is_made_by_what_may_leave_and_in_turn() {
        let mut map = KeyMap::with_seed(4, [7; 16]);
        for n in 0..4_u8 {
            map.add(map.id(&[n]), n).unwrap();
        }
        assert!(!map.make_room(16, |_, _| false));
        assert!(map.make_room(PAGE, |_, n| *n == 2));
        assert_eq!(map.get(map.id(&[2])), None);
        let mut asked = 0;
        map.add(map.id(&[9]), 9).unwrap();
        assert!(!map.make_room(3, |_, _| {
            asked += 1;
            false
        }));
        assert!(asked <= 3);
    }
}
