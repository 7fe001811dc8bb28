//! The run machine: every transition, and events that come late, twice or never.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod ends_without_platform_lines;
mod page;
mod unclear;

use std::time::Duration;

use proptest::prelude::*;
use serverless_on_heroku::domain::api::{Answer, Method};
use serverless_on_heroku::domain::app::{Effect, Event, State};
use serverless_on_heroku::domain::error::{ApiError, TransportError};
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::link::Address;
use serverless_on_heroku::domain::log::{Fact, Scope};
use serverless_on_heroku::domain::run::{self, Call, Phase, RunEvent, Stop};
use serverless_on_heroku::domain::secret::ApiKey;
use serverless_on_heroku::domain::time::Time;
use serverless_on_heroku::domain::variables::Direction;

use page::{DYNO, KEY, Page, RUN, SESSION, answer, called, code};

const CLOSED: [Effect; 1] = [Effect::Run(RUN, run::Effect::CloseStream)];

fn up() -> Fact {
    Fact::Up { at: Time(11_000) }
}

fn exited(status: i32) -> Fact {
    Fact::Exited { status: Some(status), at: Time(12_500) }
}

fn finished() -> Fact {
    Fact::Final { at: Time(12_600), crashed: false }
}

#[test]
fn a_run_from_the_click_to_its_end() {
    let mut page = Page::new();
    let effects = page.event(Event::Submitted);
    let [Effect::Run(RUN, run::Effect::Call { call: Call::CreateDyno, request, api_key })] =
        effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!((request.method, request.path.as_str()), (Method::Post, "/apps/my-app/dynos"));
    assert_eq!(
        request.body.as_deref(),
        Some(r#"{"command":"serverless","type":"run","env":{"NAME":"Daniela"}}"#)
    );
    assert_eq!(api_key.authorization(), "Bearer HRKU-1");
    assert_eq!(page.phase(), Phase::Creating);

    let effects = page.answer(Call::CreateDyno, 201, DYNO);
    assert_eq!(called(&effects), Call::CreateLogSession);
    assert_eq!(page.phase(), Phase::Starting);

    let effects = page.answer(Call::CreateLogSession, 201, SESSION);
    let scope = Scope { dyno: "run.8361".to_owned(), created_at: Some(Time(10_000)) };
    let url = "https://virginia.sessions.logs.heroku.com/stream?token=x".to_owned();
    let api_key = ApiKey::parse(KEY).expect("a key");
    assert_eq!(effects, [Effect::Run(RUN, run::Effect::OpenStream { url, scope, api_key })]);

    assert_eq!(page.run_event(RunEvent::StreamOpened), []);
    assert_eq!(page.facts(&[up(), Fact::Lines]), []);
    assert_eq!(page.phase(), Phase::Up);
    assert_eq!(page.facts(&[exited(0), finished(), Fact::Lines]), []);
    assert_eq!(page.run().exit_status, Some(0));
    assert_eq!(page.phase(), Phase::Up);
    assert!(!page.state.can_submit());

    assert_eq!(page.pass(1), CLOSED);
    assert_eq!(page.phase(), Phase::Ended);
    assert_eq!(page.run().times.running(), Some(Duration::from_millis(1_500)));
    assert_eq!(page.problem(), None);
    assert!(page.state.can_submit());
}

#[test]
fn a_second_run_starts_after_the_first() {
    let mut page = Page::streaming();
    assert_eq!(page.event(Event::Submitted), []);
    assert_eq!(page.state.runs.len(), 1);
    page.facts(&[exited(0)]);
    page.pass(1);
    page.event(Event::Submitted);
    assert_eq!(page.state.runs.len(), 2);
    assert_eq!(page.state.selected, Some(RunId(2)));
    page.event(Event::Selected(RUN));
    assert_eq!(page.state.selected, Some(RUN));
    page.event(Event::Selected(RunId(9)));
    assert_eq!(page.state.selected, Some(RUN));
}

#[test]
fn a_form_with_faults_sends_nothing_and_takes_the_focus() {
    let mut page = Page { state: State::default(), now: Time(0) };
    page.event(Event::ApiKeyShown(true));
    assert_eq!(page.event(Event::Submitted), [Effect::Focus("app".to_owned())]);
    assert!(page.state.runs.is_empty());
    assert!(!page.state.api_key_shown);
    assert_eq!(page.state.field_error(Field::ApiKey).map(|error| error.code.as_str()), Some("empty"));
    page.event(Event::Edited(Field::App, "my-app".to_owned()));
    assert_eq!(page.state.field_error(Field::App), None);
    assert_eq!(page.event(Event::Submitted), [Effect::Focus("api_key".to_owned())]);
    assert_eq!(page.state.form.app, "my-app");
}

#[test]
fn a_conflict_is_repeated_twice_and_nothing_else_is() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    let conflict = r#"{"id":"conflict","message":"Not ready."}"#;
    assert_eq!(called(&page.answer(Call::CreateDyno, 409, conflict)), Call::CreateDyno);
    assert_eq!(called(&page.answer(Call::CreateDyno, 409, conflict)), Call::CreateDyno);
    assert_eq!(page.answer(Call::CreateDyno, 409, conflict), []);
    assert_eq!((page.phase(), page.problem()), (Phase::Failed, Some("conflict")));

    for status in [400, 401, 404, 422, 429] {
        let mut page = Page::new();
        page.event(Event::Submitted);
        assert_eq!(page.answer(Call::CreateDyno, status, "{}"), [], "{status}");
        assert_eq!(page.phase(), Phase::Failed);
        assert_eq!(page.state.deadline(), None);
    }
}

