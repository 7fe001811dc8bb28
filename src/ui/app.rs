//! The page: form on one side, runs on the other.

use yew::prelude::*;

use super::footer::footer;
use super::hooks::use_revision;
use super::run_form::use_run_form;
use super::run_panel::RunPanel;
use crate::domain::text;
use crate::web::driver::Driver;
use crate::web::page;

#[derive(PartialEq, Properties)]
pub(super) struct AppProps {
    pub(super) driver: Driver,
}

#[component]
pub(super) fn App(props: &AppProps) -> Html {
    let driver = &props.driver;
    let revision = use_revision(driver);
    let about = use_memo((), |()| page::about());
    let api = text::split_once(driver.api(), "://").map_or(String::new(), |(_, host)| host.to_owned());
    let form = use_run_form(driver, &driver.state());
    html! {
        <>
            <header class="header">
                <span class="header__mark" aria-hidden="true">{ "λ" }</span>
                <h1 class="header__title">{ "Serverless on Heroku" }</h1>
                <span class="header__api" title="The only address that gets the API key">{ api }</span>
            </header>
            <main class="layout">
                { form }
                { footer(&about) }
                <RunPanel driver={driver.clone()} {revision} />
            </main>
        </>
    }
}
