//! `POST /auth/register`: which bodies, addresses, flags and passwords are taken.

use super::exchange::{Exchange, PASSWORD, get, person, post};

/// The exchanges, in order.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["register.eve", "register.login-eve", "eve_id", "eve"], "eve@example.com"));
    script.extend(bodies());
    script.extend(addresses_taken());
    script.extend(addresses_refused());
    script.extend(flags());
    script.extend(passwords());
    script
}

fn register(id: &'static str) -> Exchange {
    post(id, "/auth/register")
}

/// Registers an address, which is written into JSON as it is.
fn address(id: &'static str, address: &str) -> Exchange {
    register(id).json(&format!(r#"{{"email":"{address}","password":"{PASSWORD}"}}"#))
}

fn bodies() -> Vec<Exchange> {
    let good = |email: &str| format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#);
    vec![
        register("register.no-body"),
        register("register.empty-json").json(""),
        register("register.empty-object").json("{}"),
        register("register.array").json("[]"),
        register("register.array-of-object").json(&format!("[{}]", good("list@example.com"))),
        register("register.string").json(r#""x""#),
        register("register.number").json("7"),
        register("register.null").json("null"),
        register("register.cut-off").json(r#"{"email":"cut@example.com""#),
        register("register.not-json").json("email=cut%40example.com"),
        register("register.single-quotes").json("{'email':'x'}"),
        register("register.trailing-comma").json(r#"{"email":"x@example.com",}"#),
        register("register.trailing-garbage").json(&(good("tail@example.com") + " x")),
        register("register.surrounding-space").json(&format!(" \n{}\t", good("space@example.com"))),
        register("register.not-a-number").json(r#"{"email":NaN,"password":"x"}"#),
        register("register.control-character")
            .json("{\"email\":\"a\nb@example.com\",\"password\":\"tidal-lantern-41\"}"),
        register("register.not-utf8")
            .header("content-type", "application/json")
            .raw(b"{\"email\":\"\xff@example.com\"}"),
        register("register.nested-deeply").json(&("[".repeat(20_000) + &"]".repeat(20_000))),
        register("register.vendor-json").body("application/vnd.api+json", &good("vendor@example.com")),
        register("register.json-with-charset").body("application/json; charset=utf-8", &good("charset@example.com")),
        register("register.upper-case-type").body("Application/JSON", &good("typecase@example.com")),
        register("register.text-plain").body("text/plain", &good("plain@example.com")),
        register("register.form").form(&format!("email=form%40example.com&password={PASSWORD}")),
        register("register.no-content-type").raw(good("untyped@example.com").as_bytes()),
        register("register.without-email").json(&format!(r#"{{"password":"{PASSWORD}"}}"#)),
        register("register.without-password").json(r#"{"email":"nopw@example.com"}"#),
        register("register.null-email").json(&format!(r#"{{"email":null,"password":"{PASSWORD}"}}"#)),
        register("register.null-password").json(r#"{"email":"nullpw@example.com","password":null}"#),
        register("register.both-null").json(r#"{"email":null,"password":null}"#),
        register("register.number-email").json(&format!(r#"{{"email":7,"password":"{PASSWORD}"}}"#)),
        register("register.number-password").json(r#"{"email":"numpw@example.com","password":12345678}"#),
        register("register.list-email").json(&format!(r#"{{"email":["l@example.com"],"password":"{PASSWORD}"}}"#)),
        register("register.object-password").json(r#"{"email":"objpw@example.com","password":{}}"#),
        register("register.true-password").json(r#"{"email":"boolpw@example.com","password":true}"#),
        register("register.unknown-field").json(&format!(
            r#"{{"email":"extra@example.com","password":"{PASSWORD}","age":7,"id":"x","hashed_password":"x"}}"#
        )),
        register("register.duplicate-key")
            .json(&format!(r#"{{"email":"dup1@example.com","password":"{PASSWORD}","email":"dup2@example.com"}}"#)),
        register("register.names-in-other-case")
            .json(&format!(r#"{{"Email":"x@example.com","Password":"{PASSWORD}"}}"#)),
    ]
}

fn addresses_taken() -> Vec<Exchange> {
    vec![
        address("register.taken", "eve@example.com"),
        address("register.taken-upper-case", "EVE@EXAMPLE.COM"),
        address("register.taken-with-spaces", "  eve@example.com "),
        address("register.taken-in-display-name", "Eve <eve@example.com>"),
        address("register.display-name", "Bob <displayed@example.com>"),
        address("register.quoted-display-name", r#"\"B, Ob\" <displayed2@example.com>"#),
        address("register.spaces", "  spaced@example.com\\t"),
        address("register.mixed-case", "Mixed.Case@Example.COM"),
        address("register.plus-tag", "eve+tag@example.com"),
        address("register.subdomain", "a@mail.example.co.uk"),
        address("register.idna-domain", "idna@xn--bcher-kva.example.com"),
        address("register.unicode-domain", "idna2@bücher.example.com"),
        address("register.unicode-local", "jürgen@example.com"),
        address("register.unicode-local-other-case", "JÜRGEN@example.com"),
        address("register.decomposed-local", "ju\u{308}rgen2@example.com"),
        address("register.local-64", &format!("{}@example.com", "l".repeat(64))),
        address("register.local-65", &format!("{}@example.com", "m".repeat(65))),
        address("register.special-characters", "o'b!#$%&*+-/=?^_`{|}~x@example.com"),
        address("register.guest-domain", "x@guest.user"),
        address("register.test-com", "x@test.com"),
        address("register.underscore-local", "_x_@example.com"),
        address("register.digit-domain", "x@123.com"),
        address("register.full-width-local", "ｅｖｅ@example.com"),
    ]
}

fn addresses_refused() -> Vec<Exchange> {
    vec![
        address("register.no-at", "eve"),
        address("register.empty-address", ""),
        address("register.two-ats", "a@b@example.com"),
        address("register.nothing-before-at", "@example.com"),
        address("register.nothing-after-at", "a@"),
        address("register.no-period", "a@localhost"),
        address("register.quoted-local", r#"\"a b\"@example.com"#),
        address("register.two-periods", "a..b@example.com"),
        address("register.leading-period", ".a@example.com"),
        address("register.trailing-period", "a.@example.com"),
        address("register.domain-trailing-period", "a@example.com."),
        address("register.domain-leading-period", "a@.example.com"),
        address("register.domain-two-periods", "a@example..com"),
        address("register.domain-leading-hyphen", "a@-example.com"),
        address("register.domain-trailing-hyphen", "a@example-.com"),
        address("register.domain-underscore", "a@exa_mple.com"),
        address("register.address-literal", "a@[127.0.0.1]"),
        address("register.numeric-host", "a@127.0.0.1"),
        address("register.special-use-test", "a@x.test"),
        address("register.special-use-local", "a@x.local"),
        address("register.special-use-localhost", "a@x.localhost"),
        address("register.special-use-invalid", "a@x.invalid"),
        address("register.inner-space", "a b@example.com"),
        address("register.domain-space", "a@exa mple.com"),
        address("register.nul", "a\\u0000@example.com"),
        address("register.newline", "a\\n@example.com"),
        address("register.comma-list", "a@example.com,b@example.com"),
        address("register.comment", "a(c)@example.com"),
        address("register.unclosed-bracket", "Bob <a@example.com"),
        address("register.right-to-left", "a\u{202e}b@example.com"),
        address("register.zero-width", "a\u{200b}b@example.com"),
        address("register.too-long", &format!("{}@{}.com", "a".repeat(64), "d.".repeat(100) + "d")),
        address("register.too-long-local-part", &format!("{}@example.com", "a".repeat(250))),
        address("register.long-label", &format!("a@{}.com", "d".repeat(64))),
        address("register.surrogate-address", "\\ud800@example.com"),
        address("register.full-width-at", "a＠example.com"),
    ]
}

fn flags() -> Vec<Exchange> {
    let with = |id, name: &str, flags: &str| {
        register(id).json(&format!(r#"{{"email":"{name}@example.com","password":"{PASSWORD}",{flags}}}"#))
    };
    vec![
        with("register.privileged", "flag1", r#""is_active":false,"is_superuser":true,"is_verified":true"#),
        with("register.flag-zero", "flag2", r#""is_superuser":0"#),
        with("register.flag-one", "flag3", r#""is_superuser":1"#),
        with("register.flag-word", "flag4", r#""is_superuser":"yes","is_active":"OFF","is_verified":"t""#),
        with("register.flag-float", "flag5", r#""is_superuser":1.0"#),
        with("register.flag-two", "flag6", r#""is_superuser":2"#),
        with("register.flag-maybe", "flag7", r#""is_superuser":"maybe""#),
        with("register.flag-list", "flag8", r#""is_superuser":[]"#),
        with("register.flag-half", "flag9", r#""is_superuser":0.5"#),
        with("register.flag-empty-word", "flag10", r#""is_superuser":"""#),
        with("register.flag-null", "flag11", r#""is_superuser":null"#),
        with("register.active-null", "flag12", r#""is_active":null,"is_verified":null"#),
        register("register.everything-wrong")
            .json(r#"{"email":"x","password":7,"is_active":"maybe","is_superuser":2,"is_verified":[]}"#),
        get("register.eve-is-plain", "/users/me").bearer("eve"),
    ]
}

fn passwords() -> Vec<Exchange> {
    let with = |id, name: &str, password: &str| {
        register(id).json(&format!(r#"{{"email":"{name}@example.com","password":"{password}"}}"#))
    };
    vec![
        with("register.password-empty", "pw1", ""),
        with("register.password-one", "pw2", "x"),
        with("register.password-seven", "pw3", "tidal-7"),
        with("register.password-eight", "pw4", "tidal-88"),
        with("register.password-common", "pw5", "password1234567"),
        with("register.password-is-address", "pw6", "pw6@example.com"),
        with("register.password-256", "pw7", &"tidal-88".repeat(32)),
        with("register.password-257", "pw8", &("tidal-88".repeat(32) + "x")),
        with("register.password-5000", "pw9", &"x".repeat(5000)),
        with("register.password-nul", "pw10", "tidal\\u0000lantern"),
        with("register.password-emoji", "pw11", "🍏🍐🍊🍋🍌🍉🍇🍓"),
        with("register.password-spaces", "pw12", "  tidal lantern  "),
        register("register.two-mebibytes")
            .json(&format!(r#"{{"email":"big@example.com","password":"{}"}}"#, "x".repeat(2 << 20))),
        with("register.password-surrogate", "pw13", "tidal-lantern-\\ud800"),
    ]
}
