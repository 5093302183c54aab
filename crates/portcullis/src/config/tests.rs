use super::*;
use secrecy::ExposeSecret;

const SECRET: &str = "hunter2-hunter2-hunter2-hunter2-hunter2";

/// Settings from an environment with these variables.
fn environment(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let mut settings = Settings::of(&[SETTINGS]);
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into(), None));
    settings.offer_variables(variables, None)?;
    Ok(settings)
}

fn config(variables: &[(&str, &str)]) -> Result<AuthConfig, ConfigError> {
    AuthConfig::from_settings(&environment(variables)?)
}

fn problem(variables: &[(&str, &str)]) -> String {
    let problem = config(variables).expect_err("these settings cannot be used").to_string();
    assert!(!problem.contains("hunter2"), "a secret is in {problem}");
    problem
}

#[test]
fn without_settings_the_defaults_are_those_of_the_contract() {
    let config = config(&[]).unwrap();
    assert!(config.secret_key.is_none());
    assert_eq!(config.token_lifetime, Duration::from_secs(3600));
    assert_eq!(config.mint_lifetime, Duration::from_secs(900));
    assert_eq!(config.device_lifetime, Duration::from_secs(300));
    assert_eq!(config.password_min_length, 8);
    assert_eq!(config.paths, Paths::default());
    assert!(matches!(config.default_admin, DefaultAdmin::None));
    assert!(!config.dev_mode && !config.allow_guests && !config.allow_unlimited);
    assert_eq!(config.warnings(), Vec::<String>::new());
}

#[test]
fn the_strict_profile_has_defaults_of_its_own_that_can_be_overridden() {
    let strict = config(&[("PORTCULLIS_PROFILE", "strict")]).unwrap();
    assert_eq!((strict.token_lifetime.as_secs(), strict.password_min_length), (900, 15));
    let strict = config(&[("PORTCULLIS_PROFILE", "Strict"), ("PORTCULLIS_TOKEN_LIFETIME_SECONDS", "60")]).unwrap();
    assert_eq!((strict.token_lifetime.as_secs(), strict.password_min_length), (60, 15));
}

#[test]
fn zndraw_auth_names_are_understood_in_any_letter_case_and_ours_win() {
    let config = config(&[
        ("zndraw_auth_token_lifetime_seconds", "60"),
        ("ZNDRAW_AUTH_SECRET_KEY", SECRET),
        ("ZNDRAW_AUTH_DEFAULT_ADMIN_EMAIL", "old@example.com"),
        ("PORTCULLIS_DEFAULT_ADMIN_EMAIL", "Ada@Example.com"),
        ("ZNDRAW_AUTH_DEFAULT_ADMIN_PASSWORD", "hunter2-password"),
        ("ZNDRAW_AUTH_SOMETHING", "else"),
        ("ZNDRAW_AUTH_PATHS_AUTH", "not a setting of theirs"),
    ])
    .unwrap();
    assert_eq!(config.token_lifetime.as_secs(), 60);
    assert_eq!(config.secret_key.as_ref().map(ExposeSecret::expose_secret), Some(SECRET));
    let DefaultAdmin::Configured { email, .. } = &config.default_admin else { panic!("an admin is configured") };
    assert_eq!(email, "Ada@example.com");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn an_earlier_source_wins_and_the_origin_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    std::fs::write(&file, "PORTCULLIS_PATHS_AUTH=/dotenv\nPORTCULLIS_PATHS_USERS=/dotenv\n").unwrap();
    let mut settings = Settings::of(&[SETTINGS]);
    assert!(settings.offer("PATHS_ADMIN", "/flag", Origin::Flag("--paths-admin".into())).unwrap());
    let level = [("PORTCULLIS_PATHS_ADMIN", "/environment"), ("PORTCULLIS_PATHS_USERS", "/environment")];
    settings.offer_variables(level.into_iter().map(|(n, v)| (n.into(), v.into(), None)), None).unwrap();
    settings.offer_dotenv(&file).unwrap();
    let last = Origin::File { key: "profile".into(), file: "portcullis.toml".into() };
    assert!(settings.offer("PROFILE", "strict", last.clone()).unwrap());
    assert!(!settings.offer("PROFIL", "strict", last.clone()).unwrap());
    let config = AuthConfig::from_settings(&settings).unwrap();
    assert_eq!((&*config.paths.auth, &*config.paths.users, &*config.paths.admin), ("/dotenv", "/environment", "/flag"));
    assert_eq!(settings.find("PROFILE").unwrap().origin, last);
    assert_eq!(
        settings.find("PATHS_AUTH").unwrap().origin,
        Origin::DotEnv { variable: "PORTCULLIS_PATHS_AUTH".into(), file, line: 1 }
    );
}

