//! The log of a run whose request for a dyno got no answer, where it was opened before: its lines are held back until a
//! person says which dyno is the run's.

use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::GapCause;
use serverless_on_heroku::domain::run::{Call, RunEvent};
use serverless_on_heroku::domain::tail::TailEvent;

use crate::page::{FIR, LIST, NOTHING, RUN, TAIL, answer};
use crate::reading::{DYNOS, Reading};

/// The tail that takes the place of one that was closed.
const NEXT: TailId = TailId(2);

#[test]
fn a_log_that_is_still_read_has_all_lines_once_its_dyno_is_named() {
    let mut reading = Reading::found();
    reading.prints(TAIL, "second");
    assert_eq!(reading.follow(), ["log 1 of run.1"]);
    reading.prints(TAIL, "third");
    assert_eq!(reading.log(), ("first\nsecond\nthird".to_owned(), vec![]));
}

#[test]
fn a_log_that_was_closed_goes_on_behind_a_mark() {
    let mut reading = Reading::found();
    assert_eq!(reading.breaks(), ["close 1/1", "log 1 ends"], "it is not opened again");
    assert_eq!(reading.follow(), ["log 1 from tail 2", "session 2/1", "log 1 of run.1"]);
    assert_eq!(reading.log(), ("first".to_owned(), vec![]));
    assert_eq!(reading.opens(NEXT), ["read 2/1 again without history"]);
    reading.prints(NEXT, "third");
    assert_eq!(reading.log(), ("first\nthird".to_owned(), vec![(1, GapCause::NoHistory)]));
}

#[test]
fn the_log_is_closed_when_no_dyno_is_offered_or_nobody_chooses_one() {
    let closes = ["log 1 ends", "close 1/1"];
    assert_eq!(Reading::unclear().answered(Call::ListDynos, "[]"), closes);

    let mut reading = Reading::unclear();
    assert_eq!(reading.answered(Call::ListDynos, ""), NOTHING, "it can be looked for again");
    let age = reading.page.state.config.timings.session_age;
    assert_eq!(reading.pass(age), closes);
    assert_eq!((reading.page.state.deadline(), reading.pass(age)), (None, vec![]));

    let mut reading = Reading::found();
    let closed = reading.event(Event::CloseClicked(RUN));
    assert_eq!(closed[..2], ["close 1/1", "log 1 forgotten"]);
}

#[test]
fn a_session_that_was_on_its_way_is_read_and_one_that_fails_is_not_asked_for_again() {
    let unclear_while_reopening = || {
        let mut reading = Reading::creating();
        assert_eq!(reading.breaks(), ["close 1/1", "session 1/2"]);
        assert_eq!(reading.answered(Call::CreateDyno, ""), [LIST]);
        reading.answered(Call::ListDynos, DYNOS);
        reading
    };
    let mut reading = unclear_while_reopening();
    assert_eq!(reading.opens(TAIL), ["read 1/2 again without history"]);
    assert_eq!(reading.follow(), ["log 1 of run.1"]);

    let mut reading = unclear_while_reopening();
    let failed = TailEvent::SessionAnswered(2, answer(503, ""));
    assert_eq!(reading.event(Event::Tail(TAIL, failed)), ["log 1 ends"]);
    assert_eq!(reading.page.state.deadline(), None);
}

#[test]
fn a_log_that_was_given_up_before_is_opened_again_when_a_dyno_is_followed() {
    let mut reading = Reading::creating();
    reading.breaks();
    assert_eq!(reading.event(Event::Tail(TAIL, TailEvent::SessionAnswered(2, answer(404, "{}")))), NOTHING);
    assert_eq!(reading.answered(Call::CreateDyno, ""), ["log 1 ends", LIST]);
    reading.answered(Call::ListDynos, DYNOS);
    assert_eq!(reading.follow(), ["log 1 from tail 2", "session 2/1", "log 1 of run.1"]);
    assert_eq!(reading.log().0, "first");
}

#[test]
fn an_open_log_keeps_its_place_while_the_run_is_unclear() {
    let mut reading = Reading::found();
    reading.others();
    let shares = |run| reading.page.state.run(RunId(run)).map(|run| run.shares_stream);
    assert_eq!([2, 3, 4].map(shares), [Some(false), Some(false), Some(true)]);
}

#[test]
fn a_log_that_goes_on_in_a_shared_stream_has_a_mark_where_it_joins() {
    let mut reading = Reading::found();
    reading.breaks();
    reading.others();
    reading.another(5, TailId(5));
    assert_eq!(reading.follow(), ["log 1 from tail 5", "log 1 of run.1"]);
    reading.prints(TailId(5), "third");
    assert_eq!(reading.log(), ("first\nthird".to_owned(), vec![(1, GapCause::NoHistory)]));
}

#[test]
fn a_log_that_finds_no_place_shows_what_it_held_back_and_goes_on_later() {
    let mut reading = Reading::found();
    reading.breaks();
    reading.others();
    reading.event(Event::Edited(Field::App, "other-app".to_owned()));
    reading.event(Event::Submitted);
    reading.event(Event::AppAnswered(1, answer(200, FIR)));
    assert_eq!(reading.follow(), ["log 1 of run.1"]);
    assert_eq!(reading.log(), ("first".to_owned(), vec![]));

    reading.event(Event::Closed(RunId(3)));
    let again = reading.event(Event::Run(RUN, RunEvent::OpenLogClicked));
    assert_eq!(again, ["log 1 from tail 6", "session 6/1", "log 1 of run.1"]);
    reading.opens(TailId(6));
    reading.prints(TailId(6), "third");
    assert_eq!(reading.log(), ("first\nthird".to_owned(), vec![(1, GapCause::NoHistory)]));
}
