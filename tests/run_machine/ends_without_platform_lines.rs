//! "Function output only": the log has no line of the platform, so the end is found by asking for the dyno.

use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent};
use serverless_on_heroku::domain::tail;
use serverless_on_heroku::domain::time::Time;

use crate::page::{ASK_DYNO, CEDAR, DYNO, NOTHING, Page, RUN, SESSION, answer};

fn streaming() -> Page {
    let mut page = Page::new();
    page.event(Event::OutputOnly(true));
    page.submit();
    page.app(200, CEDAR);
    let effects = page.event(Event::Run(RUN, RunEvent::Answered(Call::CreateDyno, answer(201, DYNO))));
    let Some(Effect::Tail(_, tail::Effect::CreateSession { request, .. })) = effects.get(1) else {
        panic!("{effects:?}");
    };
    assert_eq!(
        request.body.as_deref(),
        Some(r#"{"dyno":"run.8361","source":"app","tail":true,"lines":1500}"#)
    );
    page.session(201, SESSION);
    page.opened();
    page
}

#[test]
fn heroku_is_asked_ever_later_after_the_last_line() {
    let mut page = streaming();
    page.facts(&[Fact::FirstOutput { at: Time(11_000) }, Fact::Lines]);
    for pauses in [[1, 2, 4, 8, 10, 10].as_slice(), &[10]] {
        for pause in pauses {
            assert_eq!(page.pass(pause - 1), NOTHING, "{pause}");
            assert_eq!(page.pass(1), [ASK_DYNO]);
            assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), NOTHING);
        }
        // A line so soon after a question does not begin the pauses anew: lines may come all the time.
        page.facts(&[Fact::Lines]);
    }
    page.pass(10);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), NOTHING);
    assert_eq!(page.phase(), Phase::Up);
    // Lines may still be on their way.
    page.pass(5);
    assert_eq!((page.phase(), page.run().exit_status), (Phase::Ended, None));
    assert!(page.run().why_exit_is_unknown().is_some_and(|why| why.contains("Function output only")));
}

#[test]
fn a_line_while_heroku_is_asked_does_not_ask_twice() {
    let mut page = streaming();
    page.facts(&[Fact::FirstOutput { at: Time(11_000) }, Fact::Lines]);
    assert_eq!(page.pass(1), [ASK_DYNO]);
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(30), NOTHING);
    page.answer(Call::DynoInfo, 200, DYNO);
    assert_eq!(page.pass(2), [ASK_DYNO]);
}

#[test]
fn a_function_that_prints_nothing_ends_as_well() {
    let mut page = streaming();
    for pause in [1, 2, 4, 8] {
        page.pass(pause);
        // Not known everywhere yet, or gone already.
        page.answer(Call::DynoInfo, 404, "{}");
        assert_eq!(page.phase(), Phase::Starting);
    }
    page.pass(10);
    page.answer(Call::DynoInfo, 404, "{}");
    page.pass(5);
    assert_eq!(page.phase(), Phase::Ended);
}