#[test]
fn a_run_that_never_started_says_why_and_keeps_the_form() {
    #[track_caller]
    fn check(answer: Result<Answer, TransportError>, code: &str, field: Option<Field>) {
        let mut page = Page::new();
        page.event(Event::Submitted);
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
fn without_a_log_heroku_is_asked_until_the_dyno_is_gone() {
    let session_answers = [
        (201, "{}", "no_logplex_url"),
        (201, r#"{"logplex_url":"https://example.org/stream"}"#, "bad_logplex_url"),
        (503, "<html>", "not_json"),
    ];
    for (status, body, code) in session_answers {
        let mut page = Page::new();
        page.event(Event::Submitted);
        page.answer(Call::CreateDyno, 201, DYNO);
        assert_eq!(page.answer(Call::CreateLogSession, status, body), [], "{code}");
        assert_eq!((page.phase(), page.problem()), (Phase::Starting, Some(code)));
        assert!(page.run().can_stop());
        for pause in [1, 2, 4, 8, 10, 10] {
            assert_eq!(page.pass(pause - 1), [], "{pause}");
            assert_eq!(called(&page.pass(1)), Call::DynoInfo);
            assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), []);
        }
        page.pass(10);
        assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), CLOSED);
        assert_eq!((page.phase(), page.run().exit_status), (Phase::Ended, None));
    }
}

#[test]
fn a_dyno_that_was_never_seen_is_gone_after_a_while() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    page.answer(Call::CreateDyno, 201, DYNO);
    page.answer(Call::CreateLogSession, 503, "");
    for pause in [1, 2, 4, 8] {
        page.pass(pause);
        assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), []);
        assert_eq!(page.phase(), Phase::Starting);
    }
    page.pass(10);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), CLOSED);
    assert_eq!(page.phase(), Phase::Ended);
}

#[test]
fn a_stream_that_breaks_off_is_told_and_the_dyno_asked_for() {
    for (event, code) in [
        (RunEvent::StreamFailed(ApiError::Stream { status: 404 }), "stream_404"),
        (RunEvent::StreamEnded, "stream_ended"),
        (RunEvent::StreamBroke, "stream_broke"),
    ] {
        let mut page = Page::streaming();
        page.facts(&[up(), Fact::Lines]);
        assert_eq!(page.run_event(event), []);
        assert_eq!((page.phase(), page.problem()), (Phase::Up, Some(code)));
        assert_eq!(called(&page.pass(1)), Call::DynoInfo);
        assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), CLOSED);
        assert_eq!(page.phase(), Phase::Ended);
    }
}

