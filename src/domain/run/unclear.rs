//! A run whose request for a dyno ended unclearly: the dynos that may be its own are looked up, and a person says which
//! one is. Nothing is sent again without that (design.md 2.1).

use std::time::Duration;

use super::{Call, Effect, LogState, Run, RunEvent, Surroundings};
use crate::domain::api::{self, Answer, Dyno};
use crate::domain::error::{Attempt, TransportError};
use crate::domain::notice::Notice;
use crate::domain::tail::News;
use crate::domain::time::Time;

/// Two clocks differ, so dynos count from this long before the click (design.md 2.1).
const CLOCKS: Duration = Duration::from_secs(60);

/// What is known about a dyno that may have been started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unclear {
    pub search: Search,
    /// Dynos that may be this run's, newest first.
    pub found: Vec<Dyno>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Search {
    #[default]
    UnderWay,
    Done,
    Failed(Notice),
}

impl Run {
    pub(super) fn begin_search(&mut self, effects: &mut Vec<Effect>) {
        self.unclear.get_or_insert_default().search = Search::UnderWay;
        self.call(Call::ListDynos, api::list_dynos(&self.app), effects);
    }

    pub(super) fn update_unclear(
        &mut self,
        event: &RunEvent,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) {
        match event {
            RunEvent::Answered(Call::ListDynos, answer) => self.dynos_listed(answer, around, effects),
            RunEvent::SearchClicked if !self.is_searching() => self.begin_search(effects),
            RunEvent::FollowClicked(name) => self.follow(name, around, effects),
            RunEvent::StopFoundClicked(name) => {
                self.follow(name, around, effects);
                self.request_stop(effects);
            }
            RunEvent::Ticked if self.deadline(around).is_some_and(|due| around.now >= due) => {
                self.close_log(effects);
            }
            _ => {}
        }
    }

    /// What the tail tells that was opened before the request for a dyno. It goes on, so that nothing is missing once a
    /// dyno is followed; but nobody waits for it, so that it is not opened again.
    pub(super) fn hear_unclear(&mut self, news: &News, effects: &mut Vec<Effect>) {
        match news {
            News::Opened => self.log = LogState::Live,
            News::Reopening(_) | News::GaveUp(_) => self.close_log(effects),
        }
    }

    fn is_searching(&self) -> bool {
        self.unclear.as_ref().is_some_and(|unclear| unclear.search == Search::UnderWay)
    }

    fn dynos_listed(
        &mut self,
        answer: &Result<Answer, TransportError>,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) {
        if !self.is_searching() {
            return;
        }
        match api::received(answer).and_then(api::dynos) {
            Ok(dynos) => {
                let (sent, typed) = (self.sent_command(), &self.command);
                let mut found = candidates(dynos, &sent, typed, self.times.clicked, around);
                for dyno in &mut found {
                    dyno.command = dyno.command.take().map(|command| self.api_key.mask(&command));
                }
                if found.is_empty() {
                    self.close_log(effects);
                }
                self.unclear = Some(Unclear { search: Search::Done, found });
            }
            Err(error) => {
                let notice = self.notice(&error, Attempt::ListDynos, around.now);
                if let Some(unclear) = &mut self.unclear {
                    unclear.search = Search::Failed(notice);
                }
            }
        }
    }

    /// The dyno was this run's all along, unless another run follows it by now.
    fn follow(&mut self, name: &str, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        let Some(Unclear { found, .. }) = &mut self.unclear else { return };
        let is_free = |dyno: &Dyno| dyno.name == name && !around.followed.contains(&dyno.name);
        let Some(index) = found.iter().position(is_free) else { return };
        let dyno = found.swap_remove(index);
        self.unclear = None;
        self.problem = None;
        self.times.ended = None;
        self.has_dyno(dyno, around, effects);
    }
}

