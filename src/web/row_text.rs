//! The text of a row of the console: text nodes, and elements for what looks different.
//!
//! Made by hand, since colours go through the object model: the page's policy blocks style attributes.

use std::fmt::Write;

use log_text::{Fit, Rgb, Style, Underline};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement};

use crate::domain::log::row::{Row, Span};

/// The element with a row's text; `None` outside of a page.
pub fn row_text(row: &Row) -> Option<Element> {
    let document = web_sys::window()?.document()?;
    build(&document, row).ok()
}

fn build(document: &Document, row: &Row) -> Result<Element, JsValue> {
    let text = document.create_element("span")?;
    text.set_class_name("row__text");
    let mut parent = text.clone();
    let mut open_link = None;
    for span in &row.spans {
        if span.link != open_link {
            open_link = span.link;
            parent = match span.link {
                None => text.clone(),
                Some(link) => {
                    let element = link_to(document, &row.text[row.links[link].clone()])?;
                    text.append_child(&element)?;
                    element
                }
            };
        }
        let words = &row.text[span.range.clone()];
        if span.style == Style::default() && span.fit == Fit::Own {
            parent.append_with_str_1(words)?;
        } else {
            let element = document.create_element("span")?;
            element.set_text_content(Some(words));
            dress(element.unchecked_ref(), span)?;
            parent.append_child(&element)?;
        }
    }
    Ok(text)
}

fn link_to(document: &Document, address: &str) -> Result<Element, JsValue> {
    let link = document.create_element("a")?;
    link.set_attribute("href", address)?;
    link.set_attribute("target", "_blank")?;
    link.set_attribute("rel", "noopener noreferrer")?;
    Ok(link)
}

fn dress(element: &HtmlElement, span: &Span) -> Result<(), JsValue> {
    element.set_class_name(match span.fit {
        Fit::Own => "",
        Fit::Ideographs => "row__ideographs",
        Fit::Picture(1) => "row__picture",
        Fit::Picture(_) => "row__picture row__picture--wide",
    });
    let look = element.style();
    let (color, ground) = span.style.colors();
    if let Some(color) = color {
        look.set_property("color", &css_color(color))?;
    }
    if let Some(ground) = ground {
        look.set_property("background-color", &css_color(ground))?;
    }
    if span.style.bold {
        look.set_property("font-weight", "700")?;
    }
    if span.style.italic {
        look.set_property("font-style", "italic")?;
    }
    // By their longer names: Safari's shorthand is the line alone.
    let (underline, form) = match span.style.underline {
        Underline::None => ("", ""),
        Underline::Single => ("underline ", ""),
        Underline::Double => ("underline ", "double"),
        Underline::Wavy => ("underline ", "wavy"),
        Underline::Dotted => ("underline ", "dotted"),
        Underline::Dashed => ("underline ", "dashed"),
    };
    let strike = if span.style.strike { "line-through" } else { "" };
    let lines = [underline, strike].concat();
    if !lines.is_empty() {
        look.set_property("text-decoration-line", &lines)?;
        look.set_property("text-decoration-style", form)?;
    }
    Ok(())
}

fn css_color(color: Rgb) -> String {
    let mut text = "#".to_owned();
    for part in color {
        // A string takes whatever is written to it.
        let _ = write!(text, "{part:02x}");
    }
    text
}
