//! Heroku is asked no more than the account can spare (platform-api.md 1.5).

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, RunEvent};

use crate::page::{ASK_DYNO, ASK_LIMITS, CREATE, DYNO, NOTHING, Page, STOP, answer, exited, shown, up};

fn limits(page: &mut Page, remaining: u64) {
    let body = format!(r#"{{"remaining":{remaining}}}"#);
    assert_eq!(page.event(Event::RateLimitsAnswered(answer(200, &body))), []);
}

/// Lets the time pass while the function prints, and counts the questions about the limit.
fn talk(page: &mut Page, seconds: u64) -> usize {
    let mut questions = 0;
    for _ in 0..seconds / 10 {
        page.facts(&[Fact::Lines]);
        let effects = page.pass(10);
        questions += effects.iter().filter(|effect| *effect == ASK_LIMITS).count();
    }
    questions
}

#[test]
fn while_the_log_tells_nothing_is_asked_but_the_limit_once_a_minute() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    assert_eq!(talk(&mut page, 50), 0);
    assert_eq!(talk(&mut page, 10), 1);
    // No second question while the first is under way.
    assert_eq!(talk(&mut page, 120), 0);
    limits(&mut page, 4000);
    assert_eq!(talk(&mut page, 50), 0);
    assert_eq!(talk(&mut page, 10), 1);
    // An answer that says nothing is one.
    page.event(Event::RateLimitsAnswered(answer(503, "")));
    assert_eq!(talk(&mut page, 50), 0);
    assert_eq!(talk(&mut page, 10), 1);
    limits(&mut page, 4000);
    page.facts(&[exited(0)]);
    page.pass(1);
    assert_eq!(page.state.deadline(), None);
    assert_eq!(page.pass(300), NOTHING);
}

#[test]
fn short_runs_cause_no_question_about_the_limit() {
    let mut page = Page::streaming();
    page.facts(&[exited(0)]);
    page.pass(1);
    for _ in 0..3 {
        page.pass(3600);
        page.submit();
        let run = page.state.selected.expect("a run");
        page.event(Event::Run(run, RunEvent::Answered(Call::CreateDyno, answer(422, "{}"))));
        assert_eq!(page.pass(0), NOTHING);
    }
    page.submit();
    assert_eq!(page.pass(59), NOTHING);
    assert_eq!(page.pass(1), [ASK_LIMITS]);
}

#[test]
fn an_answer_that_nobody_waits_for_tells_the_limit_too() {
    let mut page = Page::streaming();
    let gone = page.state.selected.expect("a run");
    page.event(Event::Closed(gone));
    let told = Answer { status: 200, remaining_requests: Some(99), ..Answer::default() };
    page.event(Event::Run(gone, RunEvent::Answered(Call::StopDyno, Ok(told))));
    // What kind of app another name is of would be asked now.
    page.event(Event::Edited(Field::App, "another-app".to_owned()));
    assert_eq!(page.event(Event::FieldLeft(Field::App)), []);
}

#[test]
fn where_the_header_can_be_read_the_limit_is_not_asked_for() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.pass(30);
    let told = |remaining| {
        let answer = Answer {
            status: 200,
            body: DYNO.to_owned(),
            remaining_requests: Some(remaining),
            ..Answer::default()
        };
        RunEvent::Answered(Call::DynoInfo, Ok(answer))
    };
    page.run_event(told(100));
    assert_eq!(talk(&mut page, 600), 0);
    page.pass(30);
    page.run_event(told(99));
    // Without questions no answer tells that there are requests again.
    assert!(talk(&mut page, 60) > 0);
}

#[test]
fn with_few_requests_left_nothing_is_asked_without_a_click() {
    let mut page = Page::without_log();
    page.pass(60);
    limits(&mut page, 99);
    page.answer(Call::DynoInfo, 200, DYNO);
    page.type_key("HRKU-2");
    assert_eq!(shown(&page.event(Event::FieldLeft(Field::ApiKey))), NOTHING);
    for _ in 0..5 {
        assert_eq!(page.pass(10), NOTHING);
    }
    assert_eq!(page.pass(10), [ASK_LIMITS]);
    assert_eq!(page.run_event(RunEvent::StopClicked), [STOP]);
    page.type_key("HRKU-1");
    assert_eq!(page.submit(), [CREATE]);
    limits(&mut page, 100);
    assert_eq!(page.pass(0), [ASK_DYNO]);
}

#[test]
fn a_question_that_was_put_off_is_no_sign_of_sleep() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.pass(29);
    page.facts(&[Fact::Lines]);
    limits(&mut page, 99);
    for _ in 0..20 {
        page.pass(10);
    }
    limits(&mut page, 4000);
    assert_eq!(page.pass(0), [ASK_DYNO]);
    assert_eq!(page.state_name(), "up");
}
