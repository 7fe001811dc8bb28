//! How runs end, and what they say about it.

use std::time::Duration;

use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, End, Phase, RunEvent};
use serverless_on_heroku::domain::time::Time;

use crate::page::{CEDAR, DYNO, NOTHING, Page, SESSION, exited, finished, up};

const CLOSED: [&str; 2] = ["log 1 ends", "close 1/1"];

#[track_caller]
fn check_end(page: &Page, end: End, name: &str, words: &str) {
    assert_eq!(page.run().end_reason(), Some(end));
    assert_eq!(end.name(), name);
    let sentence = page.run().end_in_words().expect("a sentence");
    assert!(sentence.contains(words), "{sentence}");
    let state = if end == End::Failed { "failed" } else { "ended" };
    assert_eq!(page.state_name(), state);
    assert!(page.run().times.ended.is_some());
}

#[test]
fn a_function_that_ends_by_itself_has_exited() {
    for (status, words) in [
        (0, "by itself, without an error"),
        (1, "by itself, with an error"),
        (127, "not found"),
        (137, "A signal"),
    ] {
        let mut page = Page::streaming();
        page.facts(&[up()]);
        assert_eq!((page.run().end_reason(), page.run().end_in_words()), (None, None));
        page.facts(&[exited(status)]);
        assert_eq!(page.pass(1), CLOSED);
        check_end(&page, End::Exited(status), "exited", words);
    }
}

#[test]
fn what_the_end_of_the_log_brings_up_is_told() {
    let mut page = Page::streaming();
    page.facts(&[up(), finished()]);
    assert_eq!(page.pass(10), CLOSED);
    check_end(&page, End::Unknown, "unknown", "no line with the exit status");
    // The last line of a stream that broke off is one when no other stream follows.
    page.facts(&[exited(3)]);
    check_end(&page, End::Exited(3), "exited", "with an error");
    assert_eq!(page.pass(300), NOTHING);
}

#[test]
fn a_run_was_stopped_if_the_end_came_of_stop() {
    for (accepted, status, end, name) in [
        (true, Some(143), End::Stopped, "stopped"),
        // A function may catch the signal.
        (true, Some(0), End::Stopped, "stopped"),
        (true, None, End::Stopped, "stopped"),
        (false, Some(137), End::Stopped, "stopped"),
        (false, Some(0), End::Exited(0), "exited"),
        (false, None, End::Unknown, "unknown"),
    ] {
        let mut page = Page::streaming();
        page.facts(&[up()]);
        page.run_event(RunEvent::StopClicked);
        if accepted {
            page.answer(Call::StopDyno, 202, "{}");
        }
        page.facts(&[Fact::Exited { status, at: Time(12_000) }]);
        page.pass(5);
        check_end(&page, end, name, "");
    }
}

#[test]
fn a_time_limit_is_told_only_when_nothing_else_can_have_ended_the_run() {
    struct Row {
        limit: &'static str,
        stop: bool,
        status: i32,
        /// Seconds by the server's clock.
        ended: u64,
        end: End,
    }
    let row = |limit, stop, status, ended, end| Row { limit, stop, status, ended, end };
    // The dyno is created at 10 s.
    for Row { limit, stop, status, ended, end } in [
        row("60 s", false, 143, 70, End::TimeLimit),
        row("60 s", false, 137, 100, End::TimeLimit),
        row("60 s", false, 143, 65, End::TimeLimit),
        row("60 s", false, 143, 64, End::Exited(143)),
        row("60 s", true, 143, 70, End::Stopped),
        row("", false, 143, 70, End::Exited(143)),
        // It ended by itself, shortly before the limit.
        row("60 s", false, 0, 69, End::Exited(0)),
        row("60 s", false, 1, 66, End::Exited(1)),
        // The signal was caught.
        row("60 s", false, 0, 71, End::TimeLimit),
    ] {
        let mut page = Page::new();
        page.event(Event::Edited(Field::TimeLimit, limit.to_owned()));
        page.submit();
        page.app(200, CEDAR);
        page.answer(Call::CreateDyno, 201, DYNO);
        page.session(201, SESSION);
        page.opened();
        page.facts(&[up()]);
        if stop {
            page.run_event(RunEvent::StopClicked);
            page.answer(Call::StopDyno, 202, "{}");
        }
        page.facts(&[Fact::Exited { status: Some(status), at: Time(ended * 1000) }]);
        page.pass(1);
        assert_eq!(page.run().end_reason(), Some(end), "{limit} {stop} {status} {ended}");
    }
}

#[test]
fn a_dyno_that_the_platform_calls_crashed_has_crashed() {
    let mut page = Page::streaming();
    page.facts(&[up(), Fact::Final { at: Time(12_000), crashed: true }]);
    page.pass(5);
    check_end(&page, End::Crashed, "crashed", "crashed");

    let mut page = Page::streaming();
    page.facts(&[up(), exited(1), Fact::Final { at: Time(12_000), crashed: true }]);
    page.pass(1);
    check_end(&page, End::Crashed, "crashed", "crashed");
    assert_eq!(page.run().exit_status, Some(1));
}

