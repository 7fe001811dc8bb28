//! What the simulation found.

use std::time::Duration;

use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, End, RunEvent};
use serverless_on_heroku::domain::time::Time;

use crate::page::{DYNO, Page, SESSION};

fn exited(status: i32, at: u64) -> Fact {
    Fact::Exited { status: Some(status), at: Time(at) }
}

fn end_after(page: &mut Page, exit: Fact) -> Option<End> {
    page.facts(&[exit]);
    page.now = page.now.after(Duration::from_secs(1));
    page.event(Event::Ticked);
    page.run().end_reason()
}

#[test]
fn a_stop_whose_answer_was_lost_may_be_what_ended_the_run() {
    let lost = || {
        let mut page = Page::streaming();
        page.run_event(RunEvent::StopClicked);
        page.run_event(RunEvent::Answered(Call::StopDyno, Err(TransportError::Unreachable)));
        page
    };
    assert_eq!(end_after(&mut lost(), exited(143, 12_500)), Some(End::Stopped));
    assert_eq!(end_after(&mut lost(), exited(0, 12_500)), Some(End::Exited(0)));

    // Heroku has refused it.
    let mut page = Page::streaming();
    page.run_event(RunEvent::StopClicked);
    page.answer(Call::StopDyno, 401, "{}");
    assert_eq!(end_after(&mut page, exited(143, 12_500)), Some(End::Exited(143)));
}

#[test]
fn a_dyno_s_creation_may_be_a_second_later_than_it_is_told() {
    let limited = || {
        let mut page = Page::new();
        page.event(Event::Edited(Field::TimeLimit, "60 s".to_owned()));
        page.submit();
        page.app(200, "{}");
        page.answer(Call::CreateDyno, 201, DYNO);
        page.session(201, SESSION);
        page.opened();
        page
    };
    // Created between 10 and 11 s.
    assert_eq!(end_after(&mut limited(), exited(0, 70_900)), Some(End::Exited(0)));
    assert_eq!(end_after(&mut limited(), exited(0, 71_000)), Some(End::TimeLimit));
}
