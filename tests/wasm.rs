//! The boundary as JavaScript meets it: values converted, errors named, handles let go. What a domain answers is
//! tested natively; what its users see, in `tests/suite`.

#![cfg(target_family = "wasm")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use js_sys::{Error as JsError, JSON, Reflect};
use vespera_security::wasm::{crypto, error_codes, html, limit, memory_bytes};
use vespera_security::{Error, ErrorCode};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const BUCKET: &str = r#"{ "capacity": 5, "refillRate": 1, "refillInterval": 1000 }"#;

fn object(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

fn thrown(error: Error) -> (String, String) {
    let error: JsError = JsValue::from(error).dyn_into().unwrap();
    (error.name().into(), error.message().into())
}

#[wasm_bindgen_test]
fn the_table_of_codes_and_the_memory_can_be_asked() {
    assert_eq!(error_codes().lines().count(), ErrorCode::ALL.len());
    assert!(error_codes().lines().all(|line| line.starts_with("ERR_") && line.contains(' ')));
    assert!(memory_bytes() >= 65_536.0 && memory_bytes() % 65_536.0 == 0.0);
}

#[wasm_bindgen_test]
fn an_error_is_an_error_whose_name_is_the_code() {
    let (name, message) = thrown(Error::config("limit: capacity must be a whole number"));
    assert_eq!(name, "ERR_CONFIG_INVALID");
    assert_eq!(message, "limit: capacity must be a whole number");
}

#[wasm_bindgen_test]
fn a_configuration_is_read_from_a_plain_object() {
    let handle = limit::bucket_new(object(BUCKET), 0.0).unwrap();
    assert_eq!(limit::bucket_balance(handle, 0.0), 5.0);
    limit::bucket_free(handle);
}

#[wasm_bindgen_test]
fn what_is_no_plain_object_is_refused() {
    for value in [JsValue::UNDEFINED, JsValue::NULL, JsValue::from_f64(5.0), JsValue::symbol(None)] {
        let (name, message) = thrown(limit::bucket_new(value, 0.0).unwrap_err());
        assert_eq!(name, "ERR_CONFIG_INVALID");
        assert!(message.starts_with("limit: "), "{message}");
    }
}

#[wasm_bindgen_test]
fn a_refusal_names_the_field_and_never_the_value() {
    for (config, field) in [
        (r#"{ "capacity": "hunter2", "refillRate": 1, "refillInterval": 1000 }"#, "capacity"),
        (r#"{ "capacity": 5, "refillRate": ["hunter2"], "refillInterval": 1000 }"#, "refillRate"),
        (r#"{ "capacity": 5, "refillRate": 1 }"#, "refillInterval"),
        (r#"{ "capacity": 5, "refillRate": 1, "refillInterval": 1000, "capasity": "hunter2" }"#, "capasity"),
    ] {
        let (_, message) = thrown(limit::bucket_new(object(config), 0.0).unwrap_err());
        assert!(message.contains(field) && !message.contains("hunter2"), "{message}");
    }
}

#[wasm_bindgen_test]
fn a_number_is_used_again_and_a_freed_one_answers_nothing() {
    let first = limit::bucket_new(object(BUCKET), 0.0).unwrap();
    limit::bucket_free(first);
    assert!(limit::bucket_take(first, 1.0, 0.0).is_nan());
    limit::bucket_free(first);
    let second = limit::bucket_new(object(BUCKET), 0.0).unwrap();
    assert_eq!(second, first);
    assert_eq!(limit::bucket_take(second, 1.0, 0.0), 0.0);
    limit::bucket_free(second);
    assert!(limit::bucket_balance(u32::MAX, 0.0).is_nan());
}

#[wasm_bindgen_test]
fn clean_markup_does_not_come_back() {
    let handle = html::html_new(object("{}")).unwrap();
    assert_eq!(html::html_sanitize(handle, "plain").unwrap(), None);
    let cleaned = html::html_sanitize(handle, "<p onclick=\"x()\">hi</p>").unwrap();
    assert_eq!(cleaned.as_deref(), Some("<p>hi</p>"));
    html::html_free(handle);
    let (name, _) = thrown(html::html_sanitize(handle, "plain").unwrap_err());
    assert_eq!(name, "ERR_DISPOSED");
}

#[wasm_bindgen_test]
fn an_inspection_is_a_plain_object() {
    let handle = html::html_new(object("{}")).unwrap();
    let inspection = html::html_inspect(handle, "<script>x()</script>").unwrap();
    assert!(JSON::stringify(&inspection).unwrap().as_string().unwrap().contains("\"removed\":[{"));
    assert_eq!(Reflect::get(&inspection, &"changed".into()).unwrap(), JsValue::TRUE);
    html::html_free(handle);
}

#[wasm_bindgen_test]
fn random_bytes_come_from_the_host() {
    let first = crypto::keyset_generate(0.0).unwrap();
    let second = crypto::keyset_generate(0.0).unwrap();
    let kek = || vec![7; 32];
    assert_ne!(crypto::keyset_export(first, kek()).unwrap(), crypto::keyset_export(second, kek()).unwrap());
    crypto::keyset_free(first);
    crypto::keyset_free(second);
}
