//! The runs of the page before it was loaded again, taken up when a person asks for it.

use super::{Effect, State};
use crate::domain::adoption::{Adoption, Remembered, Search};
use crate::domain::api::{self, Answer, Dyno};
use crate::domain::error::{Attempt, TransportError};
use crate::domain::form::{Field, RunRequest};
use crate::domain::ids::RunId;
use crate::domain::notice::Notice;
use crate::domain::run::{Run, RunEvent};
use crate::domain::secret::ApiKey;
use crate::domain::time::Time;

impl State {
    /// What is to be remembered: the live runs, and those of before that are still offered.
    pub fn remembered(&self) -> Vec<Remembered> {
        let mut remembered = Vec::new();
        for adoption in &self.adoptions {
            if adoption.search != Search::Gone {
                remembered.push(adoption.run.clone());
            }
        }
        for run in self.runs.iter().filter(|run| run.may_live()) {
            let dyno = run.dyno.as_ref().map(|dyno| dyno.name.clone()).unwrap_or_default();
            remembered.push(Remembered { app: run.app.clone(), dyno, clicked: run.times.clicked });
        }
        remembered
    }

    pub(super) fn offer(&mut self, runs: Vec<Remembered>) {
        self.adoptions = runs.into_iter().map(|run| Adoption { run, search: Search::NotBegun }).collect();
    }

    pub(super) fn forget_offer(&mut self, run: &Remembered) {
        self.adoptions.retain(|it| it.run != *run);
        self.focus_run();
    }

    pub(super) fn look_for(&mut self, run: &Remembered, stop: bool, now: Time) {
        let Some(adoption) = self.adoptions.iter_mut().find(|it| it.run == *run) else { return };
        match self.form.check_api_key() {
            Ok(api_key) if run.dyno.is_empty() => {
                self.take_up(run, api_key, None, now);
                self.forget_offer(run);
            }
            Ok(api_key) => {
                adoption.search = Search::UnderWay { api_key: api_key.clone(), stop };
                let request = api::dyno_info(&run.app, &run.dyno);
                self.outbox.push(Effect::AskAboutDyno { run: run.clone(), request, api_key });
            }
            Err(error) => {
                self.set_error(error);
                self.focus(Field::ApiKey);
            }
        }
    }

    pub(super) fn looked_for(
        &mut self,
        run: &Remembered,
        answer: &Result<Answer, TransportError>,
        now: Time,
    ) {
        let Some(adoption) = self.adoptions.iter_mut().find(|it| it.run == *run) else { return };
        let Search::UnderWay { api_key, stop } = &adoption.search else { return };
        let (api_key, stop) = (api_key.clone(), *stop);
        let dyno = match api::received(answer).and_then(api::dyno) {
            Ok(dyno) if dyno.name == run.dyno && run.is(&dyno) => dyno,
            Err(error) if !error.is_not_found() => {
                let mut notice = Notice::new(&error, Attempt::ListDynos, now);
                notice.heroku_says = notice.heroku_says.map(|words| api_key.mask(&words));
                adoption.search = Search::Failed(notice);
                return;
            }
            _ => {
                adoption.search = Search::Gone;
                return;
            }
        };
        let id = self.take_up(run, api_key, Some(dyno), now);
        if stop {
            self.update_run(id, &RunEvent::StopClicked, now);
        }
        self.forget_offer(run);
    }

    fn take_up(&mut self, run: &Remembered, api_key: ApiKey, dyno: Option<Dyno>, now: Time) -> RunId {
        let request = RunRequest {
            app: run.app.clone(),
            // It is not sent again.
            command: String::new(),
            env: Vec::new(),
            size: None,
            time_limit: None,
            output_only: false,
        };
        let id = self.next_run();
        self.runs.push(Run::adopt(id, request, api_key.clone(), dyno, run.clicked));
        self.selected = Some(id);
        self.begin_once_app_is_known(id, run.app.clone(), api_key, now);
        id
    }
}
