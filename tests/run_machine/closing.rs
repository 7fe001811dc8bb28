//! Closing the tabs of runs.

use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent};
use serverless_on_heroku::domain::time::Time;

use crate::page::{Page, RUN, called};

fn end(page: &mut Page) -> Vec<Effect> {
    page.facts(&[Fact::Exited { status: Some(0), at: Time(12_000) }]);
    page.pass(60)
}

fn focus(id: &str) -> Effect {
    Effect::Focus(id.to_owned())
}

fn ids(page: &Page) -> Vec<u32> {
    page.state.runs.iter().map(|run| run.id.0).collect()
}

#[test]
fn a_run_that_has_ended_is_closed_without_a_question() {
    let mut page = Page::streaming();
    end(&mut page);
    assert_eq!(page.event(Event::CloseClicked(RUN)), [Effect::Forget(RUN), focus("runs")]);
    assert_eq!((ids(&page), page.state.selected, page.state.closing.asked), (vec![], None, None));
    page.event(Event::CloseClicked(RUN));
    assert_eq!(page.run_event(RunEvent::StopClicked), []);
}

#[test]
fn a_live_run_is_closed_after_a_question_alone() {
    let mut page = Page::streaming();
    assert_eq!(page.event(Event::CloseClicked(RUN)), []);
    assert_eq!((ids(&page), page.state.closing.asked), (vec![1], Some(RUN)));
    assert_eq!(page.event(Event::Kept), [focus("run-1")]);
    assert_eq!((ids(&page), page.state.closing.asked), (vec![1], None));
    page.event(Event::CloseClicked(RUN));
    assert_eq!(page.event(Event::Closed(RUN)), [Effect::Forget(RUN), focus("runs")]);
    assert_eq!((ids(&page), page.state.closing.asked), (vec![], None));
}

#[test]
fn a_run_that_is_to_be_stopped_first_is_closed_once_it_is_over() {
    let mut page = Page::streaming();
    page.event(Event::CloseClicked(RUN));
    let effects = page.event(Event::StopAndCloseClicked(RUN));
    assert_eq!((called(&effects[..1]), &effects[1..]), (Call::StopDyno, &[focus("run-1")][..]));
    assert_eq!((ids(&page), page.state.closing.asked), (vec![1], None));
    page.answer(Call::StopDyno, 202, "{}");
    assert_eq!(ids(&page), [1]);
    assert_eq!(end(&mut page).last(), Some(&Effect::Forget(RUN)));
    assert_eq!(ids(&page), [0; 0]);
}

#[test]
fn a_run_that_could_not_be_stopped_stays() {
    let mut page = Page::streaming();
    page.event(Event::StopAndCloseClicked(RUN));
    page.answer(Call::StopDyno, 503, "{}");
    assert!(page.run().stop_problem.is_some());
    end(&mut page);
    assert_eq!((ids(&page), page.phase()), (vec![1], Phase::Ended));
}

#[test]
fn an_answer_that_comes_after_the_end_closes() {
    let mut page = Page::streaming();
    page.event(Event::CloseClicked(RUN));
    end(&mut page);
    assert_eq!(page.event(Event::StopAndCloseClicked(RUN)), [Effect::Forget(RUN), focus("runs")]);
    assert_eq!(ids(&page), [0; 0]);
}

#[test]
fn the_neighbour_is_selected_and_no_id_is_given_twice() {
    let mut page = Page::streaming();
    end(&mut page);
    for id in [2, 3] {
        page.event(Event::Submitted);
        page.event(Event::Run(
            RunId(id),
            RunEvent::Answered(Call::CreateDyno, crate::page::answer(403, "{}")),
        ));
    }
    assert_eq!(ids(&page), [1, 2, 3]);
    page.event(Event::Selected(RunId(2)));
    page.event(Event::CloseClicked(RunId(2)));
    assert_eq!(page.state.selected, Some(RunId(3)));
    page.event(Event::CloseClicked(RunId(3)));
    assert_eq!(page.state.selected, Some(RUN));
    page.event(Event::Submitted);
    assert_eq!(ids(&page), [1, 4]);
    page.event(Event::CloseClicked(RUN));
    assert_eq!(page.state.selected, Some(RunId(4)));
}