#[test]
fn a_stream_that_ends_after_the_exit_ends_the_run() {
    let mut page = Page::streaming();
    page.facts(&[up(), exited(3), Fact::Lines]);
    assert_eq!(page.run_event(RunEvent::StreamEnded), CLOSED);
    assert_eq!((page.phase(), page.run().exit_status, page.problem()), (Phase::Ended, Some(3), None));
}

#[test]
fn stragglers_prolong_the_grace_up_to_a_bound() {
    let mut page = Page::streaming();
    page.facts(&[exited(0)]);
    for _ in 0..9 {
        page.now = page.now.after(Duration::from_millis(999));
        assert_eq!(page.event(Event::Ticked), []);
        page.facts(&[Fact::Lines]);
    }
    page.now = page.now.after(Duration::from_millis(999));
    page.facts(&[Fact::Lines]);
    assert_eq!(page.phase(), Phase::Starting);
    page.now = page.now.after(Duration::from_millis(10));
    assert_eq!(page.event(Event::Ticked), CLOSED);
}

#[test]
fn the_exit_line_may_come_after_the_final_state() {
    let mut page = Page::streaming();
    page.facts(&[up(), finished()]);
    assert_eq!(page.pass(4), []);
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
fn a_silent_dyno_is_asked_for_and_its_end_found_without_a_line() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    assert_eq!(page.pass(29), []);
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(29), []);
    assert_eq!(called(&page.pass(1)), Call::DynoInfo);
    assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), []);
    assert_eq!(called(&page.pass(30)), Call::DynoInfo);
    // An answer that says nothing changes nothing.
    assert_eq!(page.answer(Call::DynoInfo, 503, ""), []);
    assert_eq!(called(&page.pass(30)), Call::DynoInfo);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), []);
    assert_eq!(page.phase(), Phase::Up);
    assert_eq!(page.pass(5), CLOSED);
    assert_eq!((page.phase(), page.run().exit_status), (Phase::Ended, None));
}

#[test]
fn stop_works_from_the_dyno_to_its_end() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    assert_eq!(page.run_event(RunEvent::StopClicked), []);
    page.answer(Call::CreateDyno, 201, DYNO);
    let effects = page.run_event(RunEvent::StopClicked);
    let [Effect::Run(RUN, run::Effect::Call { call: Call::StopDyno, request, .. })] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!(request.path, "/apps/my-app/dynos/run.8361/actions/stop");
    assert_eq!((request.method, request.body.as_deref()), (Method::Post, None));
    // Once is enough.
    assert_eq!(page.run_event(RunEvent::StopClicked), []);
    page.answer(Call::StopDyno, 202, "{}");
    assert_eq!(page.run().stop, Stop::Accepted);
    page.answer(Call::CreateLogSession, 201, SESSION);
    page.run_event(RunEvent::StreamOpened);
    assert_eq!(page.phase(), Phase::Starting);
    page.facts(&[exited(143)]);
    assert!(!page.run().can_stop());
    assert_eq!(page.pass(1), CLOSED);
    assert_eq!(page.run().exit_status, Some(143));
    assert_eq!(page.run_event(RunEvent::StopClicked), []);
}

#[test]
fn a_stop_that_fails_is_told_and_can_be_repeated() {
    let mut page = Page::streaming();
    page.run_event(RunEvent::StopClicked);
    page.run_event(RunEvent::Answered(Call::StopDyno, Err(TransportError::Unreachable)));
    assert_eq!(code(&page.run().stop_problem), Some("unreachable"));
    assert_eq!(called(&page.run_event(RunEvent::StopClicked)), Call::StopDyno);
    assert_eq!(page.run().stop_problem, None);
    // Perhaps it ended by itself: Heroku is asked at once.
    page.facts(&[up()]);
    assert_eq!(page.answer(Call::StopDyno, 404, "{}"), []);
    assert_eq!(page.run().stop, Stop::Doubtful);
    assert_eq!(called(&page.pass(0)), Call::DynoInfo);
    // It did not, so it can be stopped.
    assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), []);
    assert!(page.run().can_stop());
    assert_eq!(code(&page.run().stop_problem), Some("stop_too_early"));
}

