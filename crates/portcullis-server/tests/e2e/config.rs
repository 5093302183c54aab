//! Settings: where they come from, which one holds, and what is said about a wrong one.

use crate::operator::{SECRET, launch, production, refused, run};
use serde_json::Value;

async fn check(launch: &portcullis_testkit::process::Launch, arguments: &[&str]) -> Value {
    let arguments = [&["config", "check"], arguments].concat();
    serde_json::from_str(&run(launch, &arguments, 0).await).expect("JSON, as nobody sits at a terminal")
}

fn setting<'a>(checked: &'a Value, name: &str) -> (&'a str, &'a str) {
    let settings = checked["settings"].as_array().expect("a list");
    let found = settings.iter().find(|shown| shown["name"] == format!("PORTCULLIS_{name}")).expect("a known setting");
    (found["value"].as_str().unwrap_or("-"), found["origin"].as_str().expect("an origin"))
}

#[tokio::test]
async fn flags_beat_the_environment_which_beats_dotenv_which_beats_the_file() {
    let launch = launch().without_env("PORTCULLIS_LISTEN").env("PORTCULLIS_PATHS_ADMIN", "/environment");
    let launch = launch.env("PORTCULLIS_PATHS_USERS", "/users");
    let write = |name: &str, text: &str| std::fs::write(launch.folder().join(name), text).unwrap();
    write(
        ".env",
        "PORTCULLIS_PATHS_USERS=/dotenv\nPORTCULLIS_PATHS_AUTH=/dotenv\nZNDRAW_AUTH_TOKEN_LIFETIME_SECONDS=60\n",
    );
    write(
        "portcullis.toml",
        "listen = '127.0.0.1:1'\ntoken_lifetime_seconds = 70\n[paths]\nauth = '/file'\nadmin = '/file'\n",
    );
    let checked = check(&launch, &["--paths-admin", "/flag"]).await;
    assert_eq!(setting(&checked, "PATHS_ADMIN"), ("/flag", "the flag --paths-admin"));
    assert_eq!(setting(&checked, "PATHS_USERS"), ("/users", "PORTCULLIS_PATHS_USERS (environment)"));
    assert_eq!(setting(&checked, "PATHS_AUTH"), ("/dotenv", "PORTCULLIS_PATHS_AUTH (.env, line 2)"));
    assert_eq!(
        setting(&checked, "TOKEN_LIFETIME_SECONDS"),
        ("60", "ZNDRAW_AUTH_TOKEN_LIFETIME_SECONDS (.env, line 3)")
    );
    assert_eq!(setting(&checked, "LISTEN"), ("127.0.0.1:1", "`listen` (portcullis.toml)"));
    assert_eq!(setting(&checked, "PROFILE"), ("compat", "default"));
    assert_eq!(checked["mode"], "dev");

    // Another file instead, by flag.
    write("other.toml", "listen = '127.0.0.1:2'\n");
    let checked = check(&launch, &["--config", "other.toml"]).await;
    assert_eq!(setting(&checked, "LISTEN").0, "127.0.0.1:2");
    let missing = run(&launch, &["config", "check", "--config", "missing.toml"], 78).await;
    assert!(missing.contains("missing.toml cannot be read"), "{missing}");
}

#[tokio::test]
async fn a_wrong_setting_is_refused_with_its_name_and_origin() {
    let launch = launch();
    std::fs::write(launch.folder().join("portcullis.toml"), "passwrd_min_length = 4\n").unwrap();
    let output = refused(&launch).await;
    assert!(output.contains("unknown key `passwrd_min_length`; did you mean `password_min_length`?"), "{output}");
    std::fs::write(launch.folder().join("portcullis.toml"), "token_lifetime_seconds = 0\n").unwrap();
    let output = refused(&launch).await;
    assert!(output.contains("`token_lifetime_seconds` (portcullis.toml) is \"0\": it must be"), "{output}");
    let output = run(&launch, &["serve", "--token-lifetime-seconds=-1"], 78).await;
    assert!(output.contains("the flag --token-lifetime-seconds"), "{output}");
}

