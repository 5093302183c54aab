//! What the server says when it is there.

use crate::config::{Mode, ServerConfig};
use crate::telemetry::{Format, Telemetry};
use portcullis::core::clock::{Clock, SystemClock};
use serde_json::json;
use std::net::SocketAddr;

/// Says mode, address, database and a command to try; last, for scripts that wait for it, `listening on ADDRESS`.
pub fn say(telemetry: &Telemetry, config: &ServerConfig, mode: Mode, address: SocketAddr) {
    let version = env!("CARGO_PKG_VERSION");
    let database = config.database.to_string();
    let url = format!("http://{address}");
    let command = command(config, mode, &url);
    let note = match mode {
        Mode::Dev => "dev: every new account is a superuser, mails are printed here, only this machine is served",
        Mode::Production => "production",
    };
    let text = match telemetry.format {
        Format::Text => format!(
            "Portcullis {version}\n  mode      {note}\n  database  {database}\n  address   {url}\n  try       \
             {command}\nlistening on {url}\n"
        ),
        Format::Json => {
            let line = |message: String| {
                let now = SystemClock.now().to_rfc3339();
                json!({
                    "timestamp": now, "level": "INFO", "target": "serve", "message": message,
                    "version": version, "mode": mode.as_str(), "database": database,
                })
                .to_string()
                    + "\n"
            };
            line(format!("mode: {note}")) + &line(format!("try: {command}")) + &line(format!("listening on {url}"))
        }
    };
    telemetry.lines.send(text.into_bytes());
}

/// A command that does something on a server in this mode.
fn command(config: &ServerConfig, mode: Mode, url: &str) -> String {
    let auth = &config.auth.paths.auth;
    match mode {
        Mode::Dev => format!(
            "curl {url}{auth}/register -H 'content-type: application/json' \
             -d '{{\"email\":\"ada@example.com\",\"password\":\"four unrelated words\"}}'"
        ),
        Mode::Production => format!("curl {url}{auth}/jwt/login -d 'username=EMAIL' -d 'password=PASSWORD'"),
    }
}
