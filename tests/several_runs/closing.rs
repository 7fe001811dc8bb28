//! Closing the tabs of runs.

use serverless_on_heroku::domain::app::{Effect, Event, LogEffect};
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent};

use crate::page::{Page, RUN, calls, focus};

const FORGET: Effect = Effect::Log(RUN, LogEffect::Forget);

#[test]
fn a_run_that_has_ended_is_closed_without_a_question() {
    let mut page = Page::with_dyno();
    page.end(0);
    let effects = page.event(Event::CloseClicked(RUN));
    assert!(effects.contains(&FORGET) && effects.contains(&focus("runs")), "{effects:?}");
    assert_eq!((page.ids(), page.state.selected, page.state.closing.asked), (vec![], None, None));
    assert_eq!(calls(&page.run_event(RunEvent::StopClicked)), []);
    assert!(!page.event(Event::CloseClicked(RUN)).contains(&FORGET));
}

#[test]
fn a_live_run_is_closed_after_a_question_alone() {
    let mut page = Page::with_dyno();
    assert_eq!(page.event(Event::CloseClicked(RUN)), []);
    assert_eq!((page.ids(), page.state.closing.asked), (vec![1], Some(RUN)));
    assert_eq!(page.event(Event::Kept), [focus("run-1")]);
    assert_eq!((page.ids(), page.state.closing.asked), (vec![1], None));
    page.event(Event::CloseClicked(RUN));
    let effects = page.event(Event::Closed(RUN));
    assert!(effects.contains(&FORGET) && effects.contains(&focus("runs")), "{effects:?}");
    assert_eq!((page.ids(), page.state.closing.asked), (vec![], None));
}

#[test]
fn a_run_that_is_to_be_stopped_first_is_closed_once_it_is_over() {
    let mut page = Page::with_dyno();
    page.event(Event::CloseClicked(RUN));
    let effects = page.event(Event::StopAndCloseClicked(RUN));
    assert_eq!(calls(&effects), [Call::StopDyno]);
    assert!(effects.contains(&focus("run-1")));
    assert_eq!((page.ids(), page.state.closing.asked), (vec![1], None));
    page.answer(RUN, Call::StopDyno, 202, "{}");
    assert_eq!(page.ids(), [1]);
    let effects = page.end(143);
    assert!(effects.contains(&FORGET));
    // Whoever types meanwhile goes on typing.
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Focus(_))), "{effects:?}");
    assert_eq!(page.ids(), [0; 0]);
}

#[test]
fn a_run_that_could_not_be_stopped_stays() {
    let mut page = Page::with_dyno();
    page.event(Event::StopAndCloseClicked(RUN));
    page.answer(RUN, Call::StopDyno, 503, "{}");
    assert!(page.run().stop_problem.is_some());
    page.end(0);
    assert_eq!((page.ids(), page.run().phase), (vec![1], Phase::Ended));
}

#[test]
fn an_answer_that_comes_after_the_end_closes() {
    let mut page = Page::with_dyno();
    page.event(Event::CloseClicked(RUN));
    page.end(0);
    let effects = page.event(Event::StopAndCloseClicked(RUN));
    assert!(effects.contains(&FORGET));
    assert_eq!(calls(&effects), []);
    assert_eq!(page.ids(), [0; 0]);
}

#[test]
fn the_neighbour_is_selected_and_no_id_is_given_twice() {
    let mut page = Page::with_dyno();
    page.end(0);
    for id in [2, 3] {
        page.submit();
        page.answer(RunId(id), Call::CreateDyno, 403, "{}");
    }
    assert_eq!(page.ids(), [1, 2, 3]);
    page.event(Event::Selected(RunId(2)));
    page.event(Event::CloseClicked(RunId(2)));
    assert_eq!(page.state.selected, Some(RunId(3)));
    page.event(Event::CloseClicked(RunId(3)));
    assert_eq!(page.state.selected, Some(RUN));
    page.submit();
    assert_eq!(page.ids(), [1, 4]);
    page.event(Event::CloseClicked(RUN));
    assert_eq!(page.state.selected, Some(RunId(4)));
}