#[tokio::test]
async fn secrets_are_masked_and_can_come_from_files() {
    let launch = production().without_env("PORTCULLIS_SECRET_KEY");
    let secret = run(&launch, &["keygen"], 0).await;
    assert_eq!(secret.trim().len(), 43);
    assert_ne!(secret, run(&launch, &["keygen"], 0).await);
    std::fs::write(launch.folder().join("secret"), &secret).unwrap();
    let from_file = launch.clone().env("PORTCULLIS_SECRET_KEY_FILE", "secret");
    let checked = check(&from_file, &[]).await;
    assert_eq!(setting(&checked, "SECRET_KEY"), ("(set, not shown)", "PORTCULLIS_SECRET_KEY_FILE (environment)"));
    assert!(!checked.to_string().contains(secret.trim()));
    assert_eq!(checked["mode"], "production");
    let server = from_file.start().await;
    assert!(!server.output().contains(secret.trim()));
    // No flag takes a secret: everybody on the machine could read it.
    run(&launch, &["serve", "--secret-key", SECRET], 2).await;
}

#[tokio::test]
async fn what_loosens_and_what_is_misspelt_is_said_at_start() {
    let launch = launch().env("PORTCULLIS_ALLOW_GUESTS", "true").env("PORTCULLIS_PASWORD_MIN_LENGTH", "4");
    let launch = launch.env("ZNDRAW_AUTH_RESET_PASSWORD_TOKEN_SECRET", SECRET);
    let server = launch.start().await;
    for said in [
        "PORTCULLIS_ALLOW_GUESTS is on",
        "PORTCULLIS_PASWORD_MIN_LENGTH (environment) is not a setting and is ignored; PORTCULLIS_PASSWORD_MIN_LENGTH is one",
        "ZNDRAW_AUTH_RESET_PASSWORD_TOKEN_SECRET (environment) is ignored",
    ] {
        assert_eq!(server.output().matches(said).count(), 1, "{said} in {}", server.output());
    }
    assert!(!server.output().contains(SECRET));
}

#[tokio::test]
async fn zndraws_mount_points_are_three_variables() {
    let launch = launch().env("PORTCULLIS_PATHS_AUTH", "/v1/auth").env("PORTCULLIS_PATHS_USERS", "/v1/auth/users");
    let launch = launch.env("PORTCULLIS_PATHS_ADMIN", "/v1/admin");
    let routes: Value = serde_json::from_str(&run(&launch, &["routes", "--json"], 0).await).unwrap();
    let has = |method: &str, path: &str, policy: &str| {
        routes
            .as_array()
            .unwrap()
            .iter()
            .any(|route| route["method"] == method && route["path"] == path && route["policy"] == policy)
    };
    assert!(has("POST", "/v1/auth/jwt/login", "public"));
    assert!(has("GET", "/v1/auth/users/me", "signed_in"));
    assert!(has("POST", "/v1/admin/users/{user_id}/token", "superuser"));
    let server = launch.start().await;
    let http = crate::operator::Http::to(&server);
    assert_eq!(http.get("/v1/auth/users/me").await.status(), 401);
    assert_eq!(http.get("/users/me").await.status(), 404);
}

#[tokio::test]
async fn the_small_commands_do_what_they_say() {
    let launch = launch();
    assert_eq!(run(&launch, &["--version"], 0).await.trim(), format!("portcullis {}", env!("CARGO_PKG_VERSION")));
    assert!(run(&launch, &["completions", "bash"], 0).await.contains("portcullis"));
    assert!(run(&launch, &["migrate", "status"], 78).await.contains("no database"));
    run(&launch, &["user", "list"], 78).await;
    assert_eq!(std::fs::read_dir(launch.folder()).unwrap().count(), 0, "looking makes nothing");
    assert!(run(&launch, &["migrate", "up"], 0).await.contains("up to date"));
    assert!(run(&launch, &["migrate", "up"], 0).await.contains("0 step(s)"));
    assert!(run(&launch, &["migrate", "status"], 0).await.contains("up to date"));
    assert!(run(&launch, &["migrate", "collisions"], 0).await.contains("no two accounts"));
    assert!(run(&launch, &["doctor"], 0).await.contains("ok       database"));
    assert!(run(&launch, &[], 2).await.contains("Usage"));
}
