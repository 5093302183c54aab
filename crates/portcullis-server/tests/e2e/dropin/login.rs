//! `POST /auth/jwt/login`, `POST /auth/jwt/logout`, and how a bearer token may be presented.

use super::exchange::{Exchange, PASSWORD, get, person, post};

const LOGIN: &str = "/auth/jwt/login";

/// The exchanges, in order.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["login.register-ada", "login.ada", "ada_id", "ada"], "ada@example.com"));
    script.extend(form());
    script.extend(credentials());
    script.extend(presentation());
    script.extend(logout());
    script
}

fn form() -> Vec<Exchange> {
    let good = format!("username=ada%40example.com&password={PASSWORD}");
    let fields = [("username", "ada@example.com"), ("password", PASSWORD)];
    vec![
        post("login.grant-password", LOGIN).form(&format!("{good}&grant_type=password")),
        post("login.grant-empty", LOGIN).form(&format!("{good}&grant_type=")),
        post("login.grant-other", LOGIN).form(&format!("{good}&grant_type=client_credentials")),
        post("login.grant-upper-case", LOGIN).form(&format!("{good}&grant_type=PASSWORD")),
        post("login.grant-with-suffix", LOGIN).form(&format!("{good}&grant_type=password2")),
        post("login.grant-with-newline", LOGIN).form(&format!("{good}&grant_type=password%0A")),
        post("login.scope-and-client", LOGIN).form(&format!("{good}&scope=a+b&client_id=x&client_secret=y")),
        post("login.unknown-field", LOGIN).form(&format!("{good}&remember=1")),
        post("login.charset", LOGIN).body("application/x-www-form-urlencoded; charset=utf-8", &good),
        post("login.upper-case-type", LOGIN).body("Application/X-WWW-Form-Urlencoded", &good),
        post("login.multipart", LOGIN).multipart(&fields),
        post("login.multipart-without-password", LOGIN).multipart(&fields[..1]),
        post("login.multipart-without-boundary", LOGIN).body("multipart/form-data", "x"),
        post("login.json", LOGIN).json(&format!(r#"{{"username":"ada@example.com","password":"{PASSWORD}"}}"#)),
        post("login.text-plain", LOGIN).body("text/plain", &good),
        post("login.no-content-type", LOGIN).raw(good.as_bytes()),
        post("login.no-body", LOGIN),
        post("login.empty-form", LOGIN).form(""),
        post("login.without-username", LOGIN).form(&format!("password={PASSWORD}")),
        post("login.without-password", LOGIN).form("username=ada%40example.com"),
        post("login.empty-username", LOGIN).form(&format!("username=&password={PASSWORD}")),
        post("login.empty-password", LOGIN).form("username=ada%40example.com&password="),
        post("login.without-everything-and-wrong-grant", LOGIN).form("grant_type=x"),
        post("login.username-twice-right-last", LOGIN).form(&format!("username=nobody%40example.com&{good}")),
        post("login.username-twice-wrong-last", LOGIN).form(&format!("{good}&username=nobody%40example.com")),
        post("login.in-the-query", format!("{LOGIN}?{good}")),
        post("login.plus-is-a-space", LOGIN).form("username=ada%40example.com&password=tidal+lantern+41"),
    ]
}

fn credentials() -> Vec<Exchange> {
    let with = |username: &str| format!("username={username}&password={PASSWORD}");
    vec![
        post("login.upper-case", LOGIN).form(&with("ADA%40EXAMPLE.COM")),
        post("login.leading-space", LOGIN).form(&with("+ada%40example.com")),
        post("login.trailing-space", LOGIN).form(&with("ada%40example.com+")),
        post("login.display-name", LOGIN).form(&with("Ada+%3Cada%40example.com%3E")),
        post("login.unknown", LOGIN).form(&with("nobody%40example.com")),
        post("login.not-an-address", LOGIN).form(&with("ada")),
        post("login.long-username", LOGIN).form(&with(&format!("{}%40example.com", "a".repeat(300)))),
        post("login.sql-in-username", LOGIN).form(&with("%27+OR+%271%27%3D%271")),
        post("login.like-pattern", LOGIN).form(&with("%25%40example.com")),
        post("login.nul-in-username", LOGIN).form(&with("ada%40example.com%00")),
        post("login.not-utf8-in-username", LOGIN).form(&with("%FF%40example.com")),
        post("login.wrong-password", LOGIN).form("username=ada%40example.com&password=tidal-lantern-42"),
        post("login.password-in-other-case", LOGIN).form("username=ada%40example.com&password=Tidal-Lantern-41"),
        post("login.password-with-space", LOGIN).form("username=ada%40example.com&password=tidal-lantern-41+"),
        post("login.password-with-nul", LOGIN).form("username=ada%40example.com&password=tidal-lantern-41%00"),
        post("login.long-password", LOGIN).form(&format!("username=ada%40example.com&password={}", "x".repeat(2000))),
        post("login.register-emoji", "/auth/register")
            .json(r#"{"email":"emoji@example.com","password":"drei Äpfel 🍏🍏🍏"}"#),
        post("login.emoji", LOGIN)
            .form("username=emoji%40example.com&password=drei+%C3%84pfel+%F0%9F%8D%8F%F0%9F%8D%8F%F0%9F%8D%8F"),
        post("login.emoji-decomposed", LOGIN)
            .form("username=emoji%40example.com&password=drei+A%CC%88pfel+%F0%9F%8D%8F%F0%9F%8D%8F%F0%9F%8D%8F"),
    ]
}

fn presentation() -> Vec<Exchange> {
    let me = |id| get(id, "/users/me");
    vec![
        me("bearer.good").bearer("ada"),
        me("bearer.lower-case").header("authorization", "bearer ${ada}"),
        me("bearer.upper-case").header("authorization", "BEARER ${ada}"),
        me("bearer.missing"),
        me("bearer.empty-header").header("authorization", ""),
        me("bearer.scheme-alone").header("authorization", "Bearer"),
        me("bearer.empty-token").header("authorization", "Bearer "),
        me("bearer.two-spaces").header("authorization", "Bearer  ${ada}"),
        me("bearer.tab").header("authorization", "Bearer\t${ada}"),
        me("bearer.no-space").header("authorization", "Bearer${ada}"),
        me("bearer.no-scheme").header("authorization", "${ada}"),
        me("bearer.other-scheme").header("authorization", "Token ${ada}"),
        me("bearer.basic").header("authorization", "Basic YWRhOmFkYQ=="),
        me("bearer.trailing-words").header("authorization", "Bearer ${ada} x"),
        me("bearer.garbage").header("authorization", "Bearer garbage"),
        me("bearer.long-garbage").header_made("authorization", |_| format!("Bearer {}", "a".repeat(8000))),
        me("bearer.not-ascii").header_bytes("authorization", b"Bearer \xff\xfe"),
        me("bearer.twice-same").bearer("ada").bearer("ada"),
        me("bearer.twice-good-first").bearer("ada").header("authorization", "Bearer garbage"),
        me("bearer.twice-good-last").header("authorization", "Bearer garbage").bearer("ada"),
        me("bearer.comma-joined").header("authorization", "Bearer ${ada}, Bearer ${ada}"),
        get("bearer.in-the-query", "/users/me?access_token=${ada}&token=${ada}"),
        me("bearer.in-a-cookie").header("cookie", "access_token=${ada}; fastapiusersauth=${ada}"),
    ]
}

fn logout() -> Vec<Exchange> {
    let logout = |id| post(id, "/auth/jwt/logout");
    let login = |id| post(id, LOGIN).form(&format!("username=ada%40example.com&password={PASSWORD}"));
    vec![
        logout("logout.missing"),
        logout("logout.garbage").header("authorization", "Bearer garbage"),
        login("logout.login-second").save("ada_second", "/access_token"),
        logout("logout.good").bearer("ada"),
        get("logout.me-after", "/users/me").bearer("ada"),
        logout("logout.again").bearer("ada"),
        get("logout.other-token-after", "/users/me").bearer("ada_second"),
        logout("logout.with-body").bearer("ada_second").json("{not json"),
        login("logout.login-again").save("ada", "/access_token"),
    ]
}
