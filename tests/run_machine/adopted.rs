//! Runs of before a reload, and what kind of app they are of.

use serverless_on_heroku::domain::adoption::Remembered;
use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::ids::AppName;
use serverless_on_heroku::domain::log::GapCause;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent};
use serverless_on_heroku::domain::time::Time;

use crate::page::{ASK_APP, CEDAR, FIR, LIST, NOTHING, Page, SESSION, TAIL, answer, shown, up};
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
fn a_dyno_whose_name_is_not_known_is_chosen_from_those_since_the_click() {
    // The launcher belongs to the command, which nobody remembers.
    for kind in [CEDAR, FIR] {
        let mut page = Page::new();
        let run = Remembered { dyno: String::new(), clicked: Time(100_000), ..remembered() };
        page.event(Event::Remembered(vec![run.clone()]));
        page.type_key("");
        assert_eq!(shown(&page.event(Event::AdoptClicked(run.clone(), false))), ["focus api_key"]);
        page.type_key("HRKU-1");
        assert_eq!(shown(&page.event(Event::AdoptClicked(run.clone(), false))), [ASK_APP, "focus run-1"]);
        assert_eq!((page.state.adoptions.len(), page.state.remembered()), (0, vec![run]));
        assert_eq!(page.app(200, kind), [LIST]);
        let dynos = r#"[
            {"name":"run.1","type":"run","command":"serverless","created_at":"1970-01-01T00:00:41Z"},
            {"name":"run.2","type":"run","command":"launcher x","created_at":"1970-01-01T00:01:41Z"},
            {"name":"run.3","type":"run","command":"serverless","created_at":"1970-01-01T00:00:40Z"},
            {"name":"web.1","type":"web","command":"serverless","created_at":"1970-01-01T00:01:41Z"}]"#;
        assert_eq!(page.answer(Call::ListDynos, 200, dynos), NOTHING);
        let found = &page.run().unclear.as_ref().expect("an unclear run").found;
        let names: Vec<&str> = found.iter().map(|dyno| dyno.name.as_str()).collect();
        assert_eq!(names, ["run.2", "run.1"]);
        assert_eq!(page.run_event(RunEvent::FollowClicked("run.1".to_owned())), LOG);
        assert_eq!((page.phase(), page.run().times.clicked), (Phase::Starting, Time(100_000)));
    }
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
