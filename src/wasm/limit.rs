//! `limit` for JavaScript.
//!
//! A check answers one number, the milliseconds to wait, 0 when granted; the request comes in and the rest of the answer
//! goes out through the scratch memory. -1 says that there was an error, which [`limiter_error`] throws.

use super::{Slab, parse, scratch};
use crate::error::{Error, Result};
use crate::host::HostEntropy;
use crate::limit::{
    Bucket, BucketConfig, Decision, Limiter, LimiterConfig, PRESETS_JSON, Request, Since, ValidBucketConfig,
};
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

const FAILED: f64 = -1.0;

thread_local! {
    static BUCKETS: Slab<(ValidBucketConfig, Bucket)> = const { Slab::new() };
    static LIMITERS: Slab<Limiter> = const { Slab::new() };
    static ERROR: RefCell<Option<Error>> = const { RefCell::new(None) };
}

/// Makes a bucket from a `TokenBucketConfig` and answers its handle.
#[wasm_bindgen(js_name = bucketNew)]
pub fn bucket_new(config: JsValue, now: f64) -> Result<u32> {
    let config = parse::<BucketConfig>("limit", config)?.validate()?;
    BUCKETS.with(|buckets| buckets.put((config, Bucket::new(&config, now))))
}

/// Makes a bucket anew that held `tokens` at the time `then`; `spent` were taken since, nobody knows when.
#[wasm_bindgen(js_name = bucketRestore)]
pub fn bucket_restore(config: JsValue, tokens: f64, then: f64, spent: f64, now: f64) -> Result<u32> {
    let config = parse::<BucketConfig>("limit", config)?.validate()?;
    let mut bucket = Bucket::restore(&config, tokens, then);
    bucket.deduct(&config, spent, now);
    BUCKETS.with(|buckets| buckets.put((config, bucket)))
}

/// Takes `cost` tokens. Answers 0 when granted, else the milliseconds to wait.
#[wasm_bindgen(js_name = bucketTake)]
pub fn bucket_take(handle: u32, cost: f64, now: f64) -> f64 {
    with_bucket(handle, |config, bucket| bucket.spend(config, cost, now))
}

/// The tokens that are there, or what is owed as a negative number.
#[wasm_bindgen(js_name = bucketBalance)]
pub fn bucket_balance(handle: u32, now: f64) -> f64 {
    with_bucket(handle, |config, bucket| bucket.balance(config, now))
}

/// The milliseconds until `cost` tokens are there.
#[wasm_bindgen(js_name = bucketWait)]
pub fn bucket_wait(handle: u32, cost: f64, now: f64) -> f64 {
    with_bucket(handle, |config, bucket| bucket.wait(config, cost, now))
}

/// Takes tokens whether they are there or not, or gives some back if the cost is below zero.
#[wasm_bindgen(js_name = bucketAdjust)]
pub fn bucket_adjust(handle: u32, cost: f64, now: f64) -> f64 {
    with_bucket(handle, |config, bucket| {
        bucket.charge(config, cost.max(0.0), now);
        bucket.refund(config, (-cost).max(0.0), now);
        0.0
    })
}

/// Forgets a bucket.
#[wasm_bindgen(js_name = bucketFree)]
pub fn bucket_free(handle: u32) {
    BUCKETS.with(|buckets| buckets.take(handle));
}

/// Works with a bucket; NaN if there is none.
fn with_bucket(handle: u32, work: impl FnOnce(&ValidBucketConfig, &mut Bucket) -> f64) -> f64 {
    BUCKETS.with(|buckets| buckets.number(handle, |(config, bucket)| work(config, bucket)))
}

/// Makes a limiter from a `RateLimiterConfig` and answers its handle.
#[wasm_bindgen(js_name = limiterNew)]
pub fn limiter_new(config: JsValue, now: f64) -> Result<u32> {
    let limiter = Limiter::new(&parse::<LimiterConfig>("limit", config)?, &mut HostEntropy, now)?;
    LIMITERS.with(|limiters| limiters.put(limiter))
}

/// Makes a limiter with the state of a snapshot.
#[wasm_bindgen(js_name = limiterRestore)]
pub fn limiter_restore(config: JsValue, snapshot: &[u8], elapsed: f64, spent: f64, now: f64) -> Result<u32> {
    let config = parse::<LimiterConfig>("limit", config)?;
    let limiter = Limiter::restore(&config, snapshot, Since { elapsed, spent }, now)?;
    LIMITERS.with(|limiters| limiters.put(limiter))
}

/// Forgets a limiter.
#[wasm_bindgen(js_name = limiterFree)]
pub fn limiter_free(handle: u32) {
    LIMITERS.with(|limiters| limiters.take(handle));
}

/// The state as bytes.
#[wasm_bindgen(js_name = limiterSnapshot)]
pub fn limiter_snapshot(handle: u32, now: f64) -> Result<Vec<u8>> {
    LIMITERS.with(|limiters| limiters.with(handle, |limiter| Ok(limiter.snapshot(now))))
}

