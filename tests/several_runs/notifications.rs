//! When the end of a run is told by a notification, and in which words.

use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::headline::headline;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::notifications::Notifications;
use serverless_on_heroku::domain::run::{Call, RunEvent};
use serverless_on_heroku::domain::time::Time;

use crate::page::{DYNO, Page, RUN};

/// Whether the end of a run is told that comes after this long.
fn tells_an_end_after(page: &mut Page, seconds: u64) -> bool {
    page.pass(seconds);
    page.end(1).contains(&Effect::Notify(RUN))
}

fn allow(page: &mut Page, allowed: bool) {
    assert_eq!(page.event(Event::NotificationsWanted(true)), [Effect::AskToNotify]);
    page.event(Event::NotificationsAllowed(allowed));
}

#[test]
fn the_end_of_a_long_run_is_told_once_to_who_asked_for_it() {
    let mut page = Page::with_dyno();
    allow(&mut page, true);
    assert!(tells_an_end_after(&mut page, 21));
    assert!(!page.pass(60).contains(&Effect::Notify(RUN)));
}

#[test]
fn the_end_of_a_short_run_is_not_told() {
    let mut page = Page::with_dyno();
    allow(&mut page, true);
    assert!(!tells_an_end_after(&mut page, 19));
}

#[test]
fn nothing_is_told_without_the_person_s_wish_and_the_browser_s_leave() {
    #[track_caller]
    fn check(change: fn(&mut Page), after: Notifications) {
        let mut page = Page::with_dyno();
        change(&mut page);
        assert_eq!(page.state.notifications, after);
        assert!(!tells_an_end_after(&mut page, 21));
    }
    check(|_| {}, Notifications::Off);
    check(|page| allow(page, false), Notifications::Denied);
    check(|page| drop(page.event(Event::NotificationsWanted(true))), Notifications::Asked);
    check(
        |page| {
            page.event(Event::NotificationsWanted(true));
            page.event(Event::NotificationsWanted(false));
            page.event(Event::NotificationsAllowed(true));
        },
        Notifications::Off,
    );
}

#[test]
fn the_headline_tells_the_run_and_its_state() {
    let mut page = Page::new();
    page.submit();
    assert_eq!(headline(page.run()), "● run 1 creating");
    page.answer(RUN, Call::CreateDyno, 201, DYNO);
    assert_eq!(headline(page.run()), "● run.8361 starting");
    page.facts(&[Fact::Up { at: Time(11_000) }]);
    assert_eq!(headline(page.run()), "● run.8361 up");
    page.end(0);
    assert_eq!(headline(page.run()), "✓ run.8361 exit 0");

    let mut page = Page::with_dyno();
    page.end(3);
    assert_eq!(headline(page.run()), "✗ run.8361 exit 3");

    let mut page = Page::with_dyno();
    page.run_event(RunEvent::StopClicked);
    assert_eq!(headline(page.run()), "● run.8361 stopping");
    page.answer(RUN, Call::StopDyno, 202, "{}");
    page.end(143);
    assert_eq!(headline(page.run()), "■ run.8361 stopped");

    let mut page = Page::new();
    page.submit();
    page.answer(RUN, Call::CreateDyno, 403, "{}");
    assert_eq!(headline(page.run()), "✗ run 1 failed");
}
