//! Rows that are wrapped, as the browser has drawn them.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Heights of the drawn rows.
pub(super) fn heights(rows: &HtmlElement) -> Vec<f64> {
    let children = rows.children();
    let rows = (0..children.length()).filter_map(|index| children.item(index));
    rows.map(|row| f64::from(row.unchecked_into::<HtmlElement>().offset_height())).collect()
}

/// The line of the first drawn row that reaches below the upper edge, and how far it is below it; `top` is that of the
/// first row. `None` when no row is at the edge.
pub(super) fn top_of(rows: &HtmlElement, mut top: f64) -> Option<(usize, f64)> {
    if top > 0.0 {
        return None;
    }
    let children = rows.children();
    for (index, height) in heights(rows).into_iter().enumerate() {
        if top + height > 0.0
            && let Some(line) = children.item(index as u32).and_then(|row| row.get_attribute("data-line"))
        {
            return Some((line.parse::<usize>().ok()?.checked_sub(1)?, top));
        }
        top += height;
    }
    None
}
