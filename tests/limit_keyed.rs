//! The keyed limiter: rules, subjects, bounded memory, snapshots.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use serde_json::{Value, json};
use vespera_security::ErrorCode;
use vespera_security::limit::{ActionKind, Decision, Limiter, LimiterConfig, Request, Since};

fn config(value: Value) -> LimiterConfig {
    serde_json::from_value(value).unwrap()
}

fn limiter(value: Value) -> Limiter {
    Limiter::with_seed(&config(value), [7; 16], 0.0).unwrap()
}

/// A rule for everything, with one token a second, changed by `with`.
fn rule(id: &str, scope: &str, capacity: u32, with: Value) -> Value {
    let mut rule = json!({
        "id": id, "pattern": "*", "scope": scope,
        "bucket": { "capacity": capacity, "refillRate": 1, "refillInterval": 1_000 },
    });
    rule.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    rule
}

fn user<'a>(name: &'a str) -> Request<'a> {
    Request { user: Some(name), ..Request::new("chat:send") }
}

/// How many of so many requests pass.
fn passing(limiter: &mut Limiter, request: &Request<'_>, tries: usize, now: f64) -> usize {
    (0..tries).filter(|_| limiter.check(request, 1.0, now).unwrap().allowed).count()
}

#[test]
fn without_a_matching_rule_everything_passes() {
    let mut limiter = limiter(json!({ "rules": [rule("a", "global", 1, json!({ "pattern": "file:*" }))] }));
    let answer = limiter.check(&user("ada"), 1e9, 0.0).unwrap();
    assert_eq!((answer.allowed, answer.rule, answer.remaining), (true, None, f64::INFINITY));
    let mut empty = self::limiter(json!({}));
    assert!(empty.check(&user("ada"), 1.0, 0.0).unwrap().allowed);
}

#[test]
fn the_highest_priority_wins_and_a_rule_that_is_off_does_not_count() {
    let mut limiter = limiter(json!({ "rules": [
        rule("low", "global", 9, json!({})),
        rule("off", "global", 1, json!({ "priority": 9, "enabled": false })),
        rule("high", "global", 2, json!({ "priority": 5, "pattern": "chat:*" })),
    ] }));
    let answer = limiter.check(&user("ada"), 1.0, 0.0).unwrap();
    assert_eq!(limiter.rule_id(answer.rule.unwrap()), Some("high"));
    let other = limiter.check(&Request::new("file:read"), 1.0, 0.0).unwrap();
    assert_eq!(limiter.rule_id(other.rule.unwrap()), Some("low"));
}

#[test]
fn all_rules_take_or_none() {
    let mut limiter = limiter(json!({ "match": "all", "rules": [
        rule("requests", "user", 10, json!({})),
        rule("session", "session", 10, json!({})),
        rule("tokens", "global", 3, json!({})),
    ] }));
    let request = Request { session: Some("s"), ..user("ada") };
    assert_eq!(passing(&mut limiter, &request, 8, 0.0), 3);
    let answer = limiter.check(&request, 1.0, 0.0).unwrap();
    assert_eq!((limiter.rule_id(answer.rule.unwrap()), answer.retry_after), (Some("tokens"), 1_000.0));
    // The two others spent three tokens, not nine.
    for (at, counted) in [(0, 7.0), (1, 7.0), (2, 0.0)] {
        let bytes = limiter.snapshot(0.0);
        let only = ["requests", "session", "tokens"].map(|id| {
            let scope = match id {
                "requests" => "user",
                "session" => "session",
                _ => "global",
            };
            json!({ "rules": [rule(id, scope, if id == "tokens" { 3 } else { 10 }, json!({}))] })
        });
        let config = config(only.into_iter().nth(at).unwrap());
        let mut alone = Limiter::restore(&config, &bytes, Since::default(), 0.0).unwrap();
        assert_eq!(alone.peek(&request, 0.0, 0.0).unwrap().remaining, counted);
    }
}

