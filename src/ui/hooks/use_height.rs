//! The height of an element, and a render when it changes.

use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// The inner height of the element in CSS pixels, without scroll bars; zero before it is on the page.
#[hook]
pub(in crate::ui) fn use_height(element: &NodeRef) -> f64 {
    let height = use_state(|| 0.0);
    let setter = height.setter();
    use_effect_with(element.clone(), move |element| {
        let observer = element.cast::<Element>().and_then(|element| observe(element, setter));
        move || drop(observer)
    });
    *height
}

/// Ends the observation when dropped.
struct Observation {
    observer: ResizeObserver,
    _on_resize: Closure<dyn FnMut()>,
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn observe(element: Element, height: UseStateSetter<f64>) -> Option<Observation> {
    let observed = element.clone();
    let on_resize = Closure::<dyn FnMut()>::new(move || height.set(f64::from(observed.client_height())));
    let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok()?;
    observer.observe(&element);
    Some(Observation { observer, _on_resize: on_resize })
}
