//! The command line of the emulator.

mod greeting;
mod help;

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use heroku_emulator::{AppConfig, Behaviour, Config, Emulator, PageConfig, parse_loopback};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::Level;
use uuid::Uuid;

use crate::greeting::Greeting;

/// The Heroku Platform API and its log streams on this machine, with real processes as one-off dynos.
#[derive(Parser)]
#[command(version, args_override_self = true, after_help = help::SHORT, after_long_help = help::LONG)]
struct Options {
    /// An app and its folder, shop=./shop; can be given several times [default: the name of the source folder]
    ///
    /// One without a folder has that of --source: `--app shop` is the current folder, `--app shop --source ./shop` and
    /// `--app shop=./shop` are the same, and `--app shop=./shop --app blog=./blog` are two apps. The folder's Procfile has
    /// the process types (`web: python app.py`), its .env the config vars (`GREETING=Hello`), its requirements.txt the
    /// packages of a Python app, its .slugignore what dynos do not get. Each dyno runs in a copy of the folder.
    #[arg(long, value_name = "NAME[=DIR]", value_parser = app)]
    app: Vec<(String, Option<PathBuf>)>,

    /// The API key to accept; better by the environment, since others can read command lines [default: a new one]
    #[arg(long, env = "HEROKU_API_KEY", hide_env_values = true, value_parser = key)]
    key: Option<String>,

    /// Folder of the app that --app gives none [default: the current one]
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,

    /// Loopback address of the API; port 0 takes any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081", value_parser = parse_loopback)]
    listen: SocketAddr,

    /// Folder of the built page to serve
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,

    /// Loopback address of the page; port 0 takes any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = parse_loopback)]
    page_listen: SocketAddr,

    /// Time limits for the page: the content of <meta name="timings"> in its index.html
    #[arg(long, value_name = "TEXT", requires = "page")]
    timings: Option<String>,

    /// From SIGTERM to SIGKILL when a dyno is stopped; fractions are allowed
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    stop_grace: Duration,

    /// Print addresses, app and key as one line of JSON
    #[arg(long)]
    json: bool,

    /// Write no line for each request, only what is wrong
    #[arg(long)]
    quiet: bool,

    /// Requests to the API in an hour; beyond them it answers 429 until some have come back
    #[arg(long, value_name = "N", default_value_t = 4_500)]
    rate_limit: u32,

    /// Let pages of other origins read Request-Id, RateLimit-Remaining and Retry-After
    #[arg(long)]
    expose_headers: bool,

    #[command(flatten)]
    behaviour: Behaviour,
}

fn main() -> ExitCode {
    if let Some(code) = heroku_emulator::supervise() {
        return code;
    }
    let options = Options::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_max_level(if options.quiet { Level::WARN } else { Level::INFO })
        .init();
    let result = tokio::runtime::Runtime::new()
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(serve(options)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), String> {
    // Before anything can be stopped.
    let mut ends = Ends::listen().map_err(|error| error.to_string())?;
    let apps = apps(options.app, options.source)?;
    let names: Vec<String> = apps.iter().map(|app| app.name.clone()).collect();
    let key = options.key.unwrap_or_else(|| format!("HRKU-{}", Uuid::new_v4()));
    let config = Config {
        apps,
        key: key.clone(),
        listen: options.listen,
        page: options.page.map(|folder| PageConfig {
            folder,
            listen: options.page_listen,
            timings: options.timings,
        }),
        stop_grace: options.stop_grace,
        expose_headers: options.expose_headers,
        behaviour: options.behaviour,
        rate_limit: options.rate_limit,
        supervisor: std::env::current_exe().map_err(|error| error.to_string())?,
    };
    let emulator = tokio::select! {
        started = Emulator::start(config) => started.map_err(|error| error.to_string())?,
        // A release phase can take its time.
        () = ends.next() => return Ok(()),
    };
    let greeting =
        Greeting { api: emulator.api(), page: emulator.page(), app: &names[0], apps: &names, key: &key };
    greeting.print(options.json).map_err(|error| error.to_string())?;

    ends.next().await;
    if emulator.dynos() > 0 {
        tracing::info!("stopping {} dynos; once more to kill them", emulator.dynos());
    }
    tokio::select! {
        () = emulator.shutdown() => {}
        () = ends.next() => {
            emulator.kill_dynos();
            tokio::select! {
                () = emulator.shutdown() => {}
                () = ends.next() => {}
            }
        }
    }
    emulator.closed().await;
    Ok(())
}

/// The signals that ask for an end.
struct Ends {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Ends {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// `^[a-z][a-z0-9-]{1,28}[a-z0-9]$` (platform-api.md 8).
fn is_app_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=30).contains(&name.len())
        && name.bytes().all(is_inner)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
}

/// `NAME` or `NAME=DIR`.
fn app(given: &str) -> Result<(String, Option<PathBuf>), String> {
    let (name, folder) = match given.split_once('=') {
        Some((name, folder)) => (name, Some(PathBuf::from(folder))),
        None => (given, None),
    };
    let rule = "an app's name has to be 3 to 30 lower-case letters, digits and hyphens, beginning with a letter and \
                not ending with a hyphen";
    if is_app_name(name) { Ok((name.to_owned(), folder)) } else { Err(rule.to_owned()) }
}

/// The apps that the options mean: at least one.
fn apps(named: Vec<(String, Option<PathBuf>)>, source: Option<PathBuf>) -> Result<Vec<AppConfig>, String> {
    if let Some(source) = &source
        && !named.is_empty()
        && named.iter().all(|(_, folder)| folder.is_some())
    {
        let source = source.display();
        return Err(format!(
            "--source {source}: every --app has a folder of its own; leave --source out or name its app, --app \
             NAME={source}"
        ));
    }
    let source = source.unwrap_or_else(|| PathBuf::from("."));
    if named.is_empty() {
        return Ok(vec![AppConfig { name: app_name_of(&source), source }]);
    }
    let app = |(name, folder): (String, Option<PathBuf>)| AppConfig {
        name,
        source: folder.unwrap_or_else(|| source.clone()),
    };
    Ok(named.into_iter().map(app).collect())
}

/// The folder's name as an app name, as far as it goes.
fn app_name_of(source: &Path) -> String {
    let path = source.canonicalize().unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(30).collect();
    let name = name.trim_matches('-');
    if is_app_name(name) { name.to_owned() } else { "serverless-on-laptop".to_owned() }
}

/// A key can be sent in a header: printable ASCII without spaces (platform-api.md 9).
fn key(key: &str) -> Result<String, String> {
    if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(key.to_owned())
    } else {
        Err("it has to be printable ASCII without spaces".to_owned())
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "it has to be a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_names_follow_heroku_s_rule() {
        for (name, valid) in [
            ("abc", true),
            ("a-1", true),
            ("ab", false),
            ("1ab", false),
            ("Abc", false),
            ("abc-", false),
            ("a_c", false),
            ("a123456789012345678901234567890", false),
        ] {
            assert_eq!(is_app_name(name), valid, "{name}");
        }
    }

    #[test]
    fn keys_are_printable() {
        for (typed, valid) in [("HRKU-1", true), ("", false), ("a b", false), ("a\n", false), ("ä", false)] {
            assert_eq!(key(typed).is_ok(), valid, "{typed:?}");
        }
    }
}
