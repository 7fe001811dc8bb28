//! One run of a dyno's command, from the packages it needs to its exit line.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use tokio::process::ChildStdin;

use super::{Dyno, DynoLog, End, How, Then};
use crate::app::App;
use crate::environment::DynoEnvironment;
use crate::folder::Folder;
use crate::supervision::{Supervisor, SupervisorGone, order, report};
use crate::supervisor::{self, Launch};
use crate::{output, packages, web};

/// Exit status of a dyno whose supervisor was killed with it: 128 + SIGKILL.
const KILLED: &str = "137";

/// Exit status of a dyno that was asked to end before its command was started: 128 + SIGTERM.
const TERMINATED: &str = "143";

/// How long the output of a dyno without a supervisor is read.
const ABANDONED: Duration = Duration::from_secs(1);

/// Runs a dyno's command to its end and writes its log (platform-api.md 6.2), up to the exit line. Returns the exit
/// status as that line tells it.
pub(crate) async fn run(app: &App, dyno: &Dyno, supervisor: Supervisor) -> std::io::Result<String> {
    let Supervisor { mut child, mut orders, mut reports, output } = supervisor;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let log = app.log_of(dyno);
    let packages = tokio::select! {
        packages = app.packages(&dyno.deployment.slug, || log.platform(packages::TO_BE_INSTALLED)) => packages,
        () = dyno.asked(How::Stop) => return Ok(not_started(&log, TERMINATED)),
    };
    let packages = match packages {
        Ok(packages) => packages,
        Err(reason) => {
            log.output(reason.as_bytes());
            return Ok(not_started(&log, "1"));
        }
    };
    log.platform(&format!("Starting process with command `{}`", dyno.command));

    let is_web = dyno.number.is_some() && dyno.request.process_type == web::PROCESS_TYPE;
    let port = is_web.then(web::free_port).transpose()?;
    let home = Folder::create(app.machine.folder.path())?;
    let launch = Launch {
        shell: app.machine.environment.shell().to_owned(),
        command: dyno.command.clone(),
        slug: dyno.deployment.slug.path().to_owned(),
        home: home.path().to_owned(),
        environment: app.machine.environment.of(&DynoEnvironment {
            name: &dyno.name,
            home: home.path(),
            programs: packages.as_deref(),
            port,
            config_vars: &dyno.deployment.config_vars,
            request: &dyno.request.env,
        }),
    };
    // Strings are all there is in it: it has a JSON form.
    order(&mut orders, &serde_json::to_string(&launch).unwrap_or_default()).await;
    if report(&mut reports, supervisor::STARTED).await.is_ok() && port.is_none() {
        is_up(dyno, &log);
    }

    let mut copying = tokio::spawn(output::copy(output, log.clone()));
    let life = async {
        let status = match report(&mut reports, supervisor::EXITED).await {
            Ok(status) => {
                // The output ends with the last process that could write to it: the exit line comes behind all of it.
                let _ = (&mut copying).await;
                status
            }
            Err(SupervisorGone) => {
                let _ = id.map(supervisor::end_session);
                // Processes that left the session may still hold the output, and nobody is left to find them.
                let _ = tokio::time::timeout(ABANDONED, &mut copying).await;
                KILLED.to_owned()
            }
        };
        copying.abort();
        status
    };
    let status = tokio::select! {
        status = life => status,
        never = end(app, dyno, &log, &mut orders, id, port) => match never {},
    };
    drop(orders);
    let _ = child.wait().await;
    // It can be large. Nothing of the dyno is left when its end is told.
    let _ = tokio::task::spawn_blocking(move || drop(home)).await;
    log.platform(&format!("Process exited with status {status}"));
    Ok(status)
}

fn is_up(dyno: &Dyno, log: &DynoLog) {
    // Unless it has been asked to end, which sets another state.
    if dyno.then() == Then::Ended {
        log.platform(&format!("State changed from {} to up", dyno.set_state("up")));
    }
}

/// The exit line of a dyno whose command was not started. Returns the status.
fn not_started(log: &DynoLog, status: &str) -> String {
    log.platform(&format!("Process exited with status {status}"));
    status.to_owned()
}

/// Ends the dyno when somebody asks for it, its time is over, it uses far too much memory, or it has a port and does not
/// listen on it. Goes on for as long as the dyno does.
async fn end(
    app: &App,
    dyno: &Dyno,
    log: &DynoLog,
    orders: &mut ChildStdin,
    supervisor_id: Option<i32>,
    port: Option<u16>,
) -> Infallible {
    let expiry = async {
        match dyno.request.time_to_live {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    let mut memory = pin!(app.machine.memory_exceeded(supervisor_id, dyno.request.size, log));
    let boot = async {
        if let Some(port) = port {
            if !web::listens(port).await {
                return;
            }
            is_up(dyno, log);
            tracing::info!("app {}: {} listens at http://127.0.0.1:{port}", app.name, dyno.name);
        }
        std::future::pending().await
    };
    tokio::select! {
        () = dyno.asked(How::Stop) => {}
        () = expiry => {}
        () = boot => {
            log.platform(web::BOOT_TIMEOUT_ERROR);
            return kill(log, orders).await;
        }
        () = &mut memory => return kill(log, orders).await,
    }
    let End { how, then } = *dyno.end.borrow();
    if dyno.number.is_some() {
        let state = if then == Then::Restart { "starting" } else { "down" };
        if then == Then::Restart {
            log.platform("Restarting");
        }
        log.platform(&format!("State changed from {} to {state}", dyno.set_state(state)));
    }
    if how < How::Kill {
        log.platform("Stopping all processes with SIGTERM");
        order(orders, supervisor::TERMINATE).await;
        tokio::select! {
            () = dyno.asked(How::Kill) => {}
            () = &mut memory => {}
            () = tokio::time::sleep(app.machine.stop_grace) => {
                // The platform's words, whatever the grace is here.
                log.platform(
                    "Error R12 (Exit timeout) -> At least one process failed to exit within 30 seconds of SIGTERM",
                );
            }
        }
    }
    log.platform("Stopping remaining processes with SIGKILL");
    order(orders, supervisor::KILL).await;
    std::future::pending().await
}

/// SIGKILL for what the dyno did.
async fn kill(log: &DynoLog, orders: &mut ChildStdin) -> Infallible {
    log.platform("Stopping process with SIGKILL");
    order(orders, supervisor::KILL).await;
    std::future::pending().await
}