#[test]
fn each_scope_counts_its_own_subjects() {
    let one = Request { user: Some("ada"), session: Some("s1"), ip: Some("192.0.2.1"), ..Request::new("a") };
    let changes: [(&str, Request<'_>); 4] = [
        ("user", Request { user: Some("bob"), ..one }),
        ("session", Request { session: Some("s2"), ..one }),
        ("ip", Request { ip: Some("192.0.2.2"), ..one }),
        ("resource", Request { resource: "b", ..one }),
    ];
    for scope in ["global", "user", "session", "ip", "resource"] {
        let mut limiter = limiter(json!({ "rules": [rule("r", scope, 1, json!({}))] }));
        assert_eq!(passing(&mut limiter, &one, 3, 0.0), 1);
        for (changed, request) in &changes {
            assert_eq!(
                passing(&mut limiter, request, 3, 0.0),
                usize::from(*changed == scope),
                "{scope} {changed}"
            );
        }
    }
}

#[test]
fn requests_of_nobody_share_a_bucket() {
    let mut limiter = limiter(json!({ "rules": [rule("r", "user", 2, json!({}))] }));
    assert_eq!(passing(&mut limiter, &Request::new("a"), 2, 0.0), 2);
    assert_eq!(passing(&mut limiter, &Request::new("b"), 2, 0.0), 0);
    assert_eq!(passing(&mut limiter, &user(""), 2, 0.0), 0);
    assert_eq!(passing(&mut limiter, &user("ada"), 3, 0.0), 2);
}

#[test]
fn an_address_that_is_none_is_an_error_only_where_it_counts() {
    let bad = Request { ip: Some("not an address"), ..Request::new("a") };
    let mut by_ip = limiter(json!({ "rules": [rule("r", "ip", 2, json!({}))] }));
    assert_eq!(by_ip.check(&bad, 1.0, 0.0).unwrap_err().code(), ErrorCode::ArgumentInvalid);
    let mut by_user = limiter(json!({ "rules": [rule("r", "user", 2, json!({}))] }));
    assert!(by_user.check(&bad, 1.0, 0.0).unwrap().allowed);
    let long = "x".repeat(5_000);
    assert_eq!(by_user.check(&user(&long), 1.0, 0.0).unwrap_err().code(), ErrorCode::InputTooLarge);
}

#[test]
fn actions_fire_at_their_part_of_use() {
    let actions = json!([
        { "type": "log", "threshold": 50 },
        { "type": "delay", "threshold": 75, "delay": 40 },
        "notify",
    ]);
    let mut limiter = limiter(json!({ "rules": [rule("r", "user", 4, json!({ "actions": actions }))] }));
    let (log, delay, notify) = (ActionKind::Log.bit(), ActionKind::Delay.bit(), ActionKind::Notify.bit());
    let answers: Vec<Decision> = (0..5).map(|_| limiter.check(&user("ada"), 1.0, 0.0).unwrap()).collect();
    let seen: Vec<(u32, f64)> = answers.iter().map(|answer| (answer.actions, answer.delay)).collect();
    assert_eq!(seen.first(), Some(&(0, 0.0)));
    assert_eq!(seen.get(1), Some(&(log, 0.0)));
    assert_eq!(seen.get(2), Some(&(log | delay, 40.0)));
    assert_eq!(seen.get(3), Some(&(log | delay | notify, 40.0)));
    assert_eq!(seen.get(4).map(|(actions, _)| *actions), Some(log | delay | notify));
}

#[test]
fn reject_below_a_hundred_percent_keeps_a_reserve() {
    let actions = json!([{ "type": "reject", "threshold": 60 }]);
    let mut limiter = limiter(json!({ "rules": [rule("r", "user", 10, json!({ "actions": actions }))] }));
    assert_eq!(passing(&mut limiter, &user("ada"), 20, 0.0), 6);
    assert_eq!(limiter.check(&user("ada"), 1.0, 0.0).unwrap().retry_after, 1_000.0);
}

#[test]
fn circuit_break_blocks_for_its_duration_and_asking_does_not_prolong_it() {
    let actions = json!([{ "type": "circuit-break", "duration": 5_000 }]);
    let mut limiter = limiter(json!({ "rules": [rule("r", "user", 2, json!({ "actions": actions }))] }));
    assert_eq!(passing(&mut limiter, &user("ada"), 5, 0.0), 2);
    assert_eq!(passing(&mut limiter, &user("ada"), 5, 4_999.0), 0);
    assert_eq!(limiter.check(&user("ada"), 1.0, 4_999.0).unwrap().retry_after, 1.0);
    assert_eq!(passing(&mut limiter, &user("ada"), 5, 5_000.0), 2);
}

#[test]
fn a_block_that_is_prolonged_is_never_shortened() {
    let mut limiter = limiter(json!({ "rules": [rule("r", "user", 5, json!({}))] }));
    limiter.block(&user("eve"), 60_000.0, 0.0).unwrap();
    limiter.prolong(&user("eve"), 1_000.0, 0.0).unwrap();
    assert_eq!(limiter.check(&user("eve"), 1.0, 0.0).unwrap().retry_after, 60_000.0);
    limiter.prolong(&user("eve"), 90_000.0, 0.0).unwrap();
    assert_eq!(limiter.check(&user("eve"), 1.0, 0.0).unwrap().retry_after, 90_000.0);
}

#[test]
fn a_block_outlasts_a_full_bucket_and_is_lifted_by_a_reset() {
    let mut limiter = limiter(json!({ "maxKeys": 2, "rules": [rule("r", "user", 2, json!({}))] }));
    limiter.block(&user("eve"), 60_000.0, 0.0).unwrap();
    for name in ["a", "b", "c", "d"] {
        limiter.check(&user(name), 1.0, 50_000.0).unwrap();
    }
    assert_eq!(limiter.check(&user("eve"), 1.0, 59_000.0).unwrap().retry_after, 1_000.0);
    assert_eq!(limiter.check(&user("eve"), 1.0, f64::NAN).unwrap().retry_after, f64::INFINITY);
    limiter.reset(&user("eve"), 59_000.0).unwrap();
    assert!(limiter.check(&user("eve"), 1.0, 59_000.0).unwrap().allowed);
}

#[test]
fn what_is_charged_is_owed_and_what_is_refunded_is_back() {
    let mut limiter = limiter(json!({ "rules": [rule("r", "user", 5, json!({}))] }));
    limiter.charge(&user("ada"), 7.0, 0.0).unwrap();
    assert_eq!(limiter.peek(&user("ada"), 1.0, 0.0).unwrap().retry_after, 3_000.0);
    limiter.refund(&user("ada"), 4.0, 0.0).unwrap();
    assert_eq!(limiter.peek(&user("ada"), 0.0, 0.0).unwrap().remaining, 2.0);
    limiter.lower(&user("ada"), 1.0, 0.0).unwrap();
    limiter.lower(&user("ada"), 4.0, 0.0).unwrap();
    assert_eq!(limiter.peek(&user("ada"), 0.0, 0.0).unwrap().remaining, 1.0);
    assert_eq!(limiter.stats().allowed + limiter.stats().refused, 0, "nobody was let through");
}

#[test]
fn whoever_rotates_names_shares_one_bucket_and_memory_stays_put() {
    let mut limiter = limiter(json!({ "maxKeys": 100, "rules": [rule("r", "user", 5, json!({}))] }));
    let regular = user("ada");
    assert_eq!(passing(&mut limiter, &regular, 1, 0.0), 1);
    let passed: usize = (0..100_000).map(|n| passing(&mut limiter, &user(&n.to_string()), 1, 0.0)).sum();
    assert_eq!(passed, 99 + 5, "99 had a bucket of their own, all others one together");
    assert_eq!(limiter.stats().keys, 100);
    assert_eq!(limiter.stats().aggregated, 100_000 - 99);
    assert_eq!(passing(&mut limiter, &regular, 9, 0.0), 4, "who was there before loses nothing");
    // A minute later every bucket is full again, and leaves for whoever comes.
    assert_eq!(passing(&mut limiter, &user("new"), 9, 60_000.0), 5);
    assert_eq!(limiter.stats().keys, 100);
}

#[test]
fn a_handle_is_another_name_for_a_request() {
    let mut limiter = limiter(json!({ "rules": [rule("r", "user", 5, json!({}))] }));
    let handle = limiter.handle(&user("ada")).unwrap();
    assert_eq!(limiter.handle(&user("ada")).unwrap(), handle);
    assert_ne!(limiter.handle(&user("bob")).unwrap(), handle);
    assert!(limiter.check_handle(handle, 3.0, 0.0).unwrap().allowed);
    assert_eq!(passing(&mut limiter, &user("ada"), 9, 0.0), 2);
    limiter.release(handle);
    assert_eq!(limiter.check_handle(handle, 1.0, 0.0).unwrap_err().code(), ErrorCode::ArgumentInvalid);
    assert_eq!(limiter.handle(&user("eve")).unwrap(), handle, "a number is used again");
    assert!(limiter.check_handle(handle, 5.0, 0.0).unwrap().allowed);
    assert_eq!(limiter.check_handle(99, 1.0, 0.0).unwrap_err().code(), ErrorCode::ArgumentInvalid);
}

#[test]
fn the_short_ways_decide_as_the_long_one() {
    for (keys, scope, actions) in [
        (1, "user", json!([])),
        (2, "user", json!([])),
        (9, "user", json!([])),
        (9, "global", json!([])),
        (9, "user", json!(["circuit-break", "log"])),
    ] {
        let rules = json!({ "maxKeys": keys, "rules": [rule("r", scope, 4, json!({ "actions": actions }))] });
        let (mut by_handle, mut by_name, mut long) =
            (limiter(rules.clone()), limiter(rules.clone()), limiter(rules));
        let users = [user("ada"), user("bob"), user("eve")];
        let known = users.map(|user| (user, by_handle.handle(&user).unwrap(), long.handle(&user).unwrap()));
        let mut now = 0.0;
        for step in 0..600_u32 {
            let (user, short, to_long) = known.into_iter().cycle().nth((step * step % 7) as usize).unwrap();
            now += f64::from(step * 37 % 1_400);
            if step % 97 == 0 {
                let eve = users.last().unwrap();
                for limiter in [&mut by_handle, &mut by_name, &mut long] {
                    let _ = limiter.block(eve, now + 3_000.0, now);
                }
            }
            let cost = f64::from(step % 3);
            let expected = long.check_handle(to_long, cost, now).unwrap().retry_after;
            assert_eq!(by_handle.take_handle(short, cost, now).unwrap(), expected, "{step}");
            assert_eq!(by_name.take(&user, cost, now).unwrap(), expected, "{step}");
        }
        assert_eq!(by_handle.stats(), long.stats());
        assert_eq!(by_name.stats(), long.stats());
    }
}

#[test]
fn a_resource_that_was_forgotten_is_matched_again() {
    let rules: Vec<Value> =
        (0..7).map(|n| rule(&format!("r{n}"), "global", 9, json!({ "pattern": format!("*{n}") }))).collect();
    let mut limiter = limiter(json!({ "rules": rules }));
    for n in (0..9_000_u32).chain(0..9_000) {
        let answer = limiter.peek(&Request::new(&n.to_string()), 1.0, 0.0).unwrap();
        let expected = (n % 10 < 7).then(|| format!("r{}", n % 10));
        assert_eq!(answer.rule.and_then(|rule| limiter.rule_id(rule)), expected.as_deref());
    }
}

#[test]
fn configurations_are_refused_by_field() {
    for (value, word) in [
        (json!({ "maxKeys": 0 }), "maxKeys"),
        (json!({ "rules": [rule("a", "user", 1, json!({})), rule("a", "user", 2, json!({}))] }), "same id"),
        (json!({ "rules": [rule("", "user", 1, json!({}))] }), "rules[0].id"),
        (json!({ "rules": [rule("a", "user", 0, json!({}))] }), "rules[0].bucket: capacity"),
        (json!({ "rules": [rule("a", "user", 1, json!({ "pattern": "[" }))] }), "rules[0].pattern"),
        (
            json!({ "rules": [rule("a", "user", 1, json!({ "actions": [{ "type": "log", "threshold": 101 }] }))] }),
            "threshold",
        ),
        (
            json!({ "rules": [rule("a", "user", 1, json!({ "actions": [{ "type": "log", "delay": 1 }] }))] }),
            "delay",
        ),
        (json!({ "presets": ["nope"] }), "presets"),
        (
            json!({ "maxKeys": 4_000_000, "rules": [rule("a", "user", 1, json!({ "bucket":
            { "algorithm": "sliding-window", "capacity": 1_000, "refillInterval": 1_000 } }))] }),
            "maxKeys",
        ),
    ] {
        let error = Limiter::with_seed(&config(value), [7; 16], 0.0).unwrap_err();
        assert!(
            error.code() == ErrorCode::ConfigInvalid && error.message().contains(word),
            "{word}: {error}"
        );
    }
}

#[test]
fn a_snapshot_is_the_documented_bytes() {
    let vector: Value = serde_json::from_str(include_str!("vectors/limit.json")).unwrap();
    let text = |field: &str| vector.get(field).and_then(Value::as_str).unwrap().to_owned();
    let rules = config(vector.get("config").unwrap().clone());
    let seed: Vec<u8> = (0..16).collect();
    assert_eq!(hex(&seed), text("seed"));
    let mut limiter = Limiter::with_seed(&rules, seed.try_into().unwrap(), 0.0).unwrap();
    assert_eq!(passing(&mut limiter, &user("ada"), 3, 0.0), 3);
    limiter.block(&user("eve"), 1_250.0, 0.0).unwrap();
    let bytes = limiter.snapshot(500.0);
    assert_eq!(hex(&bytes), text("snapshot"));
    for (snapshot, newcomer) in [("snapshot", 5.0), ("doubtful", 2.0), ("version1", 5.0)] {
        let bytes = unhex(&text(snapshot));
        let mut restored = Limiter::restore(&rules, &bytes, Since::default(), 0.0).unwrap();
        assert_eq!(restored.peek(&user("ada"), 0.0, 0.0).unwrap().remaining, 2.5);
        assert_eq!(restored.peek(&user("eve"), 1.0, 0.0).unwrap().retry_after, 750.0);
        assert_eq!(restored.peek(&user("new"), 0.0, 0.0).unwrap().remaining, newcomer, "{snapshot}");
        let again = if snapshot == "doubtful" { "doubtful" } else { "snapshot" };
        assert_eq!(hex(&restored.snapshot(0.0)), text(again), "{snapshot} written again");
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit)).collect()
}

