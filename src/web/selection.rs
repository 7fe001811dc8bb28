//! The border to static/selection.js: where in the log a mouse is, and the drawing of what is selected.
//!
//! The script is loaded with the first log. What is asked of it before fails, and is no loss.

use wasm_bindgen::prelude::*;
use web_sys::{Element, MouseEvent};

use crate::domain::log::selection::{Place, TextSelection};

/// Takes the index of a line, an offset in its text, whether the selection is extended to there or begins, and whether
/// whole lines are meant.
pub type Select = Closure<dyn FnMut(u32, u32, bool, bool)>;

#[wasm_bindgen]
extern "C" {
    /// Of static/boot.js.
    #[wasm_bindgen(js_name = loadSelection)]
    pub fn load();

    /// Follows the mouse from where it was pressed until it is released.
    #[wasm_bindgen(js_name = selectByMouse, catch)]
    pub fn select_by_mouse(press: &MouseEvent, log: &Element, select: &Select) -> Result<(), JsValue>;

    /// The line at the upper or at the lower edge of the log.
    #[wasm_bindgen(js_name = lineAtEdge, catch)]
    pub fn line_at_edge(log: &Element, is_lower: bool) -> Result<u32, JsValue>;

    /// Brings a line's row into view; whether there is one.
    #[wasm_bindgen(js_name = scrollToLine, catch)]
    pub fn scroll_to_line(log: &Element, line: u32) -> Result<bool, JsValue>;

    #[wasm_bindgen(js_name = drawSelection, catch)]
    fn draw_selection(log: &Element, first: i32, from: u32, last: i32, to: u32) -> Result<(), JsValue>;
}

/// Draws what is selected in the rows on screen.
pub fn draw(log: &Element, selection: Option<TextSelection>) -> Result<(), JsValue> {
    let range = selection.and_then(|selection| selection.range());
    let (first, from, last, to) = range.map_or((0, 0, -1, 0), |(start, end)| {
        let (Place { line: first, offset: from }, Place { line: last, offset: to }) = (start, end);
        (first as i32, from, last as i32, to)
    });
    draw_selection(log, first, from, last, to)
}