#[test]
fn without_an_exit_line_the_end_is_unknown_and_says_why() {
    let mut page = Page::streaming();
    page.facts(&[finished()]);
    page.pass(5);
    check_end(&page, End::Unknown, "unknown", "the log has no line with the exit status");

    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.broke();
    page.session(404, "{}");
    page.pass(1);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), ["log 1 ends"]);
    check_end(&page, End::Unknown, "unknown", "the log was lost");
}

#[test]
fn a_run_without_a_dyno_has_failed() {
    let mut page = Page::creating();
    page.answer(Call::CreateDyno, 422, "{}");
    check_end(&page, End::Failed, "failed", "never started");

    let mut page = Page::creating();
    page.answer(Call::CreateDyno, 503, "");
    check_end(&page, End::Failed, "failed", "not clear");
}

#[test]
fn stragglers_prolong_the_grace_up_to_a_bound() {
    let mut page = Page::streaming();
    page.facts(&[exited(0)]);
    for _ in 0..9 {
        assert_eq!(page.pass_milliseconds(999), NOTHING);
        page.facts(&[Fact::Lines]);
    }
    page.now = page.now.after(Duration::from_millis(999));
    page.facts(&[Fact::Lines]);
    assert_eq!(page.phase(), Phase::Starting);
    assert_eq!(page.pass_milliseconds(10), CLOSED);
}

#[test]
fn the_exit_line_may_come_after_the_final_state() {
    let mut page = Page::streaming();
    page.facts(&[up(), finished()]);
    assert_eq!(page.pass(4), NOTHING);
    page.facts(&[exited(143)]);
    assert_eq!(page.pass(1), CLOSED);
    assert_eq!(page.run().exit_status, Some(143));
    assert_eq!(page.run().times.running(), Some(Duration::from_millis(1_500)));

    let mut page = Page::streaming();
    page.facts(&[finished()]);
    assert_eq!(page.pass(5), CLOSED);
    assert_eq!((page.phase(), page.run().exit_status), (Phase::Ended, None));
}

#[test]
fn the_first_line_of_output_means_up() {
    let mut page = Page::streaming();
    page.facts(&[Fact::FirstOutput { at: Time(11_000) }]);
    assert_eq!(page.phase(), Phase::Up);
}

#[test]
fn a_stream_that_ends_after_the_exit_ends_the_run_without_another_session() {
    let mut page = Page::streaming();
    page.facts(&[up(), exited(3), Fact::Lines]);
    assert_eq!(page.ended(), ["close 1/1", "log 1 ends"]);
    assert_eq!((page.phase(), page.run().exit_status, page.problem()), (Phase::Ended, Some(3), None));
}

#[test]
fn an_end_waits_for_what_the_next_stream_brings() {
    let mut page = Page::streaming();
    page.facts(&[up(), exited(0), Fact::Lines]);
    assert_eq!(page.broke(), ["close 1/1", "session 1/2"]);
    // That the dyno is gone need not be asked.
    assert_eq!(page.pass(4), NOTHING);
    page.reopen();
    // Its history begins to come within the grace.
    page.pass_milliseconds(999);
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass_milliseconds(999), NOTHING);
    assert_eq!(page.pass_milliseconds(1), ["log 1 ends", "close 1/2"]);
    assert_eq!(page.problem(), None);
}

#[test]
fn an_end_does_not_wait_longer_than_the_longest_grace() {
    let mut page = Page::streaming();
    page.facts(&[up(), exited(0)]);
    page.broke();
    page.pass_milliseconds(9_999);
    assert_eq!(page.phase(), Phase::Up);
    assert_eq!(page.pass_milliseconds(1), ["log 1 ends"]);
    assert_eq!((page.phase(), page.run().exit_status), (Phase::Ended, Some(0)));
}

#[test]
fn an_end_does_not_wait_for_a_log_that_does_not_come() {
    let mut page = Page::streaming();
    page.facts(&[up(), exited(0)]);
    page.broke();
    assert_eq!(page.session(404, "{}"), ["log 1 ends"]);
    assert_eq!((page.phase(), page.problem()), (Phase::Ended, None));
}

#[test]
fn a_dyno_that_ends_while_its_log_is_opened_again_is_found_gone() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.broke();
    page.pass(1);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), NOTHING);
    assert_eq!(page.phase(), Phase::Up);
    // The history tells the rest.
    page.reopen();
    page.facts(&[Fact::Lines, exited(7)]);
    assert_eq!(page.pass(1), ["log 1 ends", "close 1/2"]);
    check_end(&page, End::Exited(7), "exited", "");
}
