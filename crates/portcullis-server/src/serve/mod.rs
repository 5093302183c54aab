//! `serve`: from settings to a server, and to its clean end.
//!
//! 1. Decide the mode ([`Mode::of`]), start the logs, take the address. What can be refused is refused before anything
//!    is written.
//! 2. In dev mode make or read the secret ([`secret`]).
//! 3. Open the database and build `Auth`: migrations, the configured admin, threads and jobs.
//! 4. Put the edge around the routes ([`app`]), say what runs ([`banner`]), and serve.
//! 5. On SIGTERM or Ctrl-C end cleanly ([`stop`]).

mod app;
mod banner;
mod health;
mod secret;
mod stop;

use crate::config::{Mode, ServerConfig};
use crate::edge::client::Proxies;
use crate::edge::cors::Cors;
use crate::edge::headers::SecurityHeaders;
use crate::edge::host::HostGuard;
use crate::edge::request_id::RequestIds;
use crate::edge::{Edge, Parts};
use crate::exit::Failure;
use crate::mail::ConsoleMailer;
use crate::store;
use crate::telemetry::access::AccessLog;
use crate::telemetry::metrics::Requests;
use crate::telemetry::{self, Telemetry, metrics};
use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use health::Health;
use portcullis::Auth;
use portcullis::config::{ConfigError, PublicUrl, variable};
use portcullis::core::rng::OsRng;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How often the numbers are tidied up.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves until it is asked to stop.
pub async fn run(mut config: ServerConfig) -> Result<ExitCode, Failure> {
    let mode = Mode::of(&config)?;
    let telemetry = telemetry::init(&config.log).map_err(|problem| ConfigError::missing("LOG", problem))?;
    let listener = bind("LISTEN", config.listen).await?;
    let address = local_address(&listener)?;
    let counts = metrics_listener(&config).await?;
    if mode == Mode::Dev && config.auth.secret_key.is_none() {
        config.auth.secret_key = Some(secret::of_dev(&config.database, &OsRng)?);
    }

    let store = store::open(&config.database).await?;
    let mut builder = Auth::builder().config(config.auth.clone()).shared_store(Arc::clone(&store));
    let mailer = (mode == Mode::Dev).then(|| Arc::new(ConsoleMailer::new(auth_url(&config, address))));
    if let Some(mailer) = &mailer {
        builder = builder.dev_mode().mailer(Arc::<ConsoleMailer>::clone(mailer));
    }
    let auth = builder.build().await?;
    let health = Arc::new(Health::new(store, mode));
    let edge = Edge::new(parts(&config, mode, address, counts, &telemetry));
    let app = app::router(&auth, &health, config.docs, mailer).layer(edge);

    for warning in config.notes.iter().chain(auth.warnings()) {
        tracing::warn!("{warning}");
    }
    // Whoever waits for the banner may send a signal right behind it.
    let signals = stop::Signals::listen()?;
    banner::say(&telemetry, &config, mode, address);
    let listener = listener.tap_io(|connection| {
        // Answers are small: waiting to fill a packet only makes them late.
        let _ = connection.set_nodelay(true);
    });
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let (accepting, mut end_of_accepting) = tokio::sync::watch::channel(true);
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        let _ = end_of_accepting.wait_for(|accepting| !accepting).await;
    });
    stop::serve_until_stopped(server.into_future(), signals, &accepting, &health, config.drain).await
}

fn parts(
    config: &ServerConfig,
    mode: Mode,
    address: SocketAddr,
    requests: Option<Requests>,
    telemetry: &Telemetry,
) -> Parts {
    let auth = &config.auth;
    Parts {
        proxies: Proxies::new(auth.trusted_proxies.clone()),
        ids: RequestIds::new(&OsRng),
        host: (mode == Mode::Dev).then(|| HostGuard::new(address, auth.public_url.as_ref())),
        cors: Cors::new(&auth.cors_origins),
        headers: SecurityHeaders { https: auth.public_url.as_ref().is_some_and(PublicUrl::is_https) },
        requests,
        access: config.access_log.then(|| AccessLog::new(telemetry.lines.clone(), telemetry.format)),
    }
}

/// Where the routes are that take the tokens of mails.
fn auth_url(config: &ServerConfig, address: SocketAddr) -> String {
    let public = config.auth.public_url.as_ref();
    let origin = public.map_or_else(|| format!("http://{address}"), ToString::to_string);
    format!("{origin}{}", config.auth.paths.auth)
}

async fn bind(name: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::system(format!("{} {address} cannot be listened on: {error}", variable(name))))
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::system(format!("the address of a listener is unknown: {error}")))
}

/// Serves the numbers, if somebody wants them, and gives what counts requests.
async fn metrics_listener(config: &ServerConfig) -> Result<Option<Requests>, Failure> {
    let Some(address) = config.metrics_listen else { return Ok(None) };
    let listener = bind("METRICS_LISTEN", address).await?;
    let address = local_address(&listener)?;
    let handle = metrics::install().map_err(|error| Failure::defect(error.to_string()))?;
    let rendered = handle.clone();
    let router = Router::new().route("/metrics", get(move || async move { rendered.render() }));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the metrics are no longer served");
        }
    });
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            handle.run_upkeep();
        }
    });
    tracing::info!("metrics on http://{address}/metrics");
    Ok(Some(Requests::default()))
}
