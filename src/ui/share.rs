//! Links that fill in the form, to be copied.

use yew::prelude::*;

use crate::domain::form::Form;
use crate::domain::link::FormLink;
use crate::web::{address, clipboard};

#[hook]
pub(super) fn use_share(form: &Form) -> Html {
    let told = use_state(String::new);
    let copy = |what: &'static str, text: fn(&FormLink, &str) -> String| {
        let (told, form) = (told.setter(), form.clone());
        Callback::from(move |_: MouseEvent| {
            let link = FormLink::of(&form);
            let text = text(&link, &address::page());
            let told = told.clone();
            wasm_bindgen_futures::spawn_local(async move {
                told.set(if clipboard::copy(text).await {
                    copied(what, &link.left_out)
                } else {
                    "The browser did not allow it to be copied.".to_owned()
                });
            });
        })
    };
    html! {
        <div class="share">
            <button class="button button--plain" type="button"
                onclick={copy("The link", |link, page| format!("{page}#{}", link.fragment))}>
                { "Copy link" }
            </button>
            <button class="button button--plain" type="button" title="Markdown for a function's README"
                onclick={copy("The badge", |link, page| link.badge(page))}>
                { "Copy badge" }
            </button>
            <p class="field__hint share__told" role="status">{ told.as_str() }</p>
        </div>
    }
}

fn copied(what: &str, left_out: &[String]) -> String {
    if left_out.is_empty() {
        format!("{what} is copied. It fills in this form, without the key.")
    } else {
        format!("{what} is copied. Left out, because it looks secret: {}, and the key.", left_out.join(", "))
    }
}