#[test]
fn a_dyno_that_cannot_be_asked_for_does_not_hold_the_page() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.run_event(RunEvent::StreamBroke);
    assert!(page.state.can_submit());
    assert_eq!(called(&page.pass(1)), Call::DynoInfo);
    assert_eq!(page.answer(Call::DynoInfo, 401, r#"{"id":"unauthorized","message":"x"}"#), []);
    assert_eq!(page.phase(), Phase::Up);
    let problem = |page: &Page| page.run().question_problem.as_ref().map(|notice| notice.code.clone());
    assert_eq!(problem(&page).as_deref(), Some("unauthorized"));
    page.pass(2);
    page.answer(Call::DynoInfo, 200, DYNO);
    assert_eq!(problem(&page), None);
    assert!(page.run().can_stop());
}

#[test]
fn a_run_that_ended_no_longer_tells_what_was_unclear() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.run_event(RunEvent::StreamBroke);
    page.pass(1);
    page.answer(Call::DynoInfo, 503, "");
    page.run_event(RunEvent::StopClicked);
    page.answer(Call::StopDyno, 503, "");
    assert!(page.run().question_problem.is_some() && page.run().stop_problem.is_some());
    page.pass(2);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), CLOSED);
    assert_eq!((&page.run().question_problem, &page.run().stop_problem), (&None, &None));
    // Lines are still missing.
    assert_eq!(page.problem(), Some("stream_broke"));
}

#[test]
fn a_refused_key_is_not_told_at_a_field_with_another_one() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    page.type_key("HRKU-2");
    page.answer(Call::CreateDyno, 401, r#"{"id":"unauthorized","message":"x"}"#);
    assert_eq!(page.problem(), Some("unauthorized"));
    assert_eq!(page.state.form_errors, []);
}

#[test]
fn the_key_is_masked_in_heroku_s_words_and_never_in_the_log_server_s_address() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    page.answer(Call::CreateDyno, 401, r#"{"id":"unauthorized","message":"No such key: HRKU-1."}"#);
    let words = page.run().problem.as_ref().and_then(|notice| notice.heroku_says.clone());
    assert_eq!(words.as_deref(), Some("No such key: ******."));

    let mut page = Page::new();
    page.event(Event::Submitted);
    page.answer(Call::CreateDyno, 201, DYNO);
    let session = r#"{"logplex_url":"https://logs.heroku.com/stream?token=HRKU-1"}"#;
    assert_eq!(page.answer(Call::CreateLogSession, 201, session), []);
    assert_eq!(page.problem(), Some("bad_logplex_url"));
}

#[test]
fn a_log_that_could_not_be_opened_can_be_tried_again() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    page.answer(Call::CreateDyno, 201, DYNO);
    assert!(!page.run().can_open_log());
    page.answer(Call::CreateLogSession, 503, "");
    assert!(page.run().can_open_log());
    assert_eq!(called(&page.run_event(RunEvent::OpenLogClicked)), Call::CreateLogSession);
    assert_eq!((page.problem(), page.run().can_open_log()), (None, false));
    assert_eq!(page.run_event(RunEvent::OpenLogClicked), []);
    page.answer(Call::CreateLogSession, 201, SESSION);
    page.run_event(RunEvent::StreamOpened);
    // What was read once would appear twice.
    page.run_event(RunEvent::StreamBroke);
    assert!(!page.run().can_open_log());
    assert_eq!(page.run_event(RunEvent::OpenLogClicked), []);
}

