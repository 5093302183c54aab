//! What the server says about itself.
//!
//! * Logs ([`init`]): one line for each event, on standard output; for people on a terminal, JSON otherwise.
//! * The access log ([`access`]): one line for each request.
//! * Numbers ([`metrics`]): for Prometheus, on a listener of their own.
//!
//! Lines go through one bounded queue to one thread that writes ([`writer`]): a slow disk or a stopped terminal makes
//! lines drop, which is counted and said, and never makes a request wait.

pub mod access;
pub mod metrics;
pub mod writer;

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use writer::{Lines, WriterGuard};

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The logs, as long as it lives. When it is dropped, what waits is written.
#[derive(Debug)]
pub struct Telemetry {
    /// Where lines go.
    pub lines: Lines,
    /// How they look.
    pub format: Format,
    _guard: WriterGuard,
}

/// Starts the logs.
///
/// # Errors
///
/// What is wrong with `filter`, as the end of a sentence that begins with its name; or why the thread that writes
/// cannot be started.
pub fn init(filter: &str) -> Result<Telemetry, String> {
    let filter = EnvFilter::builder().parse(filter).map_err(|error| format!("is not a log filter: {error}"))?;
    let format = if std::io::stdout().is_terminal() { Format::Text } else { Format::Json };
    let (lines, guard) = writer::start(std::io::stdout()).map_err(|error| error.to_string())?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(lines.clone());
    match format {
        Format::Text => subscriber.with_target(false).compact().init(),
        Format::Json => subscriber.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("without a message");
        tracing::error!(place, "panic: {text}");
    }));
    Ok(Telemetry { lines, format, _guard: guard })
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