#[test]
fn a_secret_comes_from_a_file_without_its_line_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\r\n")).unwrap();
    let path = file.to_str().unwrap();
    let config = config(&[("PORTCULLIS_SECRET_KEY_FILE", path)]).unwrap();
    assert_eq!(config.secret_key.as_ref().map(ExposeSecret::expose_secret), Some(SECRET));
    let both = problem(&[("PORTCULLIS_SECRET_KEY_FILE", path), ("PORTCULLIS_SECRET_KEY", SECRET)]);
    assert!(both.contains("PORTCULLIS_SECRET_KEY_FILE (environment)") && both.contains("keep one"), "{both}");
    let gone = problem(&[("PORTCULLIS_SECRET_KEY_FILE", "/nowhere/secret")]);
    assert!(gone.contains("/nowhere/secret") && gone.contains("cannot be read"), "{gone}");
    // Only a secret has a file: this one is a name that nobody knows.
    let settings = environment(&[("PORTCULLIS_PROFILE_FILE", path), ("PATH", "/bin")]).unwrap();
    assert_eq!(settings.strangers().len(), 1);
}

#[test]
fn every_refusal_names_the_variable_and_what_it_must_be() {
    let long = "x".repeat(300);
    for (name, value, told) in [
        ("SECRET_KEY", "", "is missing"),
        ("SECRET_KEY", "hunter2", "is too short"),
        ("SECRET_KEY", "CHANGE-ME-IN-PRODUCTION-SECRET!", "is a published example"),
        ("PROFILE", "lax", "compat or strict"),
        ("TOKEN_LIFETIME_SECONDS", "0", "is \"0\": it must be a whole number of seconds, at least 1"),
        ("TOKEN_LIFETIME_SECONDS", "-1", "at least 1"),
        ("MINT_LIFETIME_SECONDS", "1.5", "whole number"),
        ("DEVICE_LIFETIME_SECONDS", "5m", "whole number"),
        ("PASSWORD_MIN_LENGTH", "0", "from 1 to 256"),
        ("PASSWORD_MIN_LENGTH", "257", "from 1 to 256"),
        ("PATHS_AUTH", "auth", "must begin with a slash"),
        ("PATHS_USERS", "/users/", "must not end with a slash"),
        ("PATHS_ADMIN", "/{admin}", "letters, digits"),
        ("PATHS_USERS", "/auth", "collides with the routes at /auth"),
        ("PUBLIC_URL", "http://auth.example.com", "must be https"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy", "\"proxy\" is not"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "must not trust everybody"),
        ("CORS_ORIGINS", "*", "single origins"),
        ("CORS_ORIGINS", "https://a.example.com/app", "must list origins"),
        ("ALLOW_GUESTS", "maybe", "true or false"),
        ("ALLOW_UNLIMITED", "2", "true or false"),
        ("ALLOW_MINT_SUPERUSER", "sure", "true or false"),
        ("ALLOW_LEGACY_TOKENS_UNTIL", "tomorrow", "must be a date"),
        ("ALLOW_LEGACY_TOKENS_UNTIL", &long, "xxx…\": it must"),
    ] {
        let variable = format!("PORTCULLIS_{name}");
        let problem = problem(&[(&variable, value)]);
        assert!(problem.starts_with(&format!("{variable} (environment) ")), "{problem}");
        assert!(problem.contains(told), "{name}={value:?}: {problem}");
        assert!(problem.len() < 300, "{problem}");
    }
}

