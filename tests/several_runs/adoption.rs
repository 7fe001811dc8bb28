//! Runs that were alive before the page was loaded again.

use serverless_on_heroku::domain::adoption::{Remembered, Search};
use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::AppName;
use serverless_on_heroku::domain::run::{Call, RunEvent};
use serverless_on_heroku::domain::time::Time;

use crate::page::{DYNO, Page, RUN, answer, calls, focus};

fn remembered() -> Remembered {
    let app = AppName::parse("my-app").expect("a name");
    Remembered { app, dyno: "run.8361".to_owned(), clicked: Time(9_500) }
}

/// As it is remembered before an answer has named its dyno.
fn nameless() -> Remembered {
    Remembered { dyno: String::new(), clicked: Time(10_000), ..remembered() }
}

/// The page after it was loaded again.
fn offering() -> Page {
    let mut page = Page::new();
    page.event(Event::Remembered(vec![remembered()]));
    page
}

fn search(page: &Page) -> &Search {
    &page.state.adoptions[0].search
}

#[test]
fn runs_are_remembered_from_the_request_for_a_dyno_on() {
    let mut page = Page::new();
    let effects = page.event(Event::Submitted);
    let Some(Effect::AskAboutApp { question, .. }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(page.state.remembered(), []);
    page.event(Event::AppAnswered(*question, answer(404, "{}")));
    assert_eq!(page.state.remembered(), [nameless()]);
    page.answer(RUN, Call::CreateDyno, 201, DYNO);
    assert_eq!(page.state.remembered(), [Remembered { clicked: Time(10_000), ..remembered() }]);
    page.end(0);
    assert_eq!(page.state.remembered(), []);
}

#[test]
fn a_run_whose_start_is_unclear_is_remembered_while_it_may_have_a_dyno() {
    let mut page = Page::new();
    page.submit();
    page.run_event(RunEvent::Answered(Call::CreateDyno, Err(TransportError::Unreachable)));
    assert_eq!(page.state.remembered(), [nameless()]);
    page.answer(RUN, Call::ListDynos, 200, &format!("[{DYNO}]"));
    assert_eq!(page.state.remembered(), [nameless()]);
    page.run_event(RunEvent::SearchClicked);
    page.answer(RUN, Call::ListDynos, 200, "[]");
    assert_eq!(page.state.remembered(), []);
}

#[test]
fn a_start_that_was_refused_is_not_remembered() {
    let mut page = Page::new();
    page.submit();
    page.answer(RUN, Call::CreateDyno, 422, "{}");
    assert_eq!(page.state.remembered(), []);
}

#[test]
fn a_remembered_run_is_followed_once_the_key_is_typed() {
    let mut page = offering();
    page.type_key("");
    assert_eq!(page.event(Event::AdoptClicked(remembered(), false)), [focus("api_key")]);
    assert_eq!(page.state.field_error(Field::ApiKey).map(|error| error.code.as_str()), Some("empty"));
    page.type_key("HRKU-2");
    let effects = page.event(Event::AdoptClicked(remembered(), false));
    let [Effect::AskAboutDyno { run, request, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((run, request.path.as_str()), (&remembered(), "/apps/my-app/dynos/run.8361"));
    assert_eq!(page.state.remembered(), [remembered()]);

    let effects = page.event(Event::DynoAnswered(remembered(), answer(200, DYNO)));
    let Some(Effect::AskAboutApp { question, .. }) = effects.first() else { panic!("{effects:?}") };
    let effects = page.event(Event::AppAnswered(*question, answer(404, "{}")));
    assert_eq!(calls(&effects), []);
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Log(RUN, _))),
        "its log is opened: {effects:?}"
    );
    assert_eq!((page.state.adoptions.len(), page.state.selected, page.ids()), (0, Some(RUN), vec![1]));
    assert_eq!(page.run().name(), "run.8361");
    assert_eq!(page.state.remembered(), [remembered()]);
    page.end(0);
    assert_eq!((page.run().exit_status, page.state.remembered()), (Some(0), vec![]));
}

#[test]
fn a_remembered_run_can_be_stopped() {
    let mut page = offering();
    page.event(Event::AdoptClicked(remembered(), true));
    let effects = page.event(Event::DynoAnswered(remembered(), answer(200, DYNO)));
    assert_eq!(calls(&effects), [Call::StopDyno]);
}

#[test]
fn a_dyno_that_is_gone_or_another_one_is_told() {
    let later = DYNO.replace("run.8361", "run.1");
    let clicked = Time(100_000);
    for (status, body) in [(404, "{}"), (200, later.as_str()), (200, DYNO)] {
        let run = Remembered { clicked, ..remembered() };
        let mut page = Page::new();
        page.event(Event::Remembered(vec![run.clone()]));
        page.event(Event::AdoptClicked(run.clone(), true));
        assert_eq!(page.event(Event::DynoAnswered(run.clone(), answer(status, body))), [], "{body}");
        assert_eq!((search(&page), page.ids()), (&Search::Gone, vec![]), "{body}");
        assert_eq!(page.state.remembered(), []);
        page.event(Event::ForgetClicked(run));
        assert_eq!(page.state.adoptions, []);
    }
}

#[test]
fn a_question_that_fails_can_be_asked_again() {
    let mut page = offering();
    page.event(Event::AdoptClicked(remembered(), false));
    page.event(Event::DynoAnswered(remembered(), Err(TransportError::Unreachable)));
    let Search::Failed(notice) = search(&page) else { panic!("{:?}", search(&page)) };
    assert_eq!(notice.code, "unreachable");
    assert_eq!(page.state.remembered(), [remembered()]);
    assert_eq!(page.event(Event::AdoptClicked(remembered(), false)).len(), 1);
    // Of a question that was not asked, no answer counts.
    page.event(Event::DynoAnswered(remembered(), answer(404, "{}")));
    page.event(Event::DynoAnswered(remembered(), answer(200, DYNO)));
    assert_eq!((search(&page), page.ids()), (&Search::Gone, vec![]));
}

#[test]
fn what_is_forgotten_is_neither_offered_nor_remembered() {
    let mut page = offering();
    page.event(Event::AdoptClicked(remembered(), false));
    page.event(Event::ForgetClicked(remembered()));
    assert_eq!((page.state.adoptions.len(), page.state.remembered()), (0, vec![]));
    page.event(Event::DynoAnswered(remembered(), answer(200, DYNO)));
    assert_eq!(page.ids(), [0; 0]);
}

#[test]
fn heroku_s_words_are_told_without_the_key() {
    let mut page = offering();
    page.event(Event::AdoptClicked(remembered(), false));
    let body = r#"{"id":"unauthorized","message":"HRKU-1 is no key"}"#;
    page.event(Event::DynoAnswered(remembered(), answer(401, body)));
    let Search::Failed(notice) = search(&page) else { panic!("{:?}", search(&page)) };
    assert_eq!(notice.heroku_says.as_deref(), Some("****** is no key"));
}
