//! The formation: how many dynos of each process type run, and how they are kept running.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::app::App;
use crate::dyno::{self, Dyno, DynoRequest, Then};
use crate::release::Deployment;
use crate::sizes::{self, Size};
use crate::supervision::Supervisor;
use crate::timestamp;

/// Dynos that one process type may have (platform-api.md has no number; Heroku's is 100 for Standard sizes).
pub(crate) const MAXIMUM_QUANTITY: u64 = 100;

/// How long a dyno that has crashed again waits for its next start, and what that grows to. On Heroku it is 20 minutes
/// at first and hours in the end.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// The scale of a process type.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    pub(crate) id: Uuid,
    pub(crate) quantity: u64,
    pub(crate) size: &'static Size,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// The scales by process type. A type that nobody has asked for or scaled has none yet.
#[derive(Debug, Default)]
pub(crate) struct Formation {
    scales: Mutex<BTreeMap<String, Scale>>,
}

/// A change of a process type's scale.
#[derive(Debug)]
pub(crate) struct ScaleUpdate {
    pub(crate) process_type: String,
    pub(crate) quantity: Option<u64>,
    pub(crate) size: Option<&'static Size>,
}

impl Formation {
    /// The scale of a process type, at first no dynos.
    pub(crate) fn scale(&self, process_type: &str) -> Scale {
        self.change(process_type, |_| {})
    }

    fn change(&self, process_type: &str, change: impl FnOnce(&mut Scale)) -> Scale {
        let mut scales = self.scales.lock().unwrap_or_else(PoisonError::into_inner);
        let scale = scales.entry(process_type.to_owned()).or_insert_with(|| {
            let now = timestamp::now();
            Scale {
                id: Uuid::new_v4(),
                quantity: 0,
                size: sizes::DEFAULT,
                created_at: now.clone(),
                updated_at: now,
            }
        });
        change(scale);
        scale.clone()
    }
}

/// Scales process types, which have to be in the Procfile of `deployment`, and starts and stops what that takes.
pub(crate) fn scale(app: &Arc<App>, deployment: &Deployment, updates: &[ScaleUpdate]) {
    for ScaleUpdate { process_type, quantity, size } in updates {
        app.formation.change(process_type, |scale| {
            scale.quantity = quantity.unwrap_or(scale.quantity);
            scale.size = size.unwrap_or(scale.size);
            scale.updated_at = timestamp::now();
        });
    }
    let scaled: Vec<String> = deployment
        .slug
        .procfile
        .processes()
        .map(|(process_type, _)| {
            let Scale { quantity, size, .. } = app.formation.scale(process_type);
            format!("{process_type}@{quantity}:{}", size.name)
        })
        .collect();
    app.announce(&format!("Scaled to {}", scaled.join(" ")));
    reconcile(app, deployment);
}

/// Starts the dynos that the formation has too few of, and ends those that it has too many of or that run something else
/// than `deployment` says.
pub(crate) fn reconcile(app: &Arc<App>, deployment: &Deployment) {
    for dyno in app.dynos.all() {
        let Some(number) = dyno.number else { continue };
        let process_type = &dyno.request.process_type;
        let scale = app.formation.scale(process_type);
        if number > scale.quantity || deployment.slug.procfile.command(process_type).is_none() {
            dyno.stop(Then::Remove);
        } else if dyno.request.size.id != scale.size.id || dyno.deployment.release.id != deployment.release.id
        {
            dyno.stop(Then::Restart);
        }
    }
    for (process_type, _) in deployment.slug.procfile.processes() {
        for number in 1..=app.formation.scale(process_type).quantity {
            let name = format!("{process_type}.{number}");
            let make = || dyno_of(app, deployment, process_type, number);
            if let Some(Some(dyno)) = make().map(|dyno| app.dynos.ensure(&name, || dyno)) {
                tokio::spawn(keep(Arc::clone(app), dyno));
            }
        }
    }
}

/// A dyno of the formation, if `deployment` still has its process type.
fn dyno_of(app: &App, deployment: &Deployment, process_type: &str, number: u64) -> Option<Dyno> {
    let command = deployment.slug.procfile.command(process_type)?.to_owned();
    let request = DynoRequest {
        command: command.clone(),
        process_type: process_type.to_owned(),
        env: BTreeMap::new(),
        size: app.formation.scale(process_type).size,
        time_to_live: None,
    };
    let name = format!("{process_type}.{number}");
    Some(Dyno::new(name, Some(number), command, deployment.clone(), request))
}

/// Runs a dyno again and again until it is removed.
async fn keep(app: Arc<App>, mut dyno: Arc<Dyno>) {
    let mut pause = FIRST_PAUSE;
    let mut crashed = false;
    loop {
        let started = Instant::now();
        let log = app.log_of(&dyno);
        let result = match Supervisor::start(&app.machine.supervisor) {
            Ok(supervisor) => dyno::run(&app, &dyno, supervisor).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            log.platform(&format!("The process could not be started: {error}"));
        }
        loop {
            match app.dynos.settle(&dyno) {
                Then::Remove => return,
                Then::Restart => {
                    (pause, crashed) = (FIRST_PAUSE, false);
                    break;
                }
                Then::Down => {
                    // It may have crashed before.
                    let former = dyno.set_state("down");
                    if former != "down" {
                        log.platform(&format!("State changed from {former} to down"));
                    }
                    dyno.asked_other_than(Then::Down).await;
                }
                Then::Ended => {
                    log.platform(&format!("State changed from {} to crashed", dyno.set_state("crashed")));
                    if started.elapsed() > LONGEST_PAUSE {
                        (pause, crashed) = (FIRST_PAUSE, false);
                    }
                    // The first time it is started again at once.
                    if crashed {
                        tokio::select! {
                            () = tokio::time::sleep(pause) => {}
                            () = dyno.asked_other_than(Then::Ended) => continue,
                        }
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                    crashed = true;
                    break;
                }
            }
        }
        let state = dyno.status().state;
        if state != "starting" {
            log.platform(&format!("State changed from {state} to starting"));
        }
        // What runs next is what the folder holds now, or the release before if that is bad.
        let deployment = app.deployment().await.ok().or_else(|| app.releases.current());
        let process_type = dyno.request.process_type.clone();
        let number = dyno.number.unwrap_or_default();
        let next = deployment.and_then(|deployment| dyno_of(&app, &deployment, &process_type, number));
        let Some(next) = next.and_then(|next| app.dynos.replace(&dyno, next)) else {
            app.dynos.remove(&dyno);
            return;
        };
        dyno = next;
    }
}