#[test]
fn half_an_admin_is_refused() {
    let email = "PORTCULLIS_DEFAULT_ADMIN_EMAIL";
    let password = "PORTCULLIS_DEFAULT_ADMIN_PASSWORD";
    for (variables, named, told) in [
        (vec![(email, "ada@example.com")], email, "PORTCULLIS_DEFAULT_ADMIN_PASSWORD is not"),
        (vec![(password, "hunter2-password")], password, "PORTCULLIS_DEFAULT_ADMIN_EMAIL is not"),
        (vec![(email, " "), (password, "hunter2-password")], email, "is empty"),
        (vec![(email, "admin"), (password, "hunter2-password")], email, "must have an @-sign"),
        (vec![(email, "admin@zndraw.local"), (password, "hunter2-password")], email, "special-use"),
        (vec![(email, "ada@example.com"), (password, "hunter2")], password, "at least 8 characters"),
        (vec![(email, "ada@example.com"), (password, "")], password, "at least 8 characters"),
    ] {
        let problem = problem(&variables);
        assert!(problem.starts_with(named) && problem.contains(told), "{problem}");
    }
    // Length is all that is asked of it.
    assert!(config(&[(email, "ada@example.com"), (password, "password")]).is_ok());
}

#[test]
fn empty_variables_are_absent_ones() {
    let empty = ["PUBLIC_URL", "TRUSTED_PROXIES", "TOKEN_LIFETIME_SECONDS", "ALLOW_GUESTS", "PATHS_AUTH"]
        .map(|name| format!("PORTCULLIS_{name}"));
    let config = config(&empty.each_ref().map(|name| (name.as_str(), ""))).unwrap();
    assert_eq!(config.paths, Paths::default());
    assert!(config.public_url.is_none() && config.trusted_proxies.is_empty());
}

#[test]
fn lists_are_split_and_brought_into_one_form() {
    let config = config(&[
        ("PORTCULLIS_TRUSTED_PROXIES", "10.1.2.3/8, 192.0.2.1,::1,"),
        ("PORTCULLIS_CORS_ORIGINS", "https://App.example.com:443/, http://localhost:5173"),
    ])
    .unwrap();
    let proxies: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.1/32", "::1/128"]);
    assert_eq!(config.cors_origins, ["https://app.example.com", "http://localhost:5173"]);
}

#[test]
fn what_loosens_something_and_what_is_ignored_is_said() {
    let warnings = config(&[
        ("PORTCULLIS_ALLOW_GUESTS", "yes"),
        ("PORTCULLIS_ALLOW_UNLIMITED", "1"),
        ("PORTCULLIS_ALLOW_MINT_SUPERUSER", "on"),
        ("PORTCULLIS_ALLOW_LEGACY_TOKENS_UNTIL", "2027-01-31"),
        ("PORTCULLIS_TOKEN_LIFETIME_SECONDS", "86401"),
        ("PORTCULLIS_PASSWORD_MIN_LENGTH", "4"),
        ("ZNDRAW_AUTH_RESET_PASSWORD_TOKEN_SECRET", "hunter2"),
        ("ZNDRAW_AUTH_VERIFICATION_TOKEN_SECRET", "hunter2"),
    ])
    .unwrap()
    .warnings();
    for name in [
        "PORTCULLIS_ALLOW_GUESTS",
        "PORTCULLIS_ALLOW_UNLIMITED",
        "PORTCULLIS_ALLOW_MINT_SUPERUSER",
        "PORTCULLIS_ALLOW_LEGACY_TOKENS_UNTIL",
        "PORTCULLIS_TOKEN_LIFETIME_SECONDS",
        "PORTCULLIS_PASSWORD_MIN_LENGTH",
        "ZNDRAW_AUTH_RESET_PASSWORD_TOKEN_SECRET (environment) is ignored",
        "ZNDRAW_AUTH_VERIFICATION_TOKEN_SECRET (environment) is ignored",
    ] {
        let said = warnings.iter().filter(|warning| warning.starts_with(name)).count();
        assert_eq!(said, 1, "{name} in {warnings:#?}");
    }
    assert!(!warnings.concat().contains("hunter2"));
    assert_eq!(warnings.len(), 8);
}

#[test]
fn the_rules_follow_the_settings() {
    let config = config(&[
        ("PORTCULLIS_PASSWORD_MIN_LENGTH", "4"),
        ("PORTCULLIS_ALLOW_UNLIMITED", "true"),
        ("PORTCULLIS_ALLOW_LEGACY_TOKENS_UNTIL", "2027-01-31"),
    ])
    .unwrap();
    let rules = config.rules();
    assert!(rules.limits.unlimited && !rules.dev_mode);
    assert_eq!((rules.passwords.min_length(), rules.passwords.has_blocklist()), (4, false));
    assert_eq!(rules.legacy_until, Timestamp::parse("2027-01-31"));
}
