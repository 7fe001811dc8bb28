//! Mounts the app.

#[cfg(target_arch = "wasm32")]
fn main() {
    use serverless_on_heroku::{ui, web};

    // By Yew's own function: it would put its hook, which prints messages, in the place of any other.
    yew::set_custom_panic_hook(Box::new(web::boot::on_panic));
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("root"));
    match (root, web::page::settings()) {
        (Some(root), Some(settings)) => ui::mount(root, web::driver::Driver::new(settings)),
        _ => web::boot::announce_failure(),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This is a web page: `cargo xtask serve` builds it and opens it on this machine.");
}
