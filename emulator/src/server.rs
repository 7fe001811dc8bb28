//! The running emulator: its listeners, from start to shutdown.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::account::Account;
use crate::api::Api;
use crate::app::{App, DeployError};
use crate::behaviour::Behaviour;
use crate::faults::{Faults, OpenStreams};
use crate::generation::Generation;
use crate::listener::Gate;
use crate::machine::Machine;
use crate::page::Page;
use crate::procfile::Procfile;
use crate::request_log::RequestLog;
use crate::session::LogSessions;
use crate::stream::Streams;
use crate::{api, connection, host, listener, page, request_log, stream};

/// How long connections may take to finish once no dyno is left.
const DRAIN: Duration = Duration::from_secs(1);

/// Connections that may wait to be taken: a client beyond them waits a second before it tries again.
const BACKLOG: u32 = 4096;

/// What to emulate, and where.
#[derive(Clone, Debug)]
pub struct Config {
    /// The apps. Their names have to differ.
    pub apps: Vec<AppConfig>,
    /// The only API key that is accepted.
    pub key: String,
    /// Where the API listens; the streams get a free port at the same address.
    pub listen: SocketAddr,
    /// The page to serve, if any.
    pub page: Option<PageConfig>,
    /// From SIGTERM to SIGKILL.
    pub stop_grace: Duration,
    /// Whether pages of other origins may read `Request-Id`, `RateLimit-Remaining` and `Retry-After`. It is not known
    /// whether Heroku lets them (platform-api.md 2.1).
    pub expose_headers: bool,
    /// Its limits and what goes wrong.
    pub behaviour: Behaviour,
    /// Requests to the API in an hour, and at once after a pause (platform-api.md 1.5). Heroku has 4,500.
    pub rate_limit: u32,
    /// A binary whose `main` calls [`crate::supervise`]; as a rule the running one.
    pub supervisor: PathBuf,
}

/// An app to serve.
#[derive(Clone, Debug)]
pub struct AppConfig {
    /// Its name, by Heroku's rule (platform-api.md 8).
    pub name: String,
    /// Its folder, with its Procfile if it has one.
    pub source: PathBuf,
}

/// A built page to serve.
#[derive(Clone, Debug)]
pub struct PageConfig {
    /// The folder with its `index.html`.
    pub folder: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// What goes into `<meta name="timings">` of its `index.html`; else that is left alone.
    pub timings: Option<String>,
}

/// Why the emulator could not start. It reads as a sentence for the person who started it.
#[derive(Debug)]
pub struct StartError(String);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// A running emulator. Its dynos do not outlive the process, however that ends.
#[derive(Debug)]
pub struct Emulator {
    apps: Arc<[Arc<App>]>,
    api: SocketAddr,
    page: Option<SocketAddr>,
    gate: Gate,
    stopping: watch::Sender<bool>,
    servers: JoinSet<()>,
}

impl Emulator {
    /// Opens the listeners and serves them on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When a listener cannot be opened, an app's folder is missing or its Procfile or `.env` is bad, or the page cannot
    /// be served safely.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let machine = Machine::new(config.supervisor, config.stop_grace)
            .map_err(|error| StartError(format!("dynos cannot be run here: {error}")))?;
        let apps = deploy(config.apps, &Arc::new(machine), config.behaviour.generation).await?;
        apps.iter().for_each(|app| app.log.limit(config.behaviour.log_limits()));
        let (api_listener, api) = bind("--listen", config.listen).await?;
        let (stream_listener, stream) = bind("--listen", SocketAddr::new(config.listen.ip(), 0)).await?;
        let key: Arc<str> = config.key.into();
        let sessions = Arc::new(LogSessions::new(config.behaviour.expiry()));
        let faults: Arc<Faults> = Arc::default();
        for rules in &config.behaviour.faults {
            faults.add(rules.clone()).map_err(|error| StartError(format!("--fault: {error}")))?;
        }
        let open_streams: Arc<OpenStreams> = Arc::default();
        let mut emulator = Self {
            apps: Arc::clone(&apps),
            api,
            page: None,
            gate: Gate::new(listener::most_connections()),
            stopping: watch::Sender::new(false),
            servers: JoinSet::new(),
        };

