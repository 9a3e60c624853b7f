//! `breaker` for JavaScript.
//!
//! The calls that every operation makes answer a bare number, which costs a third of an answer that may be an error:
//! no number at all says that the object is gone.

use super::{Slab, parse};
use crate::breaker::{
    Admission, Breaker, BreakerConfig, Cause, Mode, Outcome, Permit, Retry, RetryConfig, Snapshot, State,
    ValidBreakerConfig,
};
use crate::error::Error;
use crate::host::{Entropy, HostEntropy};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A breaker and its configuration. Boxed, so that a slot that waits for its next breaker takes four bytes.
type Owned = Box<(Rc<ValidBreakerConfig>, Breaker)>;

/// How many configurations are looked through for an equal one.
const RECENT: usize = 16;

thread_local! {
    static BREAKERS: Slab<Owned> = const { Slab::new() };
    static RETRIES: Slab<Retry> = const { Slab::new() };
    static CONFIGS: RefCell<VecDeque<Weak<ValidBreakerConfig>>> = const { RefCell::new(VecDeque::new()) };
}

/// Makes a breaker from a `CircuitBreakerConfig` and answers its handle.
#[wasm_bindgen(js_name = breakerNew)]
pub fn breaker_new(config: JsValue, now: f64) -> Result<u32, Error> {
    put(shared(parse::<BreakerConfig>("breaker", config)?.validate()?), now)
}

/// Makes a breaker with the configuration of another one.
#[wasm_bindgen(js_name = breakerLike)]
pub fn breaker_like(handle: u32, now: f64) -> Result<u32, Error> {
    put(with(handle, |config, _| Rc::clone(config))?, now)
}

/// Puts a breaker back to where a snapshot was taken; `wall` is the wall clock.
#[wasm_bindgen(js_name = breakerRestore)]
pub fn breaker_restore(handle: u32, snapshot: JsValue, now: f64, wall: f64) -> Result<(), Error> {
    let snapshot = parse::<Snapshot>("breaker: initialState", snapshot)?;
    let seed = seed()?;
    BREAKERS.with(|breakers| {
        breakers.with(handle, |owned| {
            owned.1 = Breaker::restore(&owned.0, snapshot, seed, now, wall)?;
            Ok(())
        })
    })
}

/// What a breaker must be told: 1 for how long a call took, 2 for the time of a success.
#[wasm_bindgen(js_name = breakerNeeds)]
pub fn breaker_needs(handle: u32) -> Result<u32, Error> {
    with(handle, |config, _| {
        u32::from(config.needs_duration()) | u32::from(config.needs_time_of_success()) << 1
    })
}

/// The permit that calls have without asking while the breaker is closed, else -1.
#[wasm_bindgen(js_name = breakerClosedPermit)]
pub fn breaker_closed_permit(handle: u32) -> Result<f64, Error> {
    with(handle, |_, breaker| breaker.closed_permit().map_or(-1.0, |permit| permit.number() as f64))
}

/// Asks for leave to make one call: the permit, or the milliseconds to wait as a negative number.
#[wasm_bindgen(js_name = breakerAcquire)]
pub fn breaker_acquire(handle: u32, now: f64) -> f64 {
    with(handle, |config, breaker| match breaker.acquire(config, now) {
        Admission::Admitted(permit) => permit.number() as f64,
        Admission::Refused { retry_after } => -retry_after,
    })
    .unwrap_or(f64::NAN)
}

/// Tells how a call ended: `kind` 0 success, 1 failure, 2 ignored, 3 rate-limited; `value` is the weight of a failure
/// or the milliseconds of a pause. Numbers that are not known are NaN. Answers the state.
#[wasm_bindgen(js_name = breakerReport)]
pub fn breaker_report(handle: u32, permit: f64, kind: u32, value: f64, duration: f64, now: f64) -> f64 {
    with(handle, |config, breaker| {
        let outcome = match kind {
            0 => Outcome::Success,
            1 => Outcome::Failure(config.nearest_weight(value)),
            2 => Outcome::Ignored,
            _ => Outcome::RateLimited { retry_after: (!value.is_nan()).then_some(value) },
        };
        let permit = Permit::from_number(permit as u64);
        breaker.report(config, permit, outcome, (!duration.is_nan()).then_some(duration), now);
        code_of(breaker.state(config, now))
    })
    .unwrap_or(f64::NAN)
}

/// The state.
#[wasm_bindgen(js_name = breakerState)]
pub fn breaker_state(handle: u32, now: f64) -> f64 {
    with(handle, |config, breaker| code_of(breaker.state(config, now))).unwrap_or(f64::NAN)
}

/// Why the breaker opened last.
#[wasm_bindgen(js_name = breakerCause)]
pub fn breaker_cause(handle: u32) -> Result<String, Error> {
    with(handle, |_, breaker| name_of(breaker.cause()).to_owned())
}

