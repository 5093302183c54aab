//! The device-code login of the command-line tool: `/auth/cli-login`.

use super::exchange::{Exchange, delete, get, patch, person, post};

const START: &str = "/auth/cli-login";

/// The exchanges, in order. `${admin}` is a superuser's token.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["device.register-dan", "device.login-dan", "dan_id", "dan"], "dan@example.com"));
    script.extend(person(["device.register-fay", "device.login-fay", "fay_id", "fay"], "fay@example.com"));
    script.extend(start());
    script.extend(happy_path());
    script.extend(rejection());
    script.extend(other_users());
    script.extend(states_of_the_user());
    script
}

/// The exchanges for a pair of servers whose challenges live for three seconds.
pub fn expiry() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["device.register-tim", "device.login-tim", "tim_id", "tim"], "tim@example.com"));
    script.extend([
        started("device.expiry-start-approved", "e1", "e1s"),
        started("device.expiry-start-pending", "e2", "e2s"),
        started("device.expiry-start-redeemed", "e3", "e3s"),
        approve("device.expiry-approve", "e1").bearer("tim"),
        approve("device.expiry-approve-redeemed", "e3").bearer("tim"),
        poll("device.expiry-redeem", "e3", "e3s"),
        poll("device.expiry-poll-pending", "e2", "e2s").until(410),
        poll("device.expiry-poll-approved", "e1", "e1s").until(410),
        poll("device.expiry-poll-again", "e2", "e2s"),
        poll("device.expiry-poll-redeemed", "e3", "e3s"),
        get("device.expiry-poll-wrong-secret", format!("{START}/${{e2}}?secret=wrong")),
        approve("device.expiry-approve-pending", "e2").bearer("tim"),
        approve("device.expiry-approve-approved", "e1").bearer("tim"),
        approve("device.expiry-approve-anonymous", "e2"),
        reject("device.expiry-reject-pending", "e2").bearer("tim"),
        reject("device.expiry-reject-approved", "e1").bearer("tim"),
        reject("device.expiry-reject-again", "e2").bearer("tim"),
        poll("device.expiry-poll-rejected", "e2", "e2s"),
    ]);
    script
}

fn started(id: &'static str, code: &'static str, secret: &'static str) -> Exchange {
    post(id, START).save(code, "/code").save(secret, "/secret")
}

fn poll(id: &'static str, code: &str, secret: &str) -> Exchange {
    get(id, format!("{START}/${{{code}}}?secret=${{{secret}}}"))
}

fn approve(id: &'static str, code: &str) -> Exchange {
    patch(id, format!("{START}/${{{code}}}"))
}

fn reject(id: &'static str, code: &str) -> Exchange {
    delete(id, format!("{START}/${{{code}}}"))
}

