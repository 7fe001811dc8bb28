//! What the form does without a run.

use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::link::Address;
use serverless_on_heroku::domain::variables::Direction;

use crate::page::Page;

#[test]
fn a_form_with_faults_sends_nothing_and_takes_the_focus() {
    let mut page = Page::empty();
    page.event(Event::ApiKeyShown(true));
    assert_eq!(page.submit(), ["focus app"]);
    assert!(page.state.runs.is_empty());
    assert!(!page.state.api_key_shown);
    assert_eq!(page.state.field_error(Field::ApiKey).map(|error| error.code.as_str()), Some("empty"));
    page.event(Event::Edited(Field::App, "my-app".to_owned()));
    assert_eq!(page.state.field_error(Field::App), None);
    assert_eq!(page.submit(), ["focus api_key"]);
    assert_eq!(page.state.form.app, "my-app");
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

    // Another line alone is no reason to fill in again what was edited.
    page.event(Event::Edited(Field::Name, "edited".to_owned()));
    page.event(Event::ArrivalRead);
    for fragment in ["NAME=x&line=7", "NAME=x&line=8", "line=9&NAME=x", "NAME=x"] {
        assert_eq!(page.event(Event::Arrived(address(fragment))), []);
        assert_eq!((page.state.form.name.as_str(), &page.state.arrival), ("edited", &None), "{fragment}");
    }
    page.event(Event::Arrived(address("NAME=y&line=8")));
    assert_eq!(page.state.form.name, "y");

    let focus = |id: &str| [Effect::Focus(id.to_owned())];
    assert_eq!(page.event(Event::VariableAdded), focus("env_name_3"));
    let ids: Vec<_> = page.state.form.variables.iter().map(|row| row.id).collect();
    assert_eq!(page.event(Event::VariableMoved(ids[1], Direction::Up)), []);
    assert_eq!(page.event(Event::VariableRemoved(ids[0])), focus("env_name_2"));
    assert_eq!(page.event(Event::VariableRemoved(ids[2])), focus("env_name_1"));
    assert_eq!(page.event(Event::VariableRemoved(ids[1])), focus("add_variable"));
    assert!(page.state.runs.is_empty());
}
