//! The person before the page, who does what comes to mind, and in the end presses every button that is offered.

use serverless_on_heroku::domain::adoption::{self, Adoption};
use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::run::{Run, RunEvent, Search};
use serverless_on_heroku::domain::secret::TypedKey;

use super::server::{APPS, KEYS};
use super::world::{Happening, World};

/// Pause between looks at what is offered at the end.
const PRESS: u64 = 30_000;

/// After so many looks what still lives is stopped.
const PATIENCE: u32 = 20;

#[derive(Debug, Default)]
pub(crate) struct Person {
    pub(crate) has_typed: bool,
    submitted: u64,
    presses: u32,
    key: Option<&'static str>,
}

impl World {
    pub(crate) fn person_acts(&mut self) {
        if self.is_calm {
            return;
        }
        if !self.person.has_typed {
            self.fill_in();
        }
        let pause = match self.random.between(0, 3) {
            0 => self.random.between(1, 100),
            _ => self.random.magnitude(100, 60_000),
        };
        self.plan(pause, Happening::Person);
        let run = self.some_run();
        match (self.random.between(0, 9), run) {
            (0..=3, _) => self.submit(),
            (4, Some(run)) if self.random.chance(30) => self.click(run, RunEvent::StopClicked),
            (5, Some(run)) => self.click(run, RunEvent::OpenLogClicked),
            (6, Some(run)) => self.look_for_dyno(run),
            (7, Some(run)) if self.scenario.closes && self.random.chance(20) => self.close(run),
            (8, _) if self.scenario.hides => {
                self.page.hidden = !self.page.hidden;
                let hidden = self.page.hidden;
                self.tell("person", format_args!("the tab is hidden: {hidden}"));
            }
            (9, _) if self.server.key != self.person.key.unwrap_or(KEYS[0]) => self.type_valid_key(),
            _ => {}
        }
        // Without a reload there is nothing to decide.
        if !self.page.state.adoptions.is_empty() && self.random.chance(40) {
            let stop = self.random.chance(10);
            self.adopt(stop);
        }
    }

    /// Follows the first run of those of before a reload, or forgets it when it has ended.
    fn adopt(&mut self, stop: bool) {
        let Some(Adoption { run, search }) = self.page.state.adoptions.first().cloned() else { return };
        self.record.forgive_haste();
        match search {
            adoption::Search::Gone => self.dispatch(Event::ForgetClicked(run)),
            adoption::Search::UnderWay { .. } => {}
            adoption::Search::NotBegun | adoption::Search::Failed(_) => {
                self.dispatch(Event::AdoptClicked(run, stop));
            }
        }
    }

    fn some_run(&mut self) -> Option<RunId> {
        let runs: Vec<RunId> = self.page.state.runs.iter().map(|run| run.id).collect();
        (!runs.is_empty()).then(|| self.random.pick(&runs))
    }

    fn fill_in(&mut self) {
        self.person.has_typed = true;
        self.dispatch(Event::Edited(Field::App, APPS[0].to_owned()));
        self.type_key(KEYS[0]);
        if self.random.chance(70) {
            self.dispatch(Event::FieldLeft(Field::App));
            self.dispatch(Event::FieldLeft(Field::ApiKey));
        }
    }

    fn type_key(&mut self, key: &'static str) {
        self.person.key = Some(key);
        self.tell("person", format_args!("types a key"));
        self.dispatch(Event::ApiKeyEdited(TypedKey(key.to_owned())));
    }

    fn type_valid_key(&mut self) {
        self.type_key(self.server.key);
    }

    fn submit(&mut self) {
        if self.person.submitted >= self.scenario.runs || !self.page.state.can_submit() {
            return;
        }
        if self.random.chance(15) {
            let app = self.random.pick(&APPS);
            self.dispatch(Event::Edited(Field::App, app.to_owned()));
        }
        let limit =
            if self.random.chance(15) { format!("{} s", self.random.between(5, 200)) } else { String::new() };
        self.dispatch(Event::Edited(Field::TimeLimit, limit));
        let output_only = self.random.chance(self.scenario.output_only);
        self.dispatch(Event::OutputOnly(output_only));
        self.person.submitted += 1;
        self.record.forgive_haste();
        self.dispatch(Event::Submitted);
    }

    fn click(&mut self, run: RunId, event: RunEvent) {
        self.record.click(run);
        self.dispatch(Event::Run(run, event));
    }

    /// Follows or stops a dyno that may be the run's, or looks for one again.
    fn look_for_dyno(&mut self, run: RunId) {
        let Some(unclear) = self.page.state.run(run).and_then(|run| run.unclear.clone()) else { return };
        // Of several a person knows which; here the newest is the run's own more often than not.
        let own = unclear.found.iter().find(|dyno| self.is_dyno_of(&dyno.name, run));
        let event = match own {
            Some(dyno) if self.random.chance(80) => RunEvent::FollowClicked(dyno.name.clone()),
            Some(dyno) => RunEvent::StopFoundClicked(dyno.name.clone()),
            None if unclear.search != Search::UnderWay => RunEvent::SearchClicked,
            None => return,
        };
        self.click(run, event);
    }

    fn is_dyno_of(&self, name: &str, run: RunId) -> bool {
        let dyno = self.server.dynos.iter().rev().find(|dyno| &*dyno.name == name);
        dyno.zip(self.page.state.run(run)).is_some_and(|(dyno, run)| dyno.is_of(run))
    }

    fn close(&mut self, run: RunId) {
        self.judge_run(run);
        self.tell("person", format_args!("closes run {run}"));
        self.dispatch(Event::Closed(run));
    }

    /// Everything that is offered, again and again.
    pub(crate) fn person_presses_everything(&mut self) {
        self.person.presses += 1;
        self.plan(PRESS, Happening::Press);
        if !self.person.has_typed {
            self.fill_in();
        }
        if self.server.key != self.person.key.unwrap_or(KEYS[0]) {
            self.type_valid_key();
        }
        self.adopt(false);
        let runs: Vec<RunId> = self.page.state.runs.iter().map(|run| run.id).collect();
        for run in runs {
            // The form has to name the run's app, or another key is not taken for it.
            let Some(app) = self.page.state.run(run).map(|run| run.app.as_str().to_owned()) else { continue };
            self.dispatch(Event::Edited(Field::App, app));
            if self.page.state.run(run).is_some_and(|run| run.can_open_log()) {
                self.click(run, RunEvent::OpenLogClicked);
            }
            // With a key that Heroku refuses a run asks in vain until a click brings the new one.
            let asks_in_vain = |run: &Run| run.question_problem.is_some() || self.person.presses > PATIENCE;
            if self.page.state.run(run).is_some_and(|run| run.can_stop() && asks_in_vain(run)) {
                self.click(run, RunEvent::StopClicked);
            }
            if self.person.presses <= 3 {
                self.look_for_dyno(run);
            }
        }
    }
}
