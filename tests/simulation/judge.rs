//! What must be true at every moment, and at the end.

use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::log::header::{Header, Lifecycle};
use serverless_on_heroku::domain::log::{Class, Selection};
use serverless_on_heroku::domain::run::{End, Run, Search};

use super::network::{Connection, PageSide};
use super::world::{Mutation, World};

/// Streams of a host that are read at once, and one more while one takes the place of another (design.md 2).
const MOST_STREAMS: usize = 4;

/// A dyno that is listed is found when the two clocks differ by less.
const CLOCKS: u64 = 50_000;

impl World {
    pub(crate) fn judge_connections(&mut self) {
        if self.mutation == Some(Mutation::StaleRule) {
            // It leaves streams open on purpose; what comes of that is to be found.
            return;
        }
        let of_page = |wanted: &[PageSide]| {
            let is_wanted = |it: &&Connection| wanted.contains(&it.page);
            self.network.connections.iter().filter(is_wanted).map(|it| it.tail).collect::<Vec<_>>()
        };
        let reading = of_page(&[PageSide::Reading]);
        let coming = of_page(&[PageSide::Opening, PageSide::Open]);
        let rotating = coming.iter().filter(|tail| reading.contains(tail)).count();
        if reading.len() > MOST_STREAMS || reading.len() + coming.len() > MOST_STREAMS + 1 {
            self.complain(format!(
                "{} streams are read and {} are being opened",
                reading.len(),
                coming.len()
            ));
        } else if rotating > 1 {
            self.complain(format!("{rotating} streams take the place of others at once"));
        }
    }

    /// Looks at runs that have just ended.
    pub(crate) fn judge_moment(&mut self) {
        let is_new = |run: &&Run| {
            let record = self.record.runs.get(&run.id);
            run.is_over() && run.unclear.is_none() && !record.is_some_and(|record| record.is_judged)
        };
        let ended: Vec<RunId> = self.page.state.runs.iter().filter(is_new).map(|run| run.id).collect();
        for run in ended {
            self.record.runs.entry(run).or_default().is_judged = true;
            self.tell(
                "judge",
                format_args!("run {run} is over: {:?}", self.page.state.run(run).and_then(Run::end_reason)),
            );
            if let Err(complaint) = self.check_end(run) {
                self.complain(format!("run {run}: {complaint}"));
            }
        }
    }

    /// The number of the dyno that a run follows.
    pub(crate) fn dyno_of(&self, run: &Run) -> Option<usize> {
        let dyno = run.dyno.as_ref()?;
        let is_it = |it: &super::dyno::Dyno| {
            super::server::APPS[it.app] == run.app.as_str()
                && *it.name == *dyno.name
                && dyno.created_at.is_some_and(|created| created.0 == it.created)
        };
        self.server.dynos.iter().position(is_it)
    }

    fn check_end(&self, run: RunId) -> Result<(), String> {
        let Some(run) = self.page.state.run(run) else { return Ok(()) };
        let Some(end) = run.end_reason() else { return Err("is over without a reason".to_owned()) };
        let Some(dyno) = self.dyno_of(run) else {
            let created = self.server.dynos.iter().any(|dyno| dyno.is_of(run));
            return match end {
                End::Failed if !created => Ok(()),
                _ => Err(format!("{end:?}, and it has no dyno; created: {created}")),
            };
        };
        let dyno = &self.server.dynos[dyno];
        if !dyno.has_ended {
            return Err(format!("{end:?}, and its dyno {} still runs", dyno.name));
        }
        if run.exit_status.is_some_and(|status| status != dyno.exit) {
            return Err(format!("tells the exit status {:?}, and it was {}", run.exit_status, dyno.exit));
        }
        let is_true = match end {
            // Who stopped it is forgotten with a reload.
            End::Exited(status) => {
                status == dyno.exit && (self.was_reloaded || !(dyno.was_stopped && status >= 128))
            }
            // A request to stop it may have been lost, and nobody can tell.
            End::Stopped => dyno.was_stopped || dyno.hit_limit,
            // Without an exit line the time alone tells, and an end is the limit's up to 5 s before it.
            End::TimeLimit => dyno.hit_limit || run.exit_status.is_none(),
            End::Crashed => dyno.crashed,
            End::Unknown => true,
            End::Failed => false,
        };
        if is_true { Ok(()) } else { Err(format!("{end:?} is not what happened: {dyno:?}")) }
    }

    /// A while after the last fault and the last dyno's end: each run has ended, or offers a button.
    pub(crate) fn judge_offers(&mut self) {
        // One that Heroku does not answer, as with a refused key, says so.
        let told = |run: &Run| run.question_problem.is_some();
        let open = |run: &&Run| !run.is_over() && !run.can_open_log() && !run.can_stop() && !told(run);
        let stuck: Vec<String> = self.page.state.runs.iter().filter(open).map(describe).collect();
        if let Some(run) = stuck.first() {
            self.complain(format!("a run neither ends nor offers a button: {run}"));
        }
    }

