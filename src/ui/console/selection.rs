//! What is selected of the log: by mouse, by keys and by the address; and the buttons that copy it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element};
use yew::prelude::*;

use super::super::button::button;
use super::super::copy::use_copy;
use super::super::format;
use super::scroll::Scroll;
use crate::domain::ids::RunId;
use crate::domain::log::selection::{Place, TextSelection};
use crate::domain::logs::SharedLog;
use crate::web::selection::{Select, draw, line_at_edge, load, scroll_to_line, select_by_mouse};
use crate::web::{address, clipboard};

/// The selection of a console.
#[derive(Clone)]
pub(super) struct Selecting {
    state: Rc<State>,
    copy: Callback<()>,
}

struct State {
    selection: Cell<Option<TextSelection>>,
    is_drawn: Cell<bool>,
    /// As it was last rendered, as the next: the mouse may be held for longer.
    scroll: RefCell<Rc<Scroll>>,
    /// Lines may still come.
    waiting: Cell<bool>,
    /// What the mouse calls since it was pressed.
    select: RefCell<Option<Select>>,
    renderer: UseForceUpdateHandle,
}

/// The selection, and the buttons that copy it, which are there while something is selected.
#[hook]
pub(super) fn use_selection(run: RunId, scroll: &Rc<Scroll>, waiting: bool) -> (Selecting, Html) {
    let renderer = use_force_update();
    let state = use_memo((), |()| State {
        selection: Cell::default(),
        is_drawn: Cell::default(),
        scroll: RefCell::new(scroll.clone()),
        waiting: Cell::default(),
        select: RefCell::default(),
        renderer,
    });
    *state.scroll.borrow_mut() = scroll.clone();
    state.waiting.set(waiting);
    use_effect_with((), {
        let state = state.clone();
        move |()| {
            load();
            let listeners = listeners(&state);
            move || drop(listeners)
        }
    });
    let text = |with_headers| {
        let state = state.clone();
        Rc::new(move || state.text(with_headers))
    };
    let (said, copy) = use_copy(run, text(false));
    let (said_of_headers, copy_with_headers) = use_copy(run, text(true));
    let count = state.count();
    let selecting = Selecting { state, copy };
    let lines = format::count(count, "line");
    let label = ["Copy ", &lines].concat();
    let onkeydown = {
        let selecting = selecting.clone();
        Callback::from(move |event: KeyboardEvent| {
            selecting.on_key(&event);
        })
    };
    let copy_button = |label: AttrValue, copy: &Callback<()>| {
        button("button button--small", label, false, copy.reform(|_| ()))
    };
    let bar = html! {
        <>
            // There before it says something, as screen readers want it.
            <span class="visually-hidden" role="status">
                if count > 0 {
                    { [&lines, " selected"].concat() }
                }
            </span>
            if count > 0 {
                <div class="console__selection" {onkeydown}>
                    { copy_button(said.map_or(label.into(), AttrValue::Static), &selecting.copy) }
                    { copy_button(said_of_headers.unwrap_or("With headers").into(), &copy_with_headers) }
                </div>
            }
        </>
    };
    (selecting, bar)
}

impl Selecting {
    /// The mouse was pressed over the log.
    pub(super) fn on_press(&self, event: &MouseEvent) {
        let Some(log) = self.state.element() else { return };
        let state = Rc::downgrade(&self.state);
        let select = Select::new(move |line: u32, offset: u32, is_extended: bool, by_line: bool| {
            if let Some(state) = state.upgrade() {
                state.select(Place { line: line as usize, offset }, is_extended, by_line);
            }
        });
        // Until the script is there the browser selects by itself.
        let _ = select_by_mouse(event, &log, &select);
        self.state.select.replace(Some(select));
    }

    /// Draws what is selected, after each render, since that has brought other rows.
    pub(super) fn draw(&self) {
        let State { selection, is_drawn, .. } = &*self.state;
        let Some(log) = self.state.element() else { return };
        let is_there = selection.get().is_some();
        if is_drawn.get() || is_there {
            is_drawn.set(is_there);
            // Nothing is selected before the script is there, but by the address.
            let _ = draw(&log, selection.get());
        }
    }

    /// A click on the number of a line puts it into the address; the press has selected it.
    pub(super) fn on_click(&self, event: &MouseEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let number = target.filter(|target| target.class_name() == "row__number" && !event.shift_key());
        if let Some(number) = number.and_then(|number| number.text_content()?.parse().ok()) {
            address::set_line(number);
        }
    }