#[test]
fn lines_do_not_put_off_the_question_whether_there_is_a_dyno_to_stop() {
    let mut page = Page::streaming();
    page.run_event(RunEvent::StopClicked);
    page.answer(Call::StopDyno, 404, "{}");
    assert_eq!(called(&page.pass(0)), Call::DynoInfo);
    page.answer(Call::DynoInfo, 503, "");
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(1), []);
    page.facts(&[Fact::Lines]);
    assert_eq!(called(&page.pass(1)), Call::DynoInfo);
    page.answer(Call::DynoInfo, 200, DYNO);
    assert!(page.run().can_stop());
}

#[test]
fn a_click_uses_the_key_that_stands_in_the_form() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    page.answer(Call::CreateDyno, 201, DYNO);
    page.answer(Call::CreateLogSession, 401, "{}");
    let key_of = |effects: &[Effect]| match effects {
        [Effect::Run(RUN, run::Effect::Call { api_key, .. })] => api_key.authorization(),
        other => panic!("{other:?}"),
    };
    page.type_key("HRKU-2");
    assert_eq!(key_of(&page.run_event(RunEvent::OpenLogClicked)), "Bearer HRKU-2");
    // One that cannot be used changes nothing, and neither does one for another app.
    page.type_key("");
    assert_eq!(key_of(&page.run_event(RunEvent::StopClicked)), "Bearer HRKU-2");
    page.answer(Call::StopDyno, 503, "");
    page.type_key("HRKU-3");
    page.event(Event::Edited(Field::App, "other-app".to_owned()));
    assert_eq!(key_of(&page.run_event(RunEvent::StopClicked)), "Bearer HRKU-2");
}

#[test]
fn after_a_used_up_limit_the_next_question_waits() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.run_event(RunEvent::StreamBroke);
    page.pass(1);
    let limit = Answer { status: 429, body: String::new(), retry_after: Some(Duration::from_secs(20)) };
    page.run_event(RunEvent::Answered(Call::DynoInfo, Ok(limit)));
    assert_eq!(page.pass(19), []);
    assert_eq!(called(&page.pass(1)), Call::DynoInfo);
}

#[test]
fn links_and_rows_change_the_form_and_send_nothing() {
    let mut page = Page::new();
    let address = |fragment: &str| Address { fragment: fragment.to_owned(), ..Address::default() };
    assert_eq!(page.event(Event::Arrived(address("app=other-app&env.A=1&env.B=2"))), []);
    assert_eq!(page.state.form.app, "other-app");
    assert!(page.state.arrival.is_some());
    assert_eq!(page.event(Event::ArrivalRead), [Effect::Focus("app".to_owned())]);
    assert_eq!(page.state.arrival, None);
    let clean = Effect::ReplaceAddress(Address { had_key: true, ..address("NAME=x") });
    assert_eq!(page.event(Event::Arrived(address("token=secret&NAME=x"))), [clean]);

    let focus = |id: &str| [Effect::Focus(id.to_owned())];
    assert_eq!(page.event(Event::VariableAdded), focus("env_name_3"));
    let ids: Vec<_> = page.state.form.variables.iter().map(|row| row.id).collect();
    assert_eq!(page.event(Event::VariableMoved(ids[1], Direction::Up)), []);
    assert_eq!(page.event(Event::VariableRemoved(ids[0])), focus("env_name_2"));
    assert_eq!(page.event(Event::VariableRemoved(ids[2])), focus("env_name_1"));
    assert_eq!(page.event(Event::VariableRemoved(ids[1])), focus("add_variable"));
    assert!(page.state.runs.is_empty());
}

fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        Just(Call::CreateDyno),
        Just(Call::ListDynos),
        Just(Call::CreateLogSession),
        Just(Call::DynoInfo),
        Just(Call::StopDyno)
    ]
}

