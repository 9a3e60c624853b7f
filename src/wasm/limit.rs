//! `limit` for JavaScript.

use super::{Slab, parse};
use crate::error::Error;
use crate::limit::{Bucket, ValidBucketConfig};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static BUCKETS: Slab<(ValidBucketConfig, Bucket)> = const { Slab::new() };
}

/// Makes a bucket from a `TokenBucketConfig` and answers its handle.
#[wasm_bindgen(js_name = bucketNew)]
pub fn bucket_new(config: JsValue, now: f64) -> Result<u32, Error> {
    let config = parse::<crate::limit::BucketConfig>("limit", config)?.validate()?;
    BUCKETS.with(|buckets| buckets.put((config, Bucket::new(&config, now))))
}

/// Makes a bucket anew that holds `tokens` at the time `now`, as its owner remembers it.
#[wasm_bindgen(js_name = bucketRestore)]
pub fn bucket_restore(config: JsValue, tokens: f64, now: f64) -> Result<u32, Error> {
    let config = parse::<crate::limit::BucketConfig>("limit", config)?.validate()?;
    BUCKETS.with(|buckets| buckets.put((config, Bucket::restore(&config, tokens, now))))
}

/// Takes `cost` tokens. Answers 0 when granted, else the milliseconds to wait.
#[wasm_bindgen(js_name = bucketTake)]
pub fn bucket_take(handle: u32, cost: f64, now: f64) -> f64 {
    with(handle, |config, bucket| bucket.take(config, cost, now).wait())
}

/// The tokens that are there.
#[wasm_bindgen(js_name = bucketAvailable)]
pub fn bucket_available(handle: u32, now: f64) -> f64 {
    with(handle, |config, bucket| bucket.available(config, now))
}

/// The milliseconds until `cost` tokens are there.
#[wasm_bindgen(js_name = bucketWait)]
pub fn bucket_wait(handle: u32, cost: f64, now: f64) -> f64 {
    with(handle, |config, bucket| bucket.wait(config, cost, now))
}

/// Forgets a bucket.
#[wasm_bindgen(js_name = bucketFree)]
pub fn bucket_free(handle: u32) {
    BUCKETS.with(|buckets| buckets.take(handle));
}

/// Works with a bucket; NaN if there is none.
fn with(handle: u32, work: impl FnOnce(&ValidBucketConfig, &mut Bucket) -> f64) -> f64 {
    BUCKETS.with(|buckets| buckets.number(handle, |(config, bucket)| work(config, bucket)))
}