#[test]
fn newcomers_stay_in_doubt_through_any_number_of_restarts() {
    let rules = |keys: u32| config(json!({ "maxKeys": keys, "rules": [rule("r", "user", 5, json!({}))] }));
    let mut limiter = Limiter::with_seed(&rules(10), [7; 16], 0.0).unwrap();
    for name in ["a", "b", "c"] {
        assert_eq!(passing(&mut limiter, &user(name), 9, 0.0), 5);
    }
    // The first restart has room for one, the second for all again: the other two are newcomers to both.
    for keys in [1, 10, 10] {
        limiter = Limiter::restore(&rules(keys), &limiter.snapshot(0.0), Since::default(), 0.0).unwrap();
    }
    for name in ["a", "b", "c"] {
        assert_eq!(limiter.peek(&user(name), 0.0, 0.0).unwrap().remaining, 0.0, "{name}");
    }
    assert_eq!(limiter.peek(&user("a"), 0.0, 2_000.0).unwrap().remaining, 2.0, "doubt fills up");
    let since = Since { elapsed: 0.0, spent: 1.0 };
    limiter = Limiter::restore(&rules(10), &limiter.snapshot(2_000.0), since, 2_000.0).unwrap();
    assert_eq!(limiter.peek(&user("a"), 0.0, 2_000.0).unwrap().remaining, 1.0, "and adds up");
    assert_eq!(limiter.peek(&user("new"), 0.0, 6_000.0).unwrap().remaining, 5.0);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn bytes_that_are_no_snapshot_are_refused() {
    let rules = json!({ "rules": [rule("r", "user", 5, json!({}))] });
    let mut limiter = limiter(rules.clone());
    passing(&mut limiter, &user("ada"), 3, 0.0);
    let bytes = limiter.snapshot(0.0);
    for length in 0..bytes.len() {
        let cut =
            Limiter::restore(&config(rules.clone()), bytes.get(..length).unwrap(), Since::default(), 0.0);
        assert_eq!(cut.unwrap_err().code(), ErrorCode::ArgumentInvalid);
    }
    let mut other = bytes.clone();
    for version in [0, 3, 255] {
        *other.get_mut(4).unwrap() = version;
        assert!(Limiter::restore(&config(rules.clone()), &other, Since::default(), 0.0).is_err());
    }
}

#[test]
fn a_snapshot_keeps_blocks_and_a_smaller_limiter_trusts_nobody_it_has_no_room_for() {
    let rules = |keys: u32| json!({ "maxKeys": keys, "rules": [rule("r", "user", 5, json!({}))] });
    let mut before = limiter(rules(10));
    before.block(&user("eve"), 5_000.0, 0.0).unwrap();
    for name in ["a", "b", "c"] {
        assert_eq!(passing(&mut before, &user(name), 9, 0.0), 5);
    }
    let bytes = before.snapshot(1_000.0);
    let since = Since { elapsed: 2_000.0, spent: 0.0 };
    let mut after = Limiter::restore(&config(rules(10)), &bytes, since, 100.0).unwrap();
    assert_eq!(after.peek(&user("eve"), 1.0, 100.0).unwrap().retry_after, 2_000.0);
    assert_eq!(after.peek(&user("a"), 0.0, 100.0).unwrap().remaining, 3.0);
    let mut small = Limiter::restore(&config(rules(1)), &bytes, Since::default(), 0.0).unwrap();
    for name in ["a", "b", "c", "new"] {
        assert!(small.peek(&user(name), 0.0, 0.0).unwrap().remaining <= 1.0);
    }
}

prop_compose! {
    fn any_rules()(
        algorithms in prop::collection::vec((0_u32..4, 1_u32..6, 0_u32..3, 0_u32..3), 1..4),
        all: bool,
    ) -> Value {
        let rules: Vec<Value> = algorithms.iter().enumerate().map(|(at, (algorithm, capacity, scope, burst))| {
            let scope = ["global", "user", "resource"].into_iter().nth(*scope as usize);
            let bucket = match algorithm {
                0 => json!({ "algorithm": "sliding-window", "capacity": capacity, "refillInterval": 900 }),
                1 => json!({ "algorithm": "gcra", "capacity": capacity, "refillRate": 2, "refillInterval": 700,
                    "burstAllowance": burst }),
                2 => json!({ "capacity": capacity, "refillRate": 2, "refillInterval": 700, "refill": "interval" }),
                _ => json!({ "capacity": capacity, "refillRate": 3, "refillInterval": 500,
                    "burstAllowance": burst }),
            };
            json!({ "id": format!("r{at}"), "pattern": "*", "scope": scope, "bucket": bucket })
        }).collect();
        json!({ "match": if all { "all" } else { "first" }, "rules": rules })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    // What a trap costs: a snapshot, then requests that the snapshot does not know of, then the restart.
    #[test]
    fn a_restart_gives_nobody_a_token(
        rules in any_rules(),
        before in prop::collection::vec((0_u8..6, 0_u32..400, 1_u32..3), 0..40),
        after in prop::collection::vec((0_u8..6, 0_u32..400, 1_u32..3), 0..20),
        idle in prop_oneof![Just(0_u32), 0_u32..5_000],
        later in 0_u32..3_000,
    ) {
        let mut truth = limiter(rules.clone());
        let names: Vec<String> = (0..6).map(|n| format!("user-{n}")).collect();
        let run = |limiter: &mut Limiter, steps: &[(u8, u32, u32)], now: &mut f64| {
            let mut spent = 0.0;
            for (who, after, cost) in steps {
                *now += f64::from(*after);
                let name = names.get(usize::from(*who)).unwrap();
                let request = Request { user: Some(name), ..Request::new(name) };
                if limiter.check(&request, f64::from(*cost), *now).unwrap().allowed {
                    spent += f64::from(*cost);
                }
            }
            spent
        };
        let mut now = 0.0;
        run(&mut truth, &before, &mut now);
        let bytes = truth.snapshot(now);
        let taken_at = now;
        let spent = run(&mut truth, &after, &mut now);
        now += f64::from(idle);
        let since = Since { elapsed: now - taken_at, spent };
        let mut restored = Limiter::restore(&config(rules.clone()), &bytes, since, now).unwrap();
        // Once more, with nothing known but the second snapshot.
        let bytes = restored.snapshot(now);
        let mut restored = Limiter::restore(&config(rules), &bytes, Since::default(), now).unwrap();
        for moment in [now, now + f64::from(later)] {
            for name in &names {
                let request = Request { user: Some(name), ..Request::new(name) };
                let (known, true_one) =
                    (restored.peek(&request, 0.0, moment).unwrap(), truth.peek(&request, 0.0, moment).unwrap());
                prop_assert!(known.remaining <= true_one.remaining + 1e-9, "{:?} {:?}", known, true_one);
            }
        }
    }
}
