//! Whatever a function prints is text: it runs nothing, loads nothing and changes nothing around it; and a key in it is
//! masked.

use serde_json::json;

use crate::harness::{App, Emulator, Gate, KEY, Page};

/// Texts that other programs would take for more.
const TEXTS: [&str; 8] = [
    "<img src=http://127.0.0.1:9/x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "</pre></div></main><h1>another page</h1>",
    "javascript:document.title='owned'",
    "&lt;b&gt; &#x41; &nbsp;",
    "\u{202e}txt.exe\u{202d} \u{2066}isolated",
    "\u{1b}]0;a title\u{7}\u{1b}[2J\u{1b}[H\u{1b}[31mred\u{1b}[0m \u{1b}]8;;javascript:alert(1)\u{1b}\\a link\u{1b}]8;;\u{1b}\\",
    "{\"__proto__\": {\"owned\": true}}",
];

#[tokio::test]
async fn log_text_stays_text() {
    let lines: Vec<String> = TEXTS.iter().map(|text| format!("print({})", json!(text))).collect();
    let emulator = Emulator::start(App::python(&lines.join("\n"))).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    let elements = "return document.querySelectorAll('img, script, h1, [role=log] a:not([href^=http]), #result *:not(span)').length";
    let before = page.script(elements).await;
    page.run().await;
    let (_, result) = page.ends().await;
    for text in &TEXTS[..6] {
        // What turns the direction of text is shown by its number.
        let text = text
            .replace('\u{202e}', "<U+202E>")
            .replace('\u{202d}', "<U+202D>")
            .replace('\u{2066}', "<U+2066>");
        assert!(result.contains(&text), "no {text:?} in {result:?}");
        page.shows_line(&text).await;
    }
    // Escape sequences are taken away, and what they would do does not happen.
    page.shows_line("red a link").await;
    assert!(!result.contains('\u{1b}') && !result.contains("a title"), "{result:?}");
    let title = page.script("return document.title").await;
    let title = title.as_str().unwrap();
    assert!(title.starts_with("✓ run.") && title.ends_with(" exit 0 – Serverless on Heroku"), "{title}");
    assert_eq!(page.script(elements).await, before);
    assert_eq!(page.script("return {}.owned ?? null").await, json!(null));
    assert_eq!(page.policy_violations().await, [""; 0]);
    // An override of the direction of text stays inside its row.
    let isolated = "return [...document.querySelectorAll('[role=log] .row__text')]
        .every((text) => getComputedStyle(text).unicodeBidi === 'isolate')";
    assert_eq!(page.script(isolated).await, json!(true));
}

#[tokio::test]
async fn a_key_that_the_function_prints_is_masked() {
    let gate = Gate::closed();
    // Whole, in two writes, beside another one, and on the border of Heroku's pieces of 10,000 bytes.
    let program = format!(
        "import os, sys, time\nkey = '{KEY}'\nprint('whole', key)\nsys.stdout.write('halves ' + key[:20])\nsys.stdout.flush()\n\
         time.sleep(0.2)\nprint(key[20:])\nprint('twice', key + key)\nprint('x' * (10_000 - 7) + key + ' cut')\n\
         print('y' * (10_000 - 30) + key + ' cut late')\nsys.stdout.flush()\n\
         os.system({:?})\nprint('end')\n",
        gate.wait()
    );
    let emulator = Emulator::start(App::python(&program)).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    let mask = "*".repeat(KEY.len());
    page.shows_line(&format!("whole {mask}")).await;
    page.shows_line(&format!("halves {mask}")).await;
    page.shows_line(&format!("twice {mask}{mask}")).await;
    page.shows_line(&format!("{} cut", &mask[7..])).await;
    page.shows_line(&format!("{} cut late", &mask[30..])).await;
    assert_no_key(&page).await;
    gate.open();
    let (_, result) = page.ends().await;
    assert_no_key(&page).await;
    let expected = format!(
        "whole {mask}\nhalves {mask}\ntwice {mask}{mask}\n{}{mask} cut\n{}{mask} cut late\nend",
        "x".repeat(10_000 - 7),
        "y".repeat(10_000 - 30)
    );
    assert!(result == expected, "{} bytes instead of {}", result.len(), expected.len());
}

/// Not even a half of it that would give the other half away.
async fn assert_no_key(page: &Page) {
    let html = page.script("return document.documentElement.outerHTML").await;
    for part in [KEY, &KEY[..10], &KEY[KEY.len() - 10..], &KEY[15..25]] {
        assert!(!html.as_str().unwrap().contains(part), "{part} is in the document");
    }
}
