//! `cargo xtask serve`: the built page and the emulator, until Ctrl-C.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{announce, say};
use crate::tools::Tools;
use crate::{artefact, process};

/// How long a browser that is to be opened waits for the page.
const PAGE_WAIT: Duration = Duration::from_secs(30);

/// What `serve` accepts. Port 0 is any free one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) api_port: u16,
    pub(crate) open: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 8080, api_port: 8081, open: false }
    }
}

/// Builds everything, then becomes the emulator, which prints the addresses, the app and the key. So signals reach it
/// directly, nothing of ours is left behind, and its exit status is the command's.
pub(crate) fn run(tools: &Tools, options: &Options) -> Result<()> {
    // Before the minutes that a first build can take.
    check_free(options.port, "--port")?;
    check_free(options.api_port, "--api-port")?;
    if options.open && options.port == 0 {
        bail!("--open needs a port that is known beforehand: leave --port out, or give one other than 0");
    }
    let dist = artefact::build(tools)?.dist;
    let emulator = tools.build_program("heroku-emulator")?;
    if options.open {
        tools
            .command(std::env::current_exe()?)
            .args(["open-page", "--port", &options.port.to_string()])
            .stdin(Stdio::null())
            // A group of its own: Ctrl-C is not meant for the browser.
            .process_group(0)
            .spawn()
            .context("cannot start the browser's helper")?;
    }
    let mut command = tools.command(emulator);
    command
        .arg("--source")
        .arg(tools.root().join("one-off-dyno"))
        .arg("--page")
        .arg(dist)
        .args(["--page-listen", &loopback(options.port).to_string()])
        .args(["--listen", &loopback(options.api_port).to_string()])
        .stdin(Stdio::null());
    let line = announce(&command);
    Err(command.exec()).with_context(|| format!("cannot start `{line}`"))
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn check_free(port: u16, option: &str) -> Result<()> {
    match TcpListener::bind(loopback(port)) {
        Ok(_) => Ok(()),
        Err(error) => bail!("port {port} cannot be used ({error}); choose another one with {option} N"),
    }
}

/// Opens the person's browser as soon as the page is served, or says what to open by hand.
pub(crate) fn open_page(tools: &Tools, port: u16) -> Result<()> {
    let url = format!("http://127.0.0.1:{port}/");
    let start = Instant::now();
    while TcpStream::connect(loopback(port)).is_err() {
        if start.elapsed() > PAGE_WAIT {
            bail!("nothing is served at {url}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let opener = ["xdg-open", "open"].into_iter().find(|program| tools.find(program).is_some());
    match opener {
        Some(opener) => process::run(tools.command(opener).arg(&url)),
        None => {
            say(&format!("There is no xdg-open here: open {url} in a browser."));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_option_that_changes_it() {
        let taken = TcpListener::bind(loopback(0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = check_free(port, "--api-port").unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--api-port N"), "{error}");
    }

    #[test]
    fn port_0_is_free() {
        check_free(0, "--port").unwrap();
    }
}
