//! The page inside another one, on a server that does not forbid that: no form, no key, and a way out.

use fantoccini::Locator;
use serde_json::json;

use crate::harness::{Page, Pages, copy_of_dist, dist};

#[tokio::test]
async fn a_framed_page_shows_a_link_to_itself_and_no_form() {
    let pages = Pages::start(&dist()).await;
    let framing = copy_of_dist();
    let frame = format!("<!doctype html><iframe src=\"{}\" width=800 height=600></iframe>", pages.address);
    std::fs::write(framing.path().join("frame.html"), &frame).expect("a page around it");
    let around = Pages::start(framing.path()).await;
    pages.deploy(framing.path());

    let same_origin = format!("{}frame.html", pages.address);
    let other_port = format!("{}frame.html", around.address);
    let other_host = format!("http://localhost:{}/frame.html", around.port);
    let page = Page::load("about:blank").await;
    let client = &page.browser.client;
    for address in [same_origin, other_port, other_host] {
        client.goto(&address).await.expect("the page around it");
        client.enter_frame(0).await.expect("the frame");
        page.until("the link", async || {
            let shown =
                page.script("return document.getElementById('framed')?.checkVisibility() ?? null").await;
            if shown == json!(true) { Ok(()) } else { Err(format!("{address}: {shown}")) }
        })
        .await;
        assert_eq!(page.count("form, input, textarea").await, 0, "{address}");
        assert_eq!(page.script("return document.getElementById('root').innerHTML").await, json!(""));
        assert_eq!(
            page.script("return document.getElementById('failure').checkVisibility()").await,
            json!(false)
        );

        client.find(Locator::Css("#framed a")).await.expect("a link").click().await.expect("a click");
        let windows = page
            .until("a tab of its own", async || {
                let windows = client.windows().await.map_err(|error| error.to_string())?;
                if windows.len() == 2 { Ok(windows) } else { Err(format!("{} windows", windows.len())) }
            })
            .await;
        let own = client.window().await.expect("this window");
        let opened = windows.into_iter().find(|window| *window != own).expect("the other one");
        client.switch_to_window(opened).await.expect("the new tab");
        page.waits_for_form().await;
        assert_eq!(page.script("return location.href").await, json!(pages.address));
        assert_eq!(page.script("return window.opener").await, json!(null));
        client.close_window().await.expect("the tab closes");
        client.switch_to_window(own).await.expect("the first window");
    }
}