/// The rules in the order of their numbers, as lines `quota window id`.
#[wasm_bindgen(js_name = limiterRules)]
pub fn limiter_rules(handle: u32) -> Result<String> {
    LIMITERS.with(|limiters| limiters.with(handle, |limiter| Ok(limiter.rules_as_lines())))
}

/// Requests allowed, refused and aggregated, and subjects.
#[wasm_bindgen(js_name = limiterStats)]
pub fn limiter_stats(handle: u32) -> Result<Vec<f64>> {
    LIMITERS.with(|limiters| {
        limiters.with(handle, |limiter| {
            let stats = limiter.stats();
            let counts = [stats.allowed, stats.refused, stats.aggregated, stats.keys as u64];
            Ok(counts.map(|count| count as f64).to_vec())
        })
    })
}

/// Takes `cost` tokens for the request in the scratch memory: the milliseconds to wait, 0 when granted.
#[wasm_bindgen(js_name = limiterTake)]
pub fn limiter_take(handle: u32, cost: f64, now: f64) -> f64 {
    with_request(handle, |limiter, request| limiter.take(request, cost, now))
}

/// The same, and puts the rest of the answer into the scratch memory: the rule or -1, tokens left, milliseconds until
/// full, milliseconds of delay, actions as bits.
#[wasm_bindgen(js_name = limiterCheck)]
pub fn limiter_check(handle: u32, cost: f64, now: f64) -> f64 {
    with_request(handle, |limiter, request| limiter.check(request, cost, now).map(answer))
}

/// Does something else for that request: 0 looks without taking, 1 takes whether the tokens are there or not, 2 gives
/// back, 3 lowers what is left to an amount, 4 blocks until a time, 5 forgets, 6 blocks at least until a time.
#[wasm_bindgen(js_name = limiterAct)]
pub fn limiter_act(handle: u32, act: u32, amount: f64, now: f64) -> f64 {
    with_request(handle, |limiter, request| match act {
        0 => limiter.peek(request, amount, now).map(answer),
        1 => limiter.charge(request, amount, now).map(|()| 0.0),
        2 => limiter.refund(request, amount, now).map(|()| 0.0),
        3 => limiter.lower(request, amount, now).map(|()| 0.0),
        4 => limiter.block(request, amount, now).map(|()| 0.0),
        5 => limiter.reset(request, now).map(|()| 0.0),
        6 => limiter.prolong(request, amount, now).map(|()| 0.0),
        _ => Err(Error::argument("limit: there is no such act")),
    })
}

/// A number for that request, if it comes often.
#[wasm_bindgen(js_name = limiterKey)]
pub fn limiter_key(handle: u32) -> f64 {
    with_request(handle, |limiter, request| limiter.handle(request).map(f64::from))
}

/// Takes `cost` tokens for the request of such a number.
#[wasm_bindgen(js_name = limiterCheckKey)]
pub fn limiter_check_key(handle: u32, key: u32, cost: f64, now: f64) -> f64 {
    with_limiter(handle, |limiter| number(limiter.take_handle(key, cost, now)))
}

/// Lets go of such a number.
#[wasm_bindgen(js_name = limiterReleaseKey)]
pub fn limiter_release_key(handle: u32, key: u32) {
    with_limiter(handle, |limiter| {
        limiter.release(key);
        0.0
    });
}

/// Throws the error of the last call that answered -1.
#[wasm_bindgen(js_name = limiterError)]
pub fn limiter_error() -> Result<()> {
    ERROR.take().map_or(Ok(()), Err)
}

/// The presets as JSON.
#[wasm_bindgen(js_name = limiterPresets)]
pub fn limiter_presets() -> String {
    PRESETS_JSON.to_owned()
}

/// Works with a limiter and the request in the scratch memory, where an empty text stands for none.
#[inline]
fn with_request(handle: u32, work: impl FnOnce(&mut Limiter, &Request<'_>) -> Result<f64>) -> f64 {
    with_limiter(handle, |limiter| {
        number(scratch::with_texts(|[resource, user, session, ip]| {
            work(limiter, &Request { resource, user: Some(user), session: Some(session), ip: Some(ip) })
        }))
    })
}

fn answer(decision: Decision) -> f64 {
    let Decision { allowed, rule, remaining, retry_after, reset_after, delay, actions } = decision;
    let rule = rule.map_or(-1.0, f64::from);
    scratch::answer([rule, remaining, reset_after, delay, f64::from(actions)]);
    if allowed { 0.0 } else { retry_after }
}

#[inline]
fn number(result: Result<f64>) -> f64 {
    result.unwrap_or_else(|error| {
        ERROR.set(Some(error));
        FAILED
    })
}

/// Works with a limiter; NaN if there is none.
#[inline]
fn with_limiter(handle: u32, work: impl FnOnce(&mut Limiter) -> f64) -> f64 {
    LIMITERS.with(|limiters| limiters.number(handle, work))
}