fn any_run_event() -> impl Strategy<Value = RunEvent> {
    let body = prop_oneof![
        Just(DYNO.to_owned()),
        Just(SESSION.to_owned()),
        Just(format!("[{DYNO}]")),
        Just("{}".to_owned()),
        Just("<html>".to_owned())
    ];
    let status = prop_oneof![Just(200_u16), Just(201), Just(404), Just(409), Just(503)];
    let answer = prop_oneof![
        4 => (status, body).prop_map(|(status, body)| answer(status, &body)),
        1 => Just(Err(TransportError::Unreachable)),
    ];
    let fact = prop_oneof![
        Just(Fact::Lines),
        Just(up()),
        Just(Fact::FirstOutput { at: Time(11_100) }),
        Just(exited(0)),
        Just(exited(1)),
        Just(Fact::Exited { status: None, at: Time(12_000) }),
        Just(finished()),
    ];
    prop_oneof![
        4 => (any_call(), answer).prop_map(|(call, answer)| RunEvent::Answered(call, answer)),
        1 => Just(RunEvent::StreamOpened),
        1 => Just(RunEvent::StreamFailed(ApiError::Stream { status: 404 })),
        3 => prop::collection::vec(fact, 0..3).prop_map(RunEvent::Facts),
        1 => Just(RunEvent::StreamEnded),
        1 => Just(RunEvent::StreamBroke),
        1 => Just(RunEvent::StopClicked),
        1 => Just(RunEvent::OpenLogClicked),
        1 => Just(RunEvent::SearchClicked),
        1 => Just(RunEvent::FollowClicked("run.8361".to_owned())),
        1 => Just(RunEvent::StopFoundClicked("run.8361".to_owned())),
        3 => Just(RunEvent::Ticked),
    ]
}

proptest! {
    #[test]
    fn an_event_of_another_run_changes_nothing(event in any_run_event()) {
        let mut page = Page::streaming();
        let before = page.state.clone();
        prop_assert_eq!(page.event(Event::Run(RunId(2), event)), []);
        prop_assert_eq!(page.state, before);
    }

    #[test]
    fn a_run_that_is_over_stays_as_it_is(event in any_run_event()) {
        let mut page = Page::streaming();
        page.facts(&[up(), exited(0)]);
        page.pass(1);
        let before = page.state.clone();
        prop_assert_eq!(page.run_event(event), []);
        prop_assert_eq!(page.state, before);
    }

    /// Whatever comes in whatever order: a dyno is asked for at most three times, phases only go forward, the
    /// stream is closed exactly when the run ends, and a live run waits for an answer or for a deadline.
    #[test]
    fn any_order_of_events_keeps_the_promises(events in prop::collection::vec((any_run_event(), 0_u64..40), 0..60)) {
        let mut page = Page::new();
        let mut posts = page.event(Event::Submitted).len();
        let mut unanswered = vec![Call::CreateDyno];
        let mut order = 0;
        for (event, seconds) in events {
            page.now = page.now.after(Duration::from_secs(seconds));
            let was_over = page.run().is_over();
            if let RunEvent::Answered(call, _) = &event {
                unanswered.retain(|it| it != call);
            }
            let effects = page.run_event(event);
            unanswered.extend(effects.iter().filter_map(|effect| match effect {
                Effect::Run(_, run::Effect::Call { call, .. }) => Some(*call),
                _ => None,
            }));
            posts += effects.iter().filter(|effect| {
                matches!(effect, Effect::Run(_, run::Effect::Call { call: Call::CreateDyno, .. }))
            }).count();
            let now = match page.phase() {
                Phase::Creating => 0,
                // A person may find out that there is a dyno.
                Phase::Failed if page.run().unclear.is_some() => 0,
                Phase::Starting => 1,
                Phase::Up => 2,
                Phase::Ended | Phase::Failed => 3,
            };
            prop_assert!(now >= order);
            order = now;
            let waits = !unanswered.is_empty() || page.state.deadline().is_some();
            prop_assert!(waits || page.run().is_over());
            let closes = effects.contains(&CLOSED[0]);
            prop_assert_eq!(closes, !was_over && page.phase() == Phase::Ended);
            prop_assert_eq!(page.run().dyno.is_some(), matches!(page.phase(), Phase::Starting | Phase::Up | Phase::Ended));
        }
        prop_assert!(posts <= 3);
    }
}
