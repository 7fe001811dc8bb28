//! From the click to the dyno: what kind of app it is, the request for a dyno, and why there may be none.

use std::time::Duration;

use serverless_on_heroku::domain::api::{Answer, Method};
use serverless_on_heroku::domain::app::{Effect, Event, LogEffect};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::log::{Fact, Scope, Selection};
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent};
use serverless_on_heroku::domain::secret::ApiKey;
use serverless_on_heroku::domain::tail;
use serverless_on_heroku::domain::time::Time;

use crate::page::{
    ASK_APP, CEDAR, CREATE, DYNO, FIR, KEY, NOTHING, Page, RUN, SESSION, TAIL, answer, exited, finished,
    shown, up,
};

#[test]
fn a_run_from_the_click_to_its_end() {
    let mut page = Page::new();
    assert_eq!(page.submit(), [ASK_APP]);
    assert_eq!(page.phase(), Phase::Creating);
    let effects = page.event(Event::AppAnswered(0, answer(200, CEDAR)));
    let [Effect::Call { run: RUN, call: Call::CreateDyno, request, api_key }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!((request.method, request.path.as_str()), (Method::Post, "/apps/my-app/dynos"));
    let body = r#"{"command":"serverless","type":"run","env":{"NAME":"Daniela"}}"#;
    assert_eq!(request.body.as_deref(), Some(body));
    assert_eq!(api_key.authorization(), "Bearer HRKU-1");

    let effects = page.event(Event::Run(RUN, RunEvent::Answered(Call::CreateDyno, answer(201, DYNO))));
    assert_eq!(shown(&effects), ["log 1 from tail 1", "session 1/1", "log 1 of run.8361"]);
    let api_key = ApiKey::parse(KEY).expect("a key");
    let begin =
        LogEffect::Begin { tail: TAIL, api_key, selection: Selection::All, is_read: false, is_late: false };
    assert_eq!(effects[0], Effect::Log(RUN, begin));
    let scope = Scope { dyno: "run.8361".to_owned(), created_at: Some(Time(10_000)) };
    assert_eq!(effects[2], Effect::Log(RUN, LogEffect::Name(scope)));
    let Effect::Tail(TAIL, tail::Effect::CreateSession { request, api_key, .. }) = &effects[1] else {
        panic!("{effects:?}");
    };
    assert_eq!((request.method, request.path.as_str()), (Method::Post, "/apps/my-app/log-sessions"));
    assert_eq!(request.body.as_deref(), Some(r#"{"dyno":"run.8361","tail":true,"lines":1500}"#));
    assert_eq!(api_key.authorization(), "Bearer HRKU-1");
    assert_eq!(page.phase(), Phase::Starting);

    assert_eq!(page.session(201, SESSION), ["open 1/1"]);
    assert_eq!(page.opened(), ["read 1/1 again"]);
    assert_eq!(page.facts(&[up(), Fact::Lines]), NOTHING);
    assert_eq!(page.phase(), Phase::Up);
    assert_eq!(page.facts(&[exited(0), finished(), Fact::Lines]), NOTHING);
    assert_eq!((page.phase(), page.run().exit_status), (Phase::Up, Some(0)));

    assert_eq!(page.pass(1), ["log 1 ends", "close 1/1"]);
    assert_eq!(page.phase(), Phase::Ended);
    assert_eq!(page.run().times.running(), Some(Duration::from_millis(1_500)));
    assert_eq!(page.problem(), None);
    assert_eq!(page.state.deadline(), None);
}

#[test]
fn one_dyno_is_asked_for_at_a_time() {
    let mut page = Page::new();
    page.submit();
    assert!(!page.state.can_submit());
    assert_eq!(page.submit(), NOTHING);
    page.app(200, CEDAR);
    assert_eq!(page.submit(), NOTHING);
    assert_eq!(page.state.runs.len(), 1);
    page.answer(Call::CreateDyno, 201, DYNO);
    assert_eq!(page.submit(), [CREATE]);
    assert_eq!(page.state.selected, Some(RunId(2)));
}

#[test]
fn an_app_is_asked_about_once_for_each_key() {
    let mut page = Page::creating();
    page.answer(Call::CreateDyno, 401, "{}");
    assert_eq!(page.submit(), [CREATE]);
    page.event(Event::Run(RunId(2), RunEvent::Answered(Call::CreateDyno, answer(401, "{}"))));
    page.type_key("HRKU-2");
    assert_eq!(page.submit(), [ASK_APP]);
    page.app(200, CEDAR);
    page.event(Event::Run(RunId(3), RunEvent::Answered(Call::CreateDyno, answer(401, "{}"))));
    page.type_key(KEY);
    assert_eq!(page.submit(), [CREATE]);
}

#[test]
fn an_app_is_asked_about_when_both_fields_are_valid_and_left() {
    let mut page = Page::empty();
    let leave = |page: &mut Page, field| shown(&page.event(Event::FieldLeft(field)));
    assert_eq!(leave(&mut page, Field::App), NOTHING);
    page.event(Event::Edited(Field::App, "my-app".to_owned()));
    assert_eq!(leave(&mut page, Field::App), NOTHING);
    page.type_key("two keys");
    assert_eq!(leave(&mut page, Field::ApiKey), NOTHING);
    page.type_key(KEY);
    assert_eq!(leave(&mut page, Field::Command), NOTHING);
    assert_eq!(leave(&mut page, Field::ApiKey), [ASK_APP]);
    assert_eq!(leave(&mut page, Field::App), NOTHING);
    // A run that is started meanwhile waits for the same answer.
    assert_eq!(page.submit(), NOTHING);
    assert_eq!(page.app(200, CEDAR), [CREATE]);
    assert_eq!(leave(&mut page, Field::App), NOTHING);
}

#[test]
fn a_run_begins_whatever_the_answer_about_the_app_is() {
    for (status, body, is_asked_again) in
        [(404, "{}", false), (401, "{}", false), (200, "[]", false), (503, "<html>", true), (429, "", true)]
    {
        let mut page = Page::new();
        page.submit();
        assert_eq!(page.app(status, body), [CREATE], "{status}");
        page.answer(Call::CreateDyno, 422, "{}");
        assert_eq!(page.submit(), [if is_asked_again { ASK_APP } else { CREATE }], "{status}");
    }
    let mut page = Page::new();
    page.submit();
    let lost = Event::AppAnswered(0, Err(TransportError::Unreachable));
    assert_eq!(shown(&page.event(lost.clone())), [CREATE]);
    // The same answer twice, and one that nobody asked for.
    assert_eq!(page.event(lost), []);
    assert_eq!(page.event(Event::AppAnswered(9, answer(200, FIR))), []);
}

/// A page whose run of a Fir app waits for its log.
fn fir() -> Page {
    let mut page = Page::new();
    page.submit();
    let effects = page.event(Event::AppAnswered(0, answer(200, FIR)));
    let [begin, Effect::Tail(TAIL, tail::Effect::CreateSession { request, .. })] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let api_key = ApiKey::parse(KEY).expect("a key");
    let selection = Selection::OwnLines;
    assert_eq!(
        *begin,
        Effect::Log(RUN, LogEffect::Begin { tail: TAIL, api_key, selection, is_read: false, is_late: false })
    );
    assert_eq!(request.body.as_deref(), Some(r#"{"type":"run","tail":true}"#));
    page
}

#[test]
fn on_fir_the_log_is_open_before_the_dyno_is_asked_for() {
    let mut page = fir();
    assert_eq!(page.session(201, SESSION), ["open 1/1"]);
    assert_eq!(page.phase(), Phase::Creating);
    let effects = page.event(Event::Tail(TAIL, tail::TailEvent::Opened(1)));
    assert_eq!(shown(&effects), ["read 1/1 again without history", CREATE]);
    let Effect::Call { request, .. } = &effects[1] else { panic!("{effects:?}") };
    let body = r#"{"command":"launcher serverless","type":"run","env":{"NAME":"Daniela"}}"#;
    assert_eq!(request.body.as_deref(), Some(body));
    assert_eq!(page.run().command, "serverless");
    assert_eq!(page.answer(Call::CreateDyno, 201, DYNO), ["log 1 of run.8361"]);
    assert_eq!(page.phase(), Phase::Starting);
}

#[test]
fn the_launcher_follows_the_stack_and_the_order_the_generation() {
    for (body, command, opens_first) in [
        (r#"{"generation":{"name":"cedar"},"stack":{"name":"cnb"}}"#, "launcher serverless", false),
        (r#"{"generation":{"name":"fir"},"stack":{"name":"heroku-24"}}"#, "serverless", true),
    ] {
        let mut page = Page::new();
        page.submit();
        let mut effects = page.event(Event::AppAnswered(0, answer(200, body)));
        if opens_first {
            page.session(201, SESSION);
            effects = page.event(Event::Tail(TAIL, tail::TailEvent::Opened(1)));
        }
        let Some(Effect::Call { request, .. }) = effects.last() else { panic!("{effects:?}") };
        let expected = format!(r#"{{"command":"{command}","type":"run","env":{{"NAME":"Daniela"}}}}"#);
        assert_eq!(request.body, Some(expected));
    }
}

#[test]
fn without_a_log_nothing_is_started_on_fir() {
    let mut page = fir();
    assert_eq!(page.session(404, r#"{"id":"not_found"}"#), ["log 1 ends"]);
    assert_eq!((page.phase(), page.problem()), (Phase::Failed, Some("not_found")));
    assert_eq!(page.run().unclear, None);
    assert!(page.state.can_submit());
}

#[test]
fn a_log_that_breaks_while_the_dyno_is_asked_for_does_not_ask_for_another_dyno() {
    let mut page = fir();
    page.session(201, SESSION);
    page.opened();
    assert_eq!(page.broke(), ["close 1/1", "session 1/2"]);
    assert_eq!(page.session(201, SESSION), ["open 1/2"]);
    assert_eq!(page.opened(), ["read 1/2 again without history"]);
    assert_eq!(page.answer(Call::CreateDyno, 201, DYNO), ["log 1 of run.8361"]);
}

#[test]
fn a_log_that_is_lost_while_the_dyno_is_asked_for_is_told() {
    let mut page = fir();
    page.session(201, SESSION);
    page.opened();
    page.broke();
    assert_eq!(page.session(404, r#"{"id":"not_found"}"#), NOTHING);
    assert_eq!(page.phase(), Phase::Creating);
    page.answer(Call::CreateDyno, 201, DYNO);
    assert_eq!((page.phase(), page.problem()), (Phase::Starting, Some("not_found")));
    assert!(page.run().can_open_log() && page.run().can_stop());
}

#[test]
fn a_fir_run_without_a_dyno_closes_its_log() {
    let mut page = fir();
    page.session(201, SESSION);
    page.opened();
    assert_eq!(page.answer(Call::CreateDyno, 422, "{}"), ["log 1 ends", "close 1/1"]);
    assert_eq!(page.phase(), Phase::Failed);
}

#[test]
fn a_conflict_is_repeated_twice_and_nothing_else_is() {
    let mut page = Page::creating();
    let conflict = r#"{"id":"conflict","message":"Not ready."}"#;
    assert_eq!(page.answer(Call::CreateDyno, 409, conflict), [CREATE]);
    assert_eq!(page.answer(Call::CreateDyno, 409, conflict), [CREATE]);
    assert_eq!(page.answer(Call::CreateDyno, 409, conflict), NOTHING);
    assert_eq!((page.phase(), page.problem()), (Phase::Failed, Some("conflict")));

    for status in [400, 401, 404, 422, 429] {
        let mut page = Page::creating();
        assert_eq!(page.answer(Call::CreateDyno, status, "{}"), NOTHING, "{status}");
        assert_eq!(page.phase(), Phase::Failed);
        assert_eq!(page.state.deadline(), None);
    }
}

#[test]
fn a_run_that_never_started_says_why_and_keeps_the_form() {
    #[track_caller]
    fn check(answer: Result<Answer, TransportError>, code: &str, field: Option<Field>) {
        let mut page = Page::creating();
        page.run_event(RunEvent::Answered(Call::CreateDyno, answer));
        assert_eq!((page.phase(), page.problem()), (Phase::Failed, Some(code)));
        assert_eq!(page.state.form_errors.first().map(|error| error.field), field);
        assert_eq!(page.state.form.name, "Daniela");
        assert!(page.state.can_submit());
    }
    check(answer(401, r#"{"id":"unauthorized","message":"x"}"#), "unauthorized", Some(Field::ApiKey));
    check(answer(404, r#"{"id":"not_found","message":"x"}"#), "not_found", Some(Field::App));
    check(answer(422, r#"{"id":"invalid_params","message":"x"}"#), "invalid_params", None);
    check(answer(201, "<html>"), "not_json", None);
    check(answer(201, "{}"), "wrong_shape", None);
    check(Err(TransportError::Offline), "offline", None);
    check(Err(TransportError::BlockedByPolicy), "blocked_by_policy", None);
    check(Err(TransportError::Unreachable), "unreachable", None);
}

#[test]
fn a_refused_key_is_not_told_at_a_field_with_another_one() {
    let mut page = Page::creating();
    page.type_key("HRKU-2");
    page.answer(Call::CreateDyno, 401, r#"{"id":"unauthorized","message":"x"}"#);
    assert_eq!(page.problem(), Some("unauthorized"));
    assert_eq!(page.state.form_errors, []);
}

#[test]
fn the_key_is_masked_in_heroku_s_words_and_never_in_the_log_server_s_address() {
    let mut page = Page::creating();
    page.answer(Call::CreateDyno, 401, r#"{"id":"unauthorized","message":"No such key: HRKU-1."}"#);
    let words = page.run().problem.as_ref().and_then(|notice| notice.heroku_says.clone());
    assert_eq!(words.as_deref(), Some("No such key: ******."));

    let mut page = Page::starting();
    let session = r#"{"logplex_url":"https://logs.heroku.com/stream?token=HRKU-1"}"#;
    assert_eq!(page.session(201, session), NOTHING);
    assert_eq!(page.problem(), Some("bad_logplex_url"));
}