    /// A key was pressed while the log had the focus; whether it is one of the selection's.
    pub(super) fn on_key(&self, event: &KeyboardEvent) -> bool {
        let state = &self.state;
        let is_command = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key();
        let is_shift = event.shift_key() && !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let lines = state.scroll.borrow().rows.lines;
        match event.key().as_str() {
            "a" if is_command && lines > 0 => state.set(Some(TextSelection::lines(0..=lines - 1))),
            // Without the clipboard's interface the browser itself copies, and asks for the text.
            "c" if is_command && state.count() > 0 && clipboard::is_there() => self.copy.emit(()),
            "ArrowUp" if is_shift => state.extend_by_line(false),
            "ArrowDown" if is_shift => state.extend_by_line(true),
            "Escape" if state.count() > 0 => {
                state.set(None);
                // From a button that goes away with it.
                state.scroll.borrow().focus();
                // The browser may have something to close, too: the help for the keys.
                return true;
            }
            _ => return false,
        }
        event.prevent_default();
        true
    }
}

impl State {
    fn set(&self, selection: Option<TextSelection>) {
        self.selection.set(selection);
        self.renderer.force_update();
    }

    fn select(&self, place: Place, is_extended: bool, by_line: bool) {
        let begun = self.selection.get().filter(|_| is_extended);
        if begun.is_some() {
            self.leave_end();
        }
        let begin = TextSelection::begin(place, by_line);
        self.set(Some(begun.map_or(begin, |begun| begun.extended(place, by_line))));
    }

    /// The first time selects the line where the last click was, or that at the edge of what is in view.
    fn extend_by_line(&self, down: bool) {
        let Some(log) = self.element() else { return };
        let begun = self.selection.get();
        let line = match begun {
            Some(begun) if begun.range().is_some() => self.next_line(begun.focus_line(), down),
            Some(begun) => Some(begun.focus_line()),
            None => line_at_edge(&log, !down).ok().map(|line| line as usize),
        };
        if let Some(line) = line {
            self.select(Place { line, offset: 0 }, begun.is_some(), true);
            self.show(line);
        }
    }

    /// The next line that is shown, or the one before.
    fn next_line(&self, line: usize, down: bool) -> Option<usize> {
        let rows = &self.scroll.borrow().rows;
        let wanted = if down { rows.shown_before(line + 1) + 1 } else { rows.shown_before(line) };
        if wanted == 0 || wanted > rows.shown_before(rows.lines) {
            return None;
        }
        // The first line with so many shown ones up to it.
        let (mut low, mut high) = (0, rows.lines);
        while low < high {
            let middle = low.midpoint(high);
            if rows.shown_before(middle + 1) < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Some(low)
    }

    fn element(&self) -> Option<Element> {
        self.scroll.borrow().nodes.scroller.cast()
    }

    /// From now on lines that come do not scroll the log.
    fn leave_end(&self) {
        if self.waiting.get() {
            self.scroll.borrow().leave_end();
        }
    }

    fn show(&self, line: usize) {
        self.leave_end();
        if !self.element().is_some_and(|log| scroll_to_line(&log, line as u32).unwrap_or(false)) {
            self.scroll.borrow().show_line(line);
        }
    }

    /// Selects the line that the address names.
    fn go_to_address(&self) {
        let Some(line) = address::line().map(|number| number - 1) else { return };
        let is_there = |log: &SharedLog| log.borrow().lines().class(line).is_some();
        if self.scroll.borrow().rows.log.as_ref().is_some_and(is_there) {
            self.set(Some(TextSelection::lines(line..=line)));
            self.show(line);
        }
    }

    /// How many lines are selected, and shown.
    fn count(&self) -> usize {
        let rows = &self.scroll.borrow().rows;
        let range = self.selection.get().and_then(|selection| selection.range());
        range.map_or(0, |(start, end)| rows.shown_before(end.line + 1) - rows.shown_before(start.line))
    }

    /// The selected text of lines that are shown; `None` when nothing is selected.
    fn text(&self, with_headers: bool) -> Option<String> {
        let selection = self.selection.get().filter(|selection| selection.range().is_some())?;
        let rows = &self.scroll.borrow().rows;
        let log = rows.log.as_ref()?.borrow();
        Some(selection.text(log.lines(), with_headers, &|line| rows.is_shown(line)))
    }
}

/// For new fragments in the address, and for the browser's own way to copy, by its menu.
fn listeners(state: &Rc<State>) -> Option<[EventListener; 2]> {
    let window = web_sys::window()?;
    let document = window.document()?;
    let on_hash = {
        let state = state.clone();
        EventListener::new(&window, "hashchange", move |_| state.go_to_address())
    };
    let state = state.clone();
    let options = EventListenerOptions::enable_prevent_default();
    let on_copy = EventListener::new_with_options(&document.clone(), "copy", options, move |event| {
        let is_in_log = document.active_element() == state.element();
        let data = event.dyn_ref::<ClipboardEvent>().and_then(|event| event.clipboard_data());
        if is_in_log && let (Some(data), Some(text)) = (data, state.text(false)) {
            // The browser copies its own selection where this is refused.
            if data.set_data("text/plain", &text).is_ok() {
                event.prevent_default();
            }
        }
    });
    Some([on_hash, on_copy])
}