/// The dynos that may have been started by a click, newest first.
///
/// Heroku may tell a command as it was sent, or with the process type replaced by its command (platform-api.md 3.4): the
/// first is sought, and only without any such dyno the second, which ends with the arguments that were typed. Where none
/// are known, after a reload, any dyno may be the one.
fn candidates(
    dynos: Vec<Dyno>,
    sent: &str,
    typed: &str,
    clicked: Time,
    around: &Surroundings<'_>,
) -> Vec<Dyno> {
    let clicked = clicked.0.saturating_add_signed(around.server_ahead);
    let earliest = Time(clicked.saturating_sub(CLOCKS.as_millis() as u64));
    let mut dynos = dynos;
    dynos.retain(|dyno| {
        dyno.process_type.as_deref().is_none_or(|process_type| process_type == "run")
            && dyno.created_at.is_none_or(|created| created > earliest)
            && !around.followed.contains(&dyno.name)
    });
    let is_same = |dyno: &Dyno| dyno.command.as_deref().is_none_or(|it| it.trim() == sent);
    if dynos.iter().any(is_same) {
        dynos.retain(is_same);
    } else {
        let arguments = typed.find(char::is_whitespace).map_or("", |end| &typed[end..]);
        dynos.retain(|dyno| dyno.command.as_deref().is_none_or(|it| it.trim().ends_with(arguments)));
    }
    // A handful: the code of a sort would be larger than the list.
    let mut newest_first: Vec<Dyno> = Vec::with_capacity(dynos.len());
    for dyno in dynos {
        let place = newest_first.partition_point(|other| other.created_at >= dyno.created_at);
        newest_first.insert(place, dyno);
    }
    newest_first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timings::Timings;

    const CLICKED: Time = Time(100_000);

    fn dyno(name: &str, command: &str, created_at: u64) -> Dyno {
        Dyno {
            name: name.to_owned(),
            size: None,
            created_at: Some(Time(created_at)),
            process_type: Some("run".to_owned()),
            command: Some(command.to_owned()),
        }
    }

    fn names(dynos: Vec<Dyno>, command: &str, server_ahead: i64, followed: &[String]) -> Vec<String> {
        let timings = Timings::default();
        let around = Surroundings { now: CLICKED, timings: &timings, server_ahead, followed, may_ask: true };
        let typed = command.trim_start_matches("launcher ");
        candidates(dynos, command, typed, CLICKED, &around).into_iter().map(|dyno| dyno.name).collect()
    }

    #[test]
    fn dynos_of_the_same_command_come_newest_first() {
        let dynos = vec![
            dyno("run.1", "sleep 5", 101_000),
            dyno("run.2", "sleep 6", 102_000),
            dyno("run.3", "sleep 5", 103_000),
        ];
        assert_eq!(names(dynos, "sleep 5", 0, &[]), ["run.3", "run.1"]);
    }

    #[test]
    fn a_replaced_process_type_is_known_by_its_arguments() {
        let dynos =
            vec![dyno("run.1", "python task.py --fast", 101_000), dyno("run.2", "python task.py", 102_000)];
        for launcher in ["", "launcher "] {
            let names = |typed: &str| names(dynos.clone(), &format!("{launcher}{typed}"), 0, &[]);
            assert_eq!(names("serverless --fast"), ["run.1"]);
            assert_eq!(names("serverless"), ["run.2", "run.1"]);
        }
    }

    #[test]
    fn older_dynos_other_types_and_those_of_other_runs_are_left_out() {
        let web = Dyno { process_type: Some("web".to_owned()), ..dyno("web.1", "bash", 101_000) };
        let dynos = || {
            vec![
                web.clone(),
                dyno("run.1", "bash", 40_000),
                dyno("run.2", "bash", 40_001),
                dyno("run.3", "bash", 99_000),
            ]
        };
        assert_eq!(names(dynos(), "bash", 0, &["run.3".to_owned()]), ["run.2"]);
        assert_eq!(names(dynos(), "bash", 50_000, &[]), ["run.3"]);
        assert_eq!(names(dynos(), "bash", -1_000, &[]), ["run.3", "run.2", "run.1"]);
    }

    #[test]
    fn a_dyno_that_tells_nothing_about_itself_may_be_the_one() {
        let unknown = Dyno { command: None, process_type: None, created_at: None, ..dyno("run.1", "", 0) };
        assert_eq!(names(vec![unknown], "bash", 0, &[]), ["run.1"]);
    }
}
