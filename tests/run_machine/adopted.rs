//! Runs of before a reload, and what kind of app they are of.

use serverless_on_heroku::domain::adoption::Remembered;
use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::ids::AppName;
use serverless_on_heroku::domain::log::GapCause;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent};
use serverless_on_heroku::domain::time::Time;

use crate::page::{ASK_APP, CEDAR, FIR, NOTHING, Page, SESSION, TAIL, answer, shown, up};
use crate::reading::Reading;

const DYNO: &str = r#"{"name":"run.1","created_at":"1970-01-01T00:00:10Z"}"#;
const ASK_DYNO: &str = "GET /apps/my-app/dynos/run.1";
const STOP: &str = "POST /apps/my-app/dynos/run.1/actions/stop";
const LOG: [&str; 3] = ["log 1 from tail 1", "session 1/1", "log 1 of run.1"];

fn remembered() -> Remembered {
    let app = AppName::parse("my-app").expect("a name");
    Remembered { app, dyno: "run.1".to_owned(), clicked: Time(9_500) }
}

/// The dyno was found, to be stopped if the flag is set.
fn found(page: &mut Page, stop: bool) -> Vec<String> {
    page.event(Event::Remembered(vec![remembered()]));
    assert_eq!(shown(&page.event(Event::AdoptClicked(remembered(), stop))), [ASK_DYNO]);
    let mut effects = shown(&page.event(Event::DynoAnswered(remembered(), answer(200, DYNO))));
    effects.retain(|effect| !effect.starts_with("focus "));
    effects
}

#[test]
fn the_app_is_asked_about_before_the_log_is_opened() {
    for (status, body) in [(200, CEDAR), (404, "{}"), (503, "")] {
        let mut page = Page::new();
        assert_eq!(found(&mut page, false), [ASK_APP]);
        assert_eq!((page.phase(), page.state.remembered()), (Phase::Starting, vec![remembered()]));
        assert!(page.state.can_submit());
        assert_eq!(page.app(status, body), LOG);
        assert_eq!(page.app(status, body), NOTHING);
        assert_eq!(page.session(201, SESSION), ["open 1/1"]);
        assert_eq!(page.opened(), ["read 1/1 again"]);
        page.facts(&[up()]);
        assert_eq!(page.phase(), Phase::Up);
    }
}

#[test]
fn an_app_that_is_known_is_not_asked_about() {
    let mut page = Page::creating();
    page.answer(Call::CreateDyno, 422, "{}");
    let effects = found(&mut page, false);
    assert_eq!(effects, ["log 2 from tail 1", "session 1/1", "log 2 of run.1"]);
}

#[test]
fn a_dyno_is_stopped_whatever_is_known_of_its_app() {
    let mut page = Page::new();
    assert_eq!(found(&mut page, true), [ASK_APP, STOP]);
    // Another key is for later: the question about the app was asked with this one.
    page.type_key("HRKU-2");
    page.run_event(RunEvent::StopClicked);
    assert_eq!(page.app(200, CEDAR), LOG);
}

#[test]
fn on_fir_a_mark_tells_that_lines_came_before() {
    let mut reading = Reading::new();
    found(&mut reading.page, false);
    assert_eq!(reading.event(Event::AppAnswered(0, answer(200, FIR))), LOG);
    assert_eq!(reading.opens(TAIL), ["read 1/1 again without history"]);
    reading.prints(TAIL, "second");
    assert_eq!(reading.log(), ("second".to_owned(), vec![(0, GapCause::NoHistory)]));
    assert_eq!(reading.breaks(), ["close 1/1", "session 1/2"]);
    assert_eq!(reading.opens(TAIL), ["read 1/2 again without history"]);
    reading.prints(TAIL, "third");
    let marks = vec![(0, GapCause::NoHistory), (1, GapCause::NoHistory)];
    assert_eq!(reading.log(), ("second\nthird".to_owned(), marks));
}
