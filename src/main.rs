//! Mounts the app, unless another page frames this one.

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_arch = "wasm32")]
fn main() {
    use serverless_on_heroku::web;

    // By Yew's own function: it would put its hook, which prints messages, in the place of any other.
    yew::set_custom_panic_hook(Box::new(web::boot::on_panic));
    if start().is_none() {
        web::boot::announce_failure();
    }
}

/// `None` when index.html lacks what this needs.
#[cfg(target_arch = "wasm32")]
fn start() -> Option<()> {
    use serverless_on_heroku::{ui, web};

    let document = web_sys::window()?.document()?;
    if web::framing::is_framed() {
        // The app does not get to see the address.
        web::address::remove_key();
        return web::framing::show_link(&document);
    }
    if web::address::reload_without_key() {
        return Some(());
    }
    if web::boot::has_failed(&document) {
        return Some(());
    }
    let root = document.get_element_by_id("root")?;
    ui::mount(root, web::driver::Driver::new(web::page::settings()?));
    Some(())
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This is a web page: `cargo xtask serve` builds it and opens it on this machine.");
}