    pub(crate) fn judge_end(&mut self) {
        let runs: Vec<RunId> = self.page.state.runs.iter().map(|run| run.id).collect();
        for run in runs {
            self.judge_run(run);
        }
        let live: Vec<String> = self
            .page
            .state
            .runs
            .iter()
            .filter(|run| !run.is_over() && run.question_problem.is_none())
            .map(describe)
            .collect();
        if self.page.state.has_live_run() && live.is_empty() {
            return;
        }
        let open = self.network.connections.iter().filter(|it| it.page != PageSide::Closed).count();
        if let Some(run) = live.first() {
            self.complain(format!("a run does not end: {run}"));
        } else if self.page.state.deadline().is_some() {
            self.complain("no run lives, and there is a deadline".to_owned());
        } else if open > 0 && self.mutation != Some(Mutation::StaleRule) {
            self.complain(format!("no run lives, and {open} streams are open"));
        }
        let unclear = |run: &&Run| run.unclear.as_ref().is_some_and(|it| it.search == Search::UnderWay);
        if self.page.state.runs.iter().any(|run| unclear(&run)) {
            self.complain("a search for dynos does not end".to_owned());
        }
    }

    /// A list of dynos was answered: what it has of the run's own is offered.
    pub(crate) fn judge_found(&mut self, run: RunId, body: &str) {
        let Some(of_page) = self.page.state.run(run) else { return };
        let Some(unclear) = of_page.unclear.as_ref().filter(|it| it.search == Search::Done) else { return };
        let apart = self.page_now().0.abs_diff(self.server_now());
        let own = self.server.dynos.iter().find(|dyno| {
            dyno.is_of(of_page) && dyno.is_listed(self.now) && body.contains(&format!("\"{}\"", dyno.name))
        });
        if let Some(own) = own
            && apart < CLOCKS
            && !unclear.found.iter().any(|found| *found.name == *own.name)
        {
            let complaint = format!("run {run}: its dyno {} is listed and not offered", own.name);
            self.complain(complaint);
        }
    }

    /// The run's log against what the server printed, and against the run.
    pub(crate) fn judge_run(&mut self, run: RunId) {
        if let Err(complaint) = self.check_lines(run).and_then(|()| self.check_facts(run)) {
            self.show_log(run);
            self.complain(format!("run {run}: {complaint}"));
        }
    }

    /// The run's log, for the trace.
    fn show_log(&mut self, run: RunId) {
        let Some(log) = self.page.logs.get(run).cloned() else { return };
        let log = log.borrow();
        for index in 0..=log.lines().len() {
            for gap in log.gaps().iter().filter(|gap| gap.before == index) {
                self.tell("log", format_args!("-- {gap:?}"));
            }
            if let Some(line) = log.lines().line(index) {
                self.tell("log", format_args!("{index}: {}", String::from_utf8_lossy(&line)));
            }
        }
    }

    /// Store and state agree.
    fn check_facts(&self, run: RunId) -> Result<(), String> {
        let (Some(run), Some(log)) = (self.page.state.run(run), self.page.logs.get(run)) else {
            return Ok(());
        };
        let log = log.borrow();
        let store = log.lines();
        let Some(dyno) = &run.dyno else { return Ok(()) };
        let mut exits = Vec::new();
        let (mut output, mut bytes) = (Vec::new(), 0);
        for index in 0..store.len() {
            let line = store.line(index).unwrap_or_default();
            bytes += line.len() as u64 + 1;
            let Some(header) = Header::parse(&line) else { continue };
            let is_own = header.process == Some(dyno.name.as_bytes())
                && dyno.created_at.is_none_or(|created| header.time >= created);
            let message = &line[header.message_start..];
            if is_own
                && header.source == b"heroku"
                && let Some(Lifecycle::Exited(Some(status))) = Lifecycle::parse(message)
            {
                exits.push(status);
            }
            let is_output = is_own && header.source == b"app";
            if is_output != (store.class(index) == Some(Class::Output)) {
                return Err(format!("line {index} is of another class: {}", String::from_utf8_lossy(&line)));
            }
            if is_output {
                output.push(line[header.message_start..].to_vec());
            }
        }
        if bytes != store.bytes() {
            return Err(format!("the store counts {} bytes and holds {bytes}", store.bytes()));
        }
        if run.exit_status != exits.first().copied() {
            return Err(format!(
                "the exit status is {:?}, and the log's lines tell {exits:?}",
                run.exit_status
            ));
        }
        let has_started = run.times.up.is_some();
        if !output.is_empty() && !has_started {
            return Err("the function has printed, and the run was never up".to_owned());
        }
        let told_loss = run.codes.iter().any(|code| code.as_str() == "L11");
        let has_loss = (0..store.len()).any(|index| store.class(index) == Some(Class::Loss));
        if told_loss != has_loss {
            return Err(format!("the run tells of L11: {told_loss}; its log: {has_loss}"));
        }
        Ok(())
    }
}

/// What a run's log keeps of the lines that its session brings.
pub(crate) fn keeps_own_alone(selection: Option<Selection>) -> bool {
    matches!(selection, Some(Selection::OwnLines | Selection::OwnLinesOfFound))
}

fn describe(run: &Run) -> String {
    format!(
        "run {} of {:?}: {}, {:?}",
        run.id,
        run.dyno.as_ref().map(|dyno| &dyno.name),
        run.state_name(),
        run.stop
    )
}
