//! The browser: runs the effects of the domain and feeds back what happens. No components here.

pub mod address;
pub mod boot;
pub mod clipboard;
pub mod clock;
pub mod driver;
pub mod fetch;
pub mod file;
pub mod framing;
pub mod js_error;
pub mod local_storage;
mod memory;
pub mod notification;
pub mod page;
pub mod policy;
pub mod row_text;
pub mod search;
pub mod selection;
pub mod session_storage;
pub mod stream;
mod streams;
pub mod tab;