fn start() -> Vec<Exchange> {
    vec![
        started("device.start", "c1", "s1"),
        started("device.start-with-json", "x1", "x1s").json(r#"{"code":"AAAAAAAA"}"#),
        started("device.start-with-garbage", "x2", "x2s").json("{"),
        started("device.start-with-bad-token", "x3", "x3s").header("authorization", "Bearer garbage"),
        started("device.start-with-good-token", "x4", "x4s").bearer("dan"),
    ]
}

fn happy_path() -> Vec<Exchange> {
    vec![
        poll("device.poll-pending", "c1", "s1"),
        poll("device.poll-pending-again", "c1", "s1"),
        get("device.poll-without-secret", format!("{START}/${{c1}}")),
        get("device.poll-unknown-without-secret", format!("{START}/AAAAAAAA")),
        get("device.poll-empty-secret", format!("{START}/${{c1}}?secret=")),
        get("device.poll-wrong-secret", format!("{START}/${{c1}}?secret=wrong")),
        get("device.poll-long-secret", format!("{START}/${{c1}}?secret={}", "x".repeat(4000))),
        get("device.poll-secret-twice-right-last", format!("{START}/${{c1}}?secret=wrong&secret=${{s1}}")),
        get("device.poll-secret-twice-wrong-last", format!("{START}/${{c1}}?secret=${{s1}}&secret=wrong")),
        get("device.poll-nul-secret", format!("{START}/${{c1}}?secret=%00")),
        get("device.poll-unknown-code", format!("{START}/AAAAAAAA?secret=${{s1}}")),
        get("device.poll-lower-case", format!("{START}/${{c1|lower}}?secret=${{s1}}")),
        get("device.poll-odd-code", format!("{START}/x%00y?secret=${{s1}}")),
        get("device.poll-long-code", format!("{START}/{}?secret=x", "A".repeat(3000))),
        get("device.poll-not-utf8", format!("{START}/%FF?secret=${{s1}}")),
        get("device.poll-not-utf8-secret", format!("{START}/${{c1}}?secret=%FF")),
        get("device.poll-encoded-slash", format!("{START}/a%2Fb?secret=x")),
        get("device.poll-with-token", format!("{START}/${{c1}}?secret=${{s1}}")).bearer("fay"),
        get("device.poll-with-bad-token", format!("{START}/${{c1}}?secret=${{s1}}"))
            .header("authorization", "Bearer garbage"),
        approve("device.approve-anonymous", "c1"),
        approve("device.approve-garbage-token", "c1").header("authorization", "Bearer garbage"),
        patch("device.approve-unknown-anonymous", format!("{START}/AAAAAAAA")),
        patch("device.approve-unknown", format!("{START}/AAAAAAAA")).bearer("dan"),
        patch("device.approve-lower-case", format!("{START}/${{c1|lower}}")).bearer("dan"),
        approve("device.approve", "c1").bearer("dan"),
        approve("device.approve-again", "c1").bearer("dan"),
        approve("device.approve-by-other", "c1").bearer("fay"),
        get("device.poll-approved-wrong-secret", format!("{START}/${{c1}}?secret=wrong")),
        poll("device.redeem", "c1", "s1").save("dan_device", "/token"),
        get("device.token-works", "/users/me").bearer("dan_device"),
        poll("device.redeem-again", "c1", "s1"),
        approve("device.approve-redeemed", "c1").bearer("dan"),
        started("device.start-with-body", "c2", "s2"),
        approve("device.approve-with-garbage", "c2").bearer("dan").json("{"),
        poll("device.redeem-second", "c2", "s2").save("dan_device2", "/token"),
        post("device.logout-first-token", "/auth/jwt/logout").bearer("dan_device"),
        get("device.other-token-after-logout", "/users/me").bearer("dan_device2"),
        started("device.start-by-device-token", "c3", "s3"),
        approve("device.approve-by-device-token", "c3").bearer("dan_device2"),
    ]
}

fn rejection() -> Vec<Exchange> {
    vec![
        started("device.start-to-reject", "r1", "r1s"),
        reject("device.reject-anonymous", "r1"),
        reject("device.reject-garbage-token", "r1").header("authorization", "Bearer garbage"),
        reject("device.reject", "r1").bearer("dan"),
        reject("device.reject-again", "r1").bearer("dan"),
        poll("device.poll-rejected", "r1", "r1s"),
        approve("device.approve-rejected", "r1").bearer("dan"),
        delete("device.reject-unknown", format!("{START}/AAAAAAAA")).bearer("dan"),
        started("device.start-reject-approved", "r2", "r2s"),
        approve("device.approve-to-reject", "r2").bearer("dan"),
        reject("device.reject-own-approved", "r2").bearer("dan"),
        poll("device.poll-rejected-approved", "r2", "r2s"),
        started("device.start-reject-redeemed", "r3", "r3s"),
        approve("device.approve-to-redeem", "r3").bearer("dan"),
        poll("device.redeem-before-reject", "r3", "r3s"),
        reject("device.reject-redeemed", "r3").bearer("dan"),
        reject("device.reject-with-body-unknown", "r3").bearer("dan").json("{"),
    ]
}

fn other_users() -> Vec<Exchange> {
    vec![
        started("device.start-pending-for-other", "o1", "o1s"),
        reject("device.reject-pending-by-other", "o1").bearer("fay"),
        poll("device.poll-rejected-by-other", "o1", "o1s"),
        started("device.start-approved-for-other", "o2", "o2s"),
        approve("device.approve-before-other", "o2").bearer("dan"),
        reject("device.reject-approved-by-other", "o2").bearer("fay"),
        poll("device.poll-after-other-rejects", "o2", "o2s"),
        started("device.start-redeemed-for-other", "o3", "o3s"),
        approve("device.approve-redeemed-for-other", "o3").bearer("dan"),
        poll("device.redeem-for-other", "o3", "o3s"),
        reject("device.reject-redeemed-by-other", "o3").bearer("fay"),
    ]
}

fn states_of_the_user() -> Vec<Exchange> {
    vec![
        started("device.start-for-inactive", "i1", "i1s"),
        started("device.start-approved-then-inactive", "i2", "i2s"),
        approve("device.approve-then-inactive", "i2").bearer("fay"),
        patch("device.deactivate-fay", "/users/${fay_id}").bearer("admin").json(r#"{"is_active":false}"#),
        approve("device.approve-by-inactive", "i1").bearer("fay"),
        reject("device.reject-by-inactive", "i1").bearer("fay"),
        poll("device.poll-still-pending", "i1", "i1s"),
        poll("device.redeem-for-inactive", "i2", "i2s").save("fay_device", "/token"),
        get("device.token-of-inactive", "/users/me").bearer("fay_device"),
        started("device.start-then-delete", "i3", "i3s"),
        approve("device.approve-then-delete", "i3").bearer("dan"),
        delete("device.delete-dan", "/users/${dan_id}").bearer("admin"),
        poll("device.redeem-for-deleted", "i3", "i3s").save("dan_device3", "/token"),
        get("device.token-of-deleted", "/users/me").bearer("dan_device3"),
    ]
}
