//! The settings that only the server has.

use portcullis::config::{Kind, Setting};

const fn setting(kind: Kind, name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, kind, inherited: false, default, help }
}

/// The server's own settings, beside [`portcullis::config::SETTINGS`].
pub static SERVER_SETTINGS: &[Setting] = &[
    setting(Kind::Plain, "CONFIG", "portcullis.toml, if it is there", "The settings file"),
    setting(Kind::Plain, "LISTEN", "127.0.0.1:8000", "The address to serve on; port 0 takes a free one"),
    setting(
        Kind::Url,
        "DATABASE_URL",
        "sqlite://portcullis.db",
        "sqlite://FILE, sqlite::memory:, or one or more postgres://… with commas between",
    ),
    setting(Kind::Plain, "METRICS_LISTEN", "", "The address to serve Prometheus metrics on; off without one"),
    setting(Kind::Plain, "DOCS", "on", "Serves /openapi.json and the explorer at /docs"),
    setting(Kind::Plain, "ACCESS_LOG", "on", "Writes a line for each request, without its query"),
    setting(Kind::Plain, "LOG", "info", "What is logged: error, warn, info, debug, or directives for single modules"),
    setting(
        Kind::Plain,
        "DRAIN_SECONDS",
        "1",
        "How long new connections are still accepted after SIGTERM while /readyz says 503 already",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::config::SETTINGS;

    fn table(settings: &[Setting]) -> String {
        let mut table = String::from("| setting | default | what it does | |\n|---|---|---|---|\n");
        for setting in settings {
            let notes = [
                (setting.kind == Kind::Secret, "secret"),
                (setting.kind == Kind::Ignored, "ignored"),
                (setting.inherited, "`ZNDRAW_AUTH_`"),
                (setting.has_file(), "`_FILE`"),
            ];
            let notes: Vec<_> = notes.into_iter().filter_map(|(on, note)| on.then_some(note)).collect();
            let Setting { name, default, help, .. } = setting;
            table += &format!("| `{name}` | {default} | {help} | {} |\n", notes.join(", "));
        }
        table
    }

    #[test]
    fn the_guide_lists_every_setting() {
        let guide = include_str!("../../../../docs/guides/configuration.md");
        for settings in [SERVER_SETTINGS, SETTINGS] {
            let table = table(settings);
            assert!(guide.contains(&table), "docs/guides/configuration.md should show:\n\n{table}");
        }
    }
}
