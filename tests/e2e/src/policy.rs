//! The page's policy in force, on a server that adds nothing to it: what it blocks does not happen.

use serde_json::{Value, json};

use crate::harness::{Page, Pages, copy_of_dist, dist};

/// The page, and a server elsewhere that nothing may reach.
async fn page_and_elsewhere() -> (Page, Pages, Pages) {
    let (pages, elsewhere) = (Pages::start(&dist()).await, Pages::start(&dist()).await);
    let page = Page::open(&pages.address).await;
    (page, pages, elsewhere)
}

/// Waits until the policy has blocked this many things by a directive; browsers name it with `-attr` and `-elem` or
/// without.
async fn has_blocked(page: &Page, directive: &str, count: usize) {
    page.until(&format!("{directive} blocks {count}"), async || {
        let violations = page.policy_violations().await;
        let blocked = violations.iter().filter(|it| it.starts_with(directive)).count();
        if blocked >= count { Ok(()) } else { Err(format!("{violations:?}")) }
    })
    .await;
}

#[tokio::test]
async fn scripts_in_the_page_do_not_run() {
    let (page, _pages, _) = page_and_elsewhere().await;
    let attacks = [
        "const script = document.createElement('script');
        script.textContent = 'window.attacked = true';
        document.body.append(script);",
        "const button = document.createElement('button');
        button.setAttribute('onclick', 'window.attacked = true');
        document.body.append(button);
        button.click();",
        "const link = document.createElement('a');
        link.href = 'javascript:window.attacked = true';
        document.body.append(link);
        link.click();",
    ];
    for (count, attack) in (1..).zip(attacks) {
        page.script(attack).await;
        has_blocked(&page, "script-src", count).await;
        assert_eq!(page.script("return window.attacked ?? null").await, Value::Null, "{attack}");
    }
}

#[tokio::test]
async fn scripts_from_elsewhere_are_not_loaded() {
    let (page, _pages, elsewhere) = page_and_elsewhere().await;
    let script = "const script = document.createElement('script');
        script.src = arguments[0] + 'recovery.js';
        document.body.append(script);";
    page.browser.run_script(script, vec![json!(elsewhere.address)]).await;
    has_blocked(&page, "script-src", 1).await;
    assert_eq!(elsewhere.requests(), []);
}

#[tokio::test]
async fn style_attributes_and_elements_have_no_effect() {
    let (page, _pages, _) = page_and_elsewhere().await;
    let script = "const [first, second] = [document.createElement('p'), document.createElement('style')];
        first.setAttribute('style', 'color: rgb(1, 2, 3)');
        second.textContent = 'p { color: rgb(1, 2, 3) !important }';
        document.body.append(first, second);
        return getComputedStyle(first).color";
    assert_ne!(page.script(script).await, json!("rgb(1, 2, 3)"));
    has_blocked(&page, "style-src", 2).await;
}

#[tokio::test]
async fn images_from_elsewhere_are_not_loaded() {
    let (page, _pages, elsewhere) = page_and_elsewhere().await;
    let script = "window.image = new Image();
        image.onload = () => { window.outcome = 'loaded' };
        image.onerror = () => { window.outcome = 'failed' };
        image.src = arguments[0] + 'icon.svg'";
    page.browser.run_script(script, vec![json!(elsewhere.address)]).await;
    has_blocked(&page, "img-src", 1).await;
    let outcome = page
        .until("the image's end", async || match page.script("return window.outcome ?? null").await {
            Value::Null => Err("it has not ended".to_owned()),
            outcome => Ok(outcome),
        })
        .await;
    assert_eq!(outcome, json!("failed"));
    assert_eq!(elsewhere.requests(), []);
}

#[tokio::test]
async fn forms_are_posted_nowhere() {
    let (page, pages, elsewhere) = page_and_elsewhere().await;
    let before = pages.visits();
    for (count, address) in (1..).zip([&elsewhere.address, &pages.address]) {
        let script = "const form = document.createElement('form');
            form.method = 'post';
            form.action = arguments[0];
            document.body.append(form);
            // Firefox throws, the others do nothing.
            try { form.submit(); } catch {}";
        page.browser.run_script(script, vec![json!(address)]).await;
        has_blocked(&page, "form-action", count).await;
    }
    // A round trip later, the page is still there.
    page.waits_for_form().await;
    assert_eq!(page.script("return location.href").await, json!(pages.address));
    assert_eq!(elsewhere.requests(), []);
    assert_eq!(pages.visits(), before);
}

#[tokio::test]
async fn nothing_is_sent_elsewhere() {
    let (page, _pages, elsewhere) = page_and_elsewhere().await;
    let script = "const address = arguments[0];
        window.outcomes = [];
        fetch(address, { method: 'POST', body: 'key', mode: 'no-cors' }).then(
            () => outcomes.push('sent'), () => outcomes.push('refused'));
        const request = new XMLHttpRequest();
        request.open('GET', address);
        request.onerror = () => outcomes.push('refused');
        request.onload = () => outcomes.push('sent');
        request.send();
        navigator.sendBeacon(address, 'key');";
    page.browser.run_script(script, vec![json!(elsewhere.address)]).await;
    page.until("both are refused", async || {
        let outcomes = page.script("return outcomes").await;
        if outcomes == json!(["refused", "refused"]) { Ok(()) } else { Err(outcomes.to_string()) }
    })
    .await;
    has_blocked(&page, "connect-src", 3).await;
    assert_eq!(elsewhere.requests(), []);
}

#[tokio::test]
async fn relative_addresses_stay_at_home() {
    let (page, pages, elsewhere) = page_and_elsewhere().await;
    let script = "const base = document.createElement('base');
        base.href = arguments[0];
        document.head.prepend(base);
        return document.baseURI";
    let base = page.browser.run_script(script, vec![json!(elsewhere.address)]).await;
    assert_eq!(base, json!(pages.address));
    has_blocked(&page, "base-uri", 1).await;
}

/// The policy is what stops the attacks, and not the browser's own habits.
#[tokio::test]
async fn without_the_policy_it_would_happen() {
    let open = copy_of_dist();
    let index = open.path().join("index.html");
    let html = std::fs::read_to_string(&index).expect("the page");
    std::fs::write(&index, html.replace("Content-Security-Policy", "none"))
        .expect("the page without a policy");
    let (pages, elsewhere) = (Pages::start(open.path()).await, Pages::start(&dist()).await);
    let page = Page::open(&pages.address).await;
    let script = "const script = document.createElement('script');
        script.textContent = 'window.attacked = true';
        document.body.append(script);
        fetch(arguments[0], { method: 'POST', mode: 'no-cors' });
        const paragraph = document.createElement('p');
        paragraph.setAttribute('style', 'color: rgb(1, 2, 3)');
        document.body.append(paragraph);
        return [window.attacked, getComputedStyle(paragraph).color]";
    let outcome = page.browser.run_script(script, vec![json!(elsewhere.address)]).await;
    assert_eq!(outcome, json!([true, "rgb(1, 2, 3)"]));
    page.until("the request arrives", async || match elsewhere.requests().len() {
        0 => Err("none has come".to_owned()),
        _ => Ok(()),
    })
    .await;
}
