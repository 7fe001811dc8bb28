//! A stream that is lost is replaced by a new session's: at once the first time.

use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::error::ApiError;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, Phase};
use serverless_on_heroku::domain::tail::TailEvent;

use crate::page::{ASK_DYNO, ASK_LIMITS, DYNO, NOTHING, Page, SESSION, TAIL, answer, shown, up};

const REPLACED: [&str; 2] = ["close 1/1", "session 1/2"];

#[test]
fn a_stream_that_breaks_off_or_ends_is_replaced_at_once() {
    for (event, code) in [(TailEvent::Ended(1), "stream_ended"), (TailEvent::Broke(1), "stream_broke")] {
        let mut page = Page::streaming();
        page.facts(&[up(), Fact::Lines]);
        assert_eq!(page.tail_event(TAIL, event), REPLACED);
        assert_eq!((page.state_name(), page.reopening()), ("reconnecting", Some(code)));
        assert_eq!((page.phase(), page.problem()), (Phase::Up, None));
        assert_eq!(page.session(201, SESSION), ["open 1/2"]);
        assert_eq!(page.state_name(), "reconnecting");
        assert_eq!(page.opened(), ["read 1/2 again"]);
        assert_eq!((page.state_name(), page.reopening(), page.problem()), ("up", None, None));
    }
}

#[test]
fn after_a_while_the_next_loss_is_made_good_at_once_too() {
    let mut page = Page::streaming();
    page.broke();
    page.reopen();
    page.pass(5);
    assert_eq!(page.broke(), ["close 1/2", "session 1/3"]);
}

#[test]
fn streams_that_break_at_once_are_replaced_with_pauses() {
    let mut page = Page::streaming();
    page.broke();
    for _ in 0..20 {
        page.reopen();
        // They bring something, so a person need not be asked.
        page.facts(&[Fact::Lines]);
        let session = page.newest(TAIL);
        assert_eq!(page.broke(), [format!("close 1/{session}")]);
        assert_eq!(page.state_name(), "reconnecting");
        assert_eq!(page.pass_milliseconds(499), NOTHING);
        assert_eq!(page.pass_milliseconds(126), [format!("session 1/{}", session + 1)]);
    }
}

#[test]
fn a_silent_stream_with_heartbeats_is_dead() {
    let mut page = Page::streaming();
    page.heartbeat();
    assert_eq!(page.pass(30), [ASK_DYNO]);
    // That the dyno is there says nothing about the stream.
    assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), NOTHING);
    page.heartbeat();
    assert_eq!(page.pass(30), [ASK_DYNO, ASK_LIMITS]);
    page.answer(Call::DynoInfo, 200, DYNO);
    page.pass_milliseconds(14_999);
    assert_eq!(page.state_name(), "starting");
    assert_eq!(page.pass_milliseconds(1), REPLACED);
    assert_eq!((page.state_name(), page.reopening()), ("reconnecting", Some("stream_silent")));
}

#[test]
fn without_heartbeats_the_dyno_is_asked_first_and_the_patience_doubles() {
    let mut page = Page::streaming();
    for (session, questions) in [(1, 2), (2, 3), (3, 6)] {
        for question in 1..=questions {
            assert!(page.pass(30).contains(&ASK_DYNO.to_owned()), "{session} {question}");
            let effects = page.answer(Call::DynoInfo, 200, DYNO);
            let expected = [format!("close 1/{session}"), format!("session 1/{}", session + 1)];
            assert_eq!(effects, if question == questions { &expected[..] } else { &[] }, "{question}");
        }
        page.reopen();
    }
    // Lines show that the stream works.
    page.facts(&[Fact::Lines]);
    page.pass(30);
    assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), NOTHING);
    page.pass(30);
    assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), ["close 1/4", "session 1/5"]);
}

#[test]
fn the_silent_stream_of_a_dyno_that_is_gone_is_not_replaced() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.pass(60);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), NOTHING);
    assert_eq!(page.pass(5), ["log 1 ends", "close 1/1"]);
}

#[test]
fn a_timer_that_is_much_too_late_tells_of_sleep() {
    let mut page = Page::streaming();
    // The dyno would have been asked after 30 s; a hidden tab's timer may be a minute late.
    assert_eq!(page.pass(30 + 90), [ASK_DYNO, ASK_LIMITS]);
    assert_eq!(page.state_name(), "starting");

    let mut page = Page::streaming();
    assert_eq!(page.pass(30 + 91), [&REPLACED[..], &[ASK_LIMITS]].concat());
    assert_eq!(page.reopening(), Some("slept"));

    // Whatever event comes first.
    let mut page = Page::streaming();
    page.now = page.now.after(std::time::Duration::from_secs(7200));
    assert_eq!(page.broke(), REPLACED);
    assert_eq!(page.reopening(), Some("slept"));
}

#[test]
fn when_the_network_is_back_streams_are_replaced_and_pauses_are_over() {
    let back = |page: &mut Page| shown(&page.event(Event::NetworkBack));
    let mut page = Page::streaming();
    assert_eq!(back(&mut page), REPLACED);
    assert_eq!(page.reopening(), Some("network_back"));
    // It is being asked for already.
    assert_eq!(back(&mut page), NOTHING);
    page.session(503, "");
    assert_eq!(back(&mut page), ["session 1/3"]);
    // A log that a person was asked about, too.
    page.session(404, "{}");
    assert!(page.run().can_open_log());
    assert_eq!(back(&mut page), ["session 1/4"]);
    assert_eq!((page.state_name(), page.problem()), ("reconnecting", None));
    assert!(!page.run().can_open_log());

    assert_eq!(back(&mut Page::new()), NOTHING);
}

#[test]
fn events_of_older_sessions_change_nothing() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.broke();
    let events = [
        TailEvent::SessionAnswered(1, answer(201, SESSION)),
        TailEvent::SessionAnswered(1, answer(503, "")),
        TailEvent::Opened(1),
        TailEvent::Failed(1, ApiError::Stream { status: 404 }),
        TailEvent::Bytes { session: 1, heartbeat: true, new_lines: true },
        TailEvent::Ended(1),
        TailEvent::Broke(1),
        TailEvent::RetryClicked,
    ];
    let check = |page: &mut Page, step: &str| {
        for event in &events {
            let before = page.state.clone();
            assert_eq!(page.tail_event(TAIL, event.clone()), NOTHING, "{step}: {event:?}");
            assert_eq!(page.state, before, "{step}: {event:?}");
        }
    };
    check(&mut page, "asking");
    page.session(201, SESSION);
    check(&mut page, "opening");
    page.opened();
    check(&mut page, "reading");
    page.broke();
    check(&mut page, "waiting");
}

#[test]
fn answers_that_come_twice_change_nothing() {
    let mut page = Page::starting();
    page.session(201, SESSION);
    assert_eq!(page.session(201, SESSION), NOTHING);
    page.opened();
    assert_eq!(page.opened(), NOTHING);
    assert_eq!(page.refused(404), NOTHING);
    page.broke();
    assert_eq!(page.broke(), NOTHING);
    assert_eq!(page.opened(), NOTHING);
}
