//! Tells a request that the page's own policy blocked from one that the network lost.

use gloo_events::EventListener;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::SecurityPolicyViolationEvent;

/// Origins that the policy has blocked a connection to.
#[derive(Debug)]
pub struct PolicyWatch {
    blocked: Rc<RefCell<Vec<String>>>,
    _listener: Option<EventListener>,
}

impl Default for PolicyWatch {
    fn default() -> Self {
        let blocked = Rc::new(RefCell::new(Vec::new()));
        let document = web_sys::window().and_then(|window| window.document());
        let listener = document.map(|document| {
            let blocked = Rc::clone(&blocked);
            EventListener::new(&document, "securitypolicyviolation", move |event| {
                let Some(event) = event.dyn_ref::<SecurityPolicyViolationEvent>() else { return };
                if event.effective_directive() == "connect-src"
                    && let Some(origin) = origin(&event.blocked_uri())
                    && !blocked.borrow().contains(&origin)
                {
                    blocked.borrow_mut().push(origin);
                }
            })
        });
        Self { blocked, _listener: listener }
    }
}

impl PolicyWatch {
    /// Whether the policy has blocked a connection to the URL's origin; browsers report no more than that of a
    /// cross-origin address. The event comes a task after fetch's rejection (design.md 7), so ask one task later.
    pub fn has_blocked(&self, url: &str) -> bool {
        origin(url).is_some_and(|origin| self.blocked.borrow().contains(&origin))
    }
}

fn origin(url: &str) -> Option<String> {
    web_sys::Url::new(url).ok().map(|url| url.origin())
}