        if let Some(PageConfig { folder, listen, timings }) = config.page {
            if api.is_ipv6() {
                let reason = "the policy of a page cannot name an IPv6 address; use 127.0.0.1";
                return Err(StartError(format!("--listen {api}: {reason}")));
            }
            let page = Page {
                folder: folder.into(),
                api_origin: origin(api).into(),
                stream_origin: origin(stream).into(),
                timings: timings.map(Into::into),
            };
            // Now, not at the first visit.
            page.index()
                .map_err(|error| StartError(format!("--page: {}: {error}", page.index_path().display())))?;
            let (listener, address) = bind("--page-listen", listen).await?;
            emulator.page = Some(address);
            emulator.serve("page", listener, address, &key, page::router(page));
        }
        let streams = Streams {
            sessions: Arc::clone(&sessions),
            faults: Arc::clone(&faults),
            open: Arc::clone(&open_streams),
            heartbeat: config.behaviour.heartbeat(),
        };
        emulator.serve("stream", stream_listener, stream, &key, stream::router(streams));
        let endpoints = Api {
            apps,
            account: Arc::new(Account::new(config.rate_limit)),
            key: Arc::clone(&key),
            sessions,
            faults,
            open_streams,
            stream_origin: origin(stream).into(),
            expose_headers: config.expose_headers,
        };
        emulator.serve("api", api_listener, api, &key, api::router(endpoints));
        Ok(emulator)
    }

    /// Origin of the API, `http://127.0.0.1:1234`.
    pub fn api(&self) -> String {
        origin(self.api)
    }

    /// Origin of the page, if one is served.
    pub fn page(&self) -> Option<String> {
        self.page.map(origin)
    }

    /// How many dynos have not ended.
    pub fn dynos(&self) -> usize {
        self.apps.iter().map(|app| app.dynos.all().len()).sum()
    }

    /// Sends SIGKILL to all dynos; more are not started.
    pub fn kill_dynos(&self) {
        self.apps.iter().for_each(|app| app.kill());
    }

    /// Stops all dynos as the API would, waits for their end, lets the streams finish and closes the listeners.
    ///
    /// Meanwhile [`Self::kill_dynos`] shortens it.
    pub async fn shutdown(&self) {
        self.apps.iter().for_each(|app| app.shut_down());
        for app in self.apps.iter() {
            app.dynos.idle().await;
            app.log.close();
        }
        self.stopping.send_replace(true);
    }

    /// Waits until the listeners are closed after [`Self::shutdown`], connections that do not finish cut off.
    pub async fn closed(mut self) {
        let _ =
            tokio::time::timeout(DRAIN, async { while self.servers.join_next().await.is_some() {} }).await;
    }

    fn serve(
        &mut self,
        name: &'static str,
        listener: TcpListener,
        address: SocketAddr,
        key: &Arc<str>,
        router: Router,
    ) {
        let log = RequestLog { listener: name, key: Arc::clone(key) };
        let router = router
            .layer(middleware::from_fn_with_state(address, host::check))
            .layer(middleware::from_fn_with_state(log, request_log::write))
            .layer(middleware::from_fn(connection::drop_unanswered));
        let mut stopping = self.stopping.subscribe();
        let stopped = async move { drop(stopping.wait_for(|stopping| *stopping).await) };
        self.servers.spawn(listener::serve(listener, router, self.gate.clone(), listener::IDLE, stopped));
    }
}

/// Makes the first release of every app.
async fn deploy(
    configs: Vec<AppConfig>,
    machine: &Arc<Machine>,
    generation: Generation,
) -> Result<Arc<[Arc<App>]>, StartError> {
    let mut apps: Vec<Arc<App>> = Vec::new();
    for AppConfig { name, source } in configs {
        let error = |reason: &str| StartError(format!("app {name} in {}: {reason}", source.display()));
        if apps.iter().any(|app| app.name == name) {
            return Err(error("there is another app of this name"));
        }
        let folder = source.canonicalize().ok().filter(|folder| folder.is_dir());
        let folder = folder.ok_or_else(|| error("there is no such folder"))?;
        if !Procfile::is_in(&folder) {
            tracing::warn!("app {name}: {} has no Procfile: commands run as typed", source.display());
        }
        let app = Arc::new(App::new(name.clone(), folder, Arc::clone(machine), generation));
        // A release phase that failed is told in the app's log, and mended in the folder.
        if let Err(DeployError::Build(reason)) = app.look().await {
            return Err(error(&reason));
        }
        apps.push(app);
    }
    Ok(apps.into())
}

async fn bind(flag: &str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = async {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A port that was served a moment ago is free.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|error: io::Error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "the port is in use; choose another, or 0 for any free one".to_owned()
            }
            _ => error.to_string(),
        };
        StartError(format!("{flag} {address}: {reason}"))
    })
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}