/// Changes the mode: 0 normal, 1 metrics-only, 2 isolated, 3 disabled.
#[wasm_bindgen(js_name = breakerSetMode)]
pub fn breaker_set_mode(handle: u32, mode: u32) -> Result<(), Error> {
    let mode = match mode {
        0 => Mode::Normal,
        1 => Mode::MetricsOnly,
        2 => Mode::Isolated,
        _ => Mode::Disabled,
    };
    with(handle, |config, breaker| breaker.set_mode(config, mode))
}

/// Closes a breaker and empties its window.
#[wasm_bindgen(js_name = breakerReset)]
pub fn breaker_reset(handle: u32) -> Result<(), Error> {
    with(handle, |config, breaker| breaker.reset(config))
}

/// What a breaker has seen.
#[wasm_bindgen(js_name = breakerStats)]
pub fn breaker_stats(handle: u32, now: f64) -> Result<JsValue, Error> {
    plain(&with(handle, |config, breaker| breaker.stats(config, now))?)
}

/// A snapshot; `wall` is the wall clock.
#[wasm_bindgen(js_name = breakerSave)]
pub fn breaker_save(handle: u32, now: f64, wall: f64) -> Result<JsValue, Error> {
    plain(&with(handle, |config, breaker| breaker.save(config, now, wall))?)
}

/// Whether a breaker has nothing to lose: it is closed, in no special mode, and no failure counts.
#[wasm_bindgen(js_name = breakerIdle)]
pub fn breaker_idle(handle: u32, now: f64) -> Result<bool, Error> {
    with(handle, |config, breaker| breaker.is_idle(config, now))
}

/// Forgets a breaker.
#[wasm_bindgen(js_name = breakerFree)]
pub fn breaker_free(handle: u32) {
    BREAKERS.with(|breakers| breakers.take(handle));
}

/// Makes retries from a `RetryConfig` and answers their handle.
#[wasm_bindgen(js_name = retryNew)]
pub fn retry_new(config: JsValue) -> Result<u32, Error> {
    let retry = parse::<RetryConfig>("breaker: retry", config)?.validate()?;
    RETRIES.with(|retries| retries.put(retry))
}

/// The milliseconds to wait after so many runs, or -1 if there is none left.
#[wasm_bindgen(js_name = retryDelay)]
pub fn retry_delay(handle: u32, runs: u32, previous: f64) -> Result<f64, Error> {
    let delay = |retry: &mut Retry| retry.delay(runs, previous, &mut HostEntropy);
    Ok(RETRIES.with(|retries| retries.with(handle, delay))?.unwrap_or(-1.0))
}

/// Forgets retries.
#[wasm_bindgen(js_name = retryFree)]
pub fn retry_free(handle: u32) {
    RETRIES.with(|retries| retries.take(handle));
}

fn with<R>(handle: u32, work: impl FnOnce(&Rc<ValidBreakerConfig>, &mut Breaker) -> R) -> Result<R, Error> {
    BREAKERS.with(|breakers| {
        breakers.with(handle, |owned| {
            let (config, breaker) = owned.as_mut();
            Ok(work(config, breaker))
        })
    })
}

fn put(config: Rc<ValidBreakerConfig>, now: f64) -> Result<u32, Error> {
    let breaker = Breaker::new(&config, seed()?, now);
    BREAKERS.with(|breakers| breakers.put(Box::new((config, breaker))))
}

/// The configuration, or an equal one that a living breaker has: many breakers are made alike.
fn shared(config: ValidBreakerConfig) -> Rc<ValidBreakerConfig> {
    CONFIGS.with_borrow_mut(|recent| {
        recent.retain(|known| known.strong_count() > 0);
        if let Some(equal) = recent.iter().filter_map(Weak::upgrade).find(|known| **known == config) {
            return equal;
        }
        let config = Rc::new(config);
        recent.truncate(RECENT - 1);
        recent.push_front(Rc::downgrade(&config));
        config
    })
}

fn seed() -> Result<u64, Error> {
    HostEntropy.bytes().map(u64::from_le_bytes)
}

/// The numbers of `STATES` in js/src/breaker.ts.
const fn code_of(state: State) -> f64 {
    match state {
        State::Closed => 0.0,
        State::Open => 1.0,
        State::HalfOpen => 2.0,
        State::Isolated => 3.0,
        State::Disabled => 4.0,
    }
}

const fn name_of(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "none",
        Cause::Failures => "failures",
        Cause::FailureRate => "failure-rate",
        Cause::SlowCallRate => "slow-call-rate",
        Cause::Probe => "probe",
        Cause::RateLimited => "rate-limited",
    }
}

/// An answer as a plain object.
fn plain(answer: &impl Serialize) -> Result<JsValue, Error> {
    answer
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|_| Error::argument("breaker: the answer does not fit a plain object"))
}
