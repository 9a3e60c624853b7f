//! Objects by number.

use crate::error::{Error, ErrorCode, Result};
use std::cell::RefCell;

/// How many objects of one kind may live at once.
const CAPACITY: usize = 1 << 20;

/// Live objects of one kind. A number is used again after its object is gone; JavaScript holds each number in
/// one place and forgets it on `dispose()`.
#[derive(Debug)]
pub(super) struct Slab<T> {
    state: RefCell<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self { state: RefCell::new(State { slots: Vec::new(), free: Vec::new() }) }
    }

    /// Keeps an object and answers its number.
    pub(super) fn put(&self, object: T) -> Result<u32> {
        let mut state = self.state.borrow_mut();
        if let Some(handle) = state.free.pop()
            && let Some(slot) = state.slots.get_mut(handle as usize)
        {
            *slot = Some(object);
            return Ok(handle);
        }
        let handle = u32::try_from(state.slots.len()).ok().filter(|_| state.slots.len() < CAPACITY);
        let handle = handle.ok_or_else(|| {
            Error::new(
                ErrorCode::TooManyHandles,
                "engine: too many live objects of one kind, dispose of some",
            )
        })?;
        state.slots.push(Some(object));
        Ok(handle)
    }

    /// Works with an object.
    pub(super) fn with<R>(&self, handle: u32, work: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
        match self.state.borrow_mut().slots.get_mut(handle as usize) {
            Some(Some(object)) => work(object),
            _ => Err(Error::new(ErrorCode::Disposed, "engine: the object was disposed of")),
        }
    }

    /// Works with an object on a hot path, where the answer is one number: NaN if the object is gone.
    #[inline]
    pub(super) fn number(&self, handle: u32, work: impl FnOnce(&mut T) -> f64) -> f64 {
        self.state.borrow_mut().slots.get_mut(handle as usize).and_then(Option::as_mut).map_or(f64::NAN, work)
    }

    /// Takes an object out; nothing happens if it is gone.
    pub(super) fn take(&self, handle: u32) -> Option<T> {
        let mut state = self.state.borrow_mut();
        let object = state.slots.get_mut(handle as usize)?.take();
        if object.is_some() {
            state.free.push(handle);
        }
        object
    }
}
