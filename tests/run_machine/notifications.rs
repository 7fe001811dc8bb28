//! When the end of a run is told by a notification.

use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::headline::headline;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::notifications::Notifications;
use serverless_on_heroku::domain::run::Call;
use serverless_on_heroku::domain::time::Time;

use crate::page::{DYNO, Page, RUN};

/// All effects of an end that comes after this long.
fn effects_of_an_end_after(page: &mut Page, seconds: u64) -> Vec<Effect> {
    page.pass(seconds);
    page.facts(&[Fact::Exited { status: Some(1), at: Time(12_000) }]);
    page.pass(60)
}

fn allow(page: &mut Page, allowed: bool) {
    assert_eq!(page.event(Event::NotificationsWanted(true)), [Effect::AskToNotify]);
    page.event(Event::NotificationsAllowed(allowed));
}

#[test]
fn the_end_of_a_long_run_is_told_to_who_asked_for_it() {
    let mut page = Page::streaming();
    allow(&mut page, true);
    assert!(effects_of_an_end_after(&mut page, 21).contains(&Effect::Notify(RUN)));
    assert_eq!(page.pass(60), []);
    assert_eq!(headline(page.run()), "✗ run.8361 exit 1");
}

#[test]
fn the_end_of_a_short_run_is_not_told() {
    let mut page = Page::streaming();
    allow(&mut page, true);
    assert!(!effects_of_an_end_after(&mut page, 19).contains(&Effect::Notify(RUN)));
}

#[test]
fn nothing_is_told_without_the_person_s_wish_and_the_browser_s_leave() {
    let changes: [fn(&mut Page); 4] = [
        |_| {},
        |page| allow(page, false),
        |page| {
            page.event(Event::NotificationsWanted(true));
        },
        |page| {
            page.event(Event::NotificationsWanted(true));
            page.event(Event::NotificationsWanted(false));
            page.event(Event::NotificationsAllowed(true));
        },
    ];
    for (change, after) in changes.into_iter().zip([
        Notifications::Off,
        Notifications::Denied,
        Notifications::Asked,
        Notifications::Off,
    ]) {
        let mut page = Page::streaming();
        change(&mut page);
        assert_eq!(page.state.notifications, after);
        assert!(!effects_of_an_end_after(&mut page, 21).contains(&Effect::Notify(RUN)));
    }
}

#[test]
fn the_headline_tells_the_run_and_its_state() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    assert_eq!(headline(page.run()), "● run 1 creating");
    page.answer(Call::CreateDyno, 201, DYNO);
    assert_eq!(headline(page.run()), "● run.8361 starting");
    page.facts(&[Fact::Up { at: Time(11_000) }]);
    assert_eq!(headline(page.run()), "● run.8361 up");
    page.facts(&[Fact::Exited { status: Some(0), at: Time(12_000) }]);
    assert_eq!(headline(page.run()), "✓ run.8361 exit 0");

    let mut page = Page::new();
    page.event(Event::Submitted);
    page.answer(Call::CreateDyno, 403, "{}");
    assert_eq!(headline(page.run()), "✗ run 1 failed");
}
