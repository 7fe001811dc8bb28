//! The page as GitHub Pages serves it: below any path, and while deployments replace each other.

use std::path::Path;

use fantoccini::Locator;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{KEY, Page, Pages, change_module, copy_of_dist, dist};

/// How the names of the page's files begin, but for those with fixed names.
const HASHED: [&str; 4] = ["boot-", "serverless-on-heroku-", "serverless-on-heroku_bg-", "styles-"];

/// The page as another commit could have made it: all files have other bytes, and those that are named by their
/// content have other names. Each tells `mark`, a digit.
fn deployment(mark: char) -> TempDir {
    let folder = copy_of_dist();
    let names: Vec<String> = std::fs::read_dir(folder.path())
        .expect("the copy of the page")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a name in UTF-8"))
        .collect();
    for name in &names {
        let mut bytes = std::fs::read(folder.path().join(name)).expect("a file of the page");
        let added = match Path::new(name).extension().and_then(|extension| extension.to_str()) {
            Some("js") if name.starts_with("boot-") => told_by_script("boot", mark),
            Some("js") if name.starts_with("serverless-on-heroku-") => told_by_script("module", mark),
            Some("js") => format!("// {mark}\n").into_bytes(),
            Some("css") => format!(":root {{ --deployment: {mark}; }}\n").into_bytes(),
            // A custom section: its number, its length, its name's length, its name.
            Some("lzma" | "wasm") => vec![0, 2, 1, mark as u8],
            _ => format!("<!-- {mark} -->\n").into_bytes(),
        };
        if name.ends_with(".lzma") {
            bytes = change_module(&bytes, |module| module.extend(added));
        } else {
            bytes.extend(added);
        }
        if let Ok(mut text) = String::from_utf8(bytes.clone()) {
            text = text.replace("<html ", &format!("<html data-index=\"{mark}\" "));
            names.iter().for_each(|name| text = text.replace(name, &renamed(name, mark)));
            bytes = text.into_bytes();
        }
        std::fs::remove_file(folder.path().join(name)).expect("a file of the page");
        std::fs::write(folder.path().join(renamed(name, mark)), bytes).expect("a changed file");
    }
    folder
}

fn told_by_script(part: &str, mark: char) -> Vec<u8> {
    format!("\ndocument.documentElement.dataset.{part} = \"{mark}\";\n").into_bytes()
}

/// `name-0123456789abcdef.js` becomes `name-2222222222222222.js`; a fixed name stays.
fn renamed(name: &str, mark: char) -> String {
    let hash = name.rsplit_once('.').and_then(|(stem, _)| stem.rsplit_once('-')).map(|(_, hash)| hash);
    match hash {
        Some(hash) if hash.len() == 16 => name.replace(hash, &mark.to_string().repeat(16)),
        _ => name.to_owned(),
    }
}

/// Waits for the form or for the message that the page does not work, through reloads.
async fn outcome(page: &Page) -> String {
    let script = "if (document.getElementById('failure')?.checkVisibility()) return 'failure';
        return document.querySelector('form input') ? 'form' : 'neither'";
    page.until("the form or the message", async || {
        // While the page is replaced there is none to ask.
        let seen =
            page.browser.client.execute(script, Vec::new()).await.map_err(|error| error.to_string())?;
        match seen.as_str() {
            Some(seen @ ("form" | "failure")) => Ok(seen.to_owned()),
            _ => Err(seen.to_string()),
        }
    })
    .await
}

/// Which deployments the page's parts are from.
async fn parts(page: &Page) -> Value {
    page.script(
        "const { index, boot, module } = document.documentElement.dataset;
        const style = getComputedStyle(document.documentElement).getPropertyValue('--deployment').trim();
        return [index, boot, module, style]",
    )
    .await
}

/// Opens the address as a link does: a browser that is at it already would reload it.
async fn come_again(page: &Page, pages: &Pages) {
    page.browser.client.goto("about:blank").await.expect("an empty page");
    page.browser.client.goto(&pages.address).await.expect("the page loads");
}

#[tokio::test]
async fn files_that_are_gone_for_good_are_told_after_one_reload() {
    for start in HASHED {
        let broken = copy_of_dist();
        let entries = std::fs::read_dir(broken.path()).expect("the copy of the page");
        let paths = entries.map(|entry| entry.expect("a file").path());
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let gone: Vec<_> = paths.filter(|path| name(path).starts_with(start)).collect();
        let [gone] = &gone[..] else { panic!("{start} is the start of {gone:?}") };
        std::fs::remove_file(gone).expect("the file");
        let pages = Pages::start(broken.path()).await;
        let page = Page::load(&pages.address).await;
        // Firefox may show the form without its styles until the page is got again.
        page.until(&format!("the message that {start} is missing"), async || match outcome(&page).await {
            outcome if outcome == "failure" => Ok(()),
            outcome => Err(outcome),
        })
        .await;
        assert_eq!(page.count("form, input, textarea").await, 0, "{start}");
        // As it was asked for, fetched, and reloaded.
        assert_eq!(pages.visits(), 3, "{start}");
    }
}

/// A stylesheet's failure can be told while the wasm is compiled.
#[tokio::test]
async fn an_app_that_is_ready_after_the_message_stays_away() {
    let folder = copy_of_dist();
    let entries = std::fs::read_dir(folder.path()).expect("the copy of the page");
    let paths = entries.map(|entry| entry.expect("a file").path());
    let is_boot =
        |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("boot-"));
    let boot = paths.into_iter().find(|path| is_boot(path)).expect("the boot script");
    let fails_meanwhile = "document.addEventListener('app-starting', () =>
            document.dispatchEvent(new CustomEvent('app-failed')));
        document.addEventListener('app-started', () => { window.later = true; });\n";
    let script = std::fs::read_to_string(&boot).expect("the boot script");
    std::fs::remove_file(&boot).expect("the boot script");
    std::fs::write(&boot, fails_meanwhile.to_owned() + &script).expect("a changed boot script");
    let pages = Pages::start(folder.path()).await;
    let page = Page::load(&pages.address).await;
    page.until("the app to be ready", async || match page.script("return window.later ?? null").await {
        Value::Null => Err("it is not".to_owned()),
        _ => Ok(()),
    })
    .await;
    assert_eq!(outcome(&page).await, "failure");
    assert_eq!(page.count("form, input, textarea").await, 0);
}

#[tokio::test]
async fn once_the_app_has_started_nothing_is_reloaded() {
    let pages = Pages::start(&dist()).await;
    let page = Page::open(&pages.address).await;
    page.fill_in_app_and_key().await;
    let script = "const script = document.createElement('script');
        script.src = 'gone.js';
        script.onerror = async () => {
            await fetch('recovery.js', { cache: 'no-store' });
            window.later = true;
        };
        document.body.append(script);";
    page.script(script).await;
    page.until("a request after the error", async || {
        match page.script("return window.later ?? null").await {
            Value::Null => Err("none was answered".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    assert_eq!(pages.visits(), 1);
    assert_eq!(page.value("api_key").await, KEY);
}

#[tokio::test]
async fn without_a_network_the_message_stays_on_the_page() {
    let first = deployment('1');
    let mut pages = Pages::start_with(first.path(), "", &HASHED).await;
    let page = Page::open(&pages.address).await;
    pages.end().await;
    come_again(&page, &pages).await;
    assert_eq!(outcome(&page).await, "failure");
}

#[tokio::test]
async fn the_page_works_below_any_path() {
    let pages = Pages::start_with(&dist(), "/some/path", &[]).await;
    let page = Page::open(&pages.address).await;
    let licences = page.browser.client.find(Locator::LinkText("Licences")).await.expect("a link");
    let licences = licences.prop("href").await.expect("an answer").expect("an address");
    assert!(licences.starts_with(&pages.address), "{licences}");
    // The licences are for those who want to read them.
    assert!(!pages.requests().iter().any(|(path, _)| licences.ends_with(path)), "{:?}", pages.requests());
    page.browser.client.goto(&licences).await.expect("the licences");
    let text = page.script("return document.body.innerText").await;
    let text = text.as_str().unwrap_or_default();
    for part in ["serverless-on-heroku", "yew", "wasm-bindgen", "memchr"] {
        assert!(text.lines().any(|line| line.starts_with(&format!("{part} "))), "{part}: {text}");
    }
    assert!(!text.contains("proptest"));
    let requests = pages.requests();
    assert!(
        requests.iter().all(|(path, status)| path.starts_with("/some/path/") && *status == 200),
        "{requests:?}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_told_without_further_files() {
    let pages = Pages::start_with(&dist(), "/some/path", &[]).await;
    let address = format!("{}not/here/at/all", pages.address);
    let page = Page::load(&address).await;
    let title = page.script("return document.querySelector('h1').innerText").await;
    assert_eq!(title, json!("There is nothing at this address"));
    // Its policy lets its own style in.
    let size = page.script("return getComputedStyle(document.querySelector('h1')).fontSize").await;
    assert_eq!(size, json!("22px"));
    assert_eq!(page.policy_violations().await, [""; 0]);
    assert_eq!(pages.requests(), [("/some/path/not/here/at/all".to_owned(), 404)]);
}

#[tokio::test]
async fn the_footer_tells_version_and_source() {
    let pages = Pages::start(&dist()).await;
    let page = Page::open(&pages.address).await;
    let footer = page.script("return document.querySelector('footer').innerText").await;
    let footer = footer.as_str().unwrap_or_default().to_owned();
    let content = |name: &str| format!("return document.querySelector('meta[name=\"{name}\"]').content");
    let commit = page.script(&content("source-commit")).await;
    let commit = commit.as_str().unwrap_or_default().to_owned();
    assert!(footer.contains(concat!("Version ", env!("CARGO_PKG_VERSION"))), "{footer}");
    assert!(!commit.is_empty() && footer.contains(&commit[..commit.len().min(10)]), "{footer}: {commit}");
    let links =
        page.script("return [...document.querySelectorAll('footer a')].map((link) => link.href)").await;
    let address = page.script(&content("source-address")).await;
    let has_source = links.as_array().expect("a list").contains(&address);
    assert_eq!(has_source, address != json!(""), "{links} {address}");
}

/// These count on a browser that keeps the files that it may keep, and no others. WebKit's driver lets it keep none, and
/// Firefox also uses stylesheets again that it may not keep.
mod chromium_only {
    use super::*;

    #[tokio::test]
    async fn a_returning_visitor_gets_a_matching_set_of_files() {
        let (first, second, third) = (deployment('1'), deployment('2'), deployment('3'));
        let all: &[&str] = &HASHED;
        for not_kept in [all, &HASHED[..1], &HASHED[1..2], &HASHED[2..3], &HASHED[3..]] {
            let pages = Pages::start_with(first.path(), "", not_kept).await;
            let page = Page::open(&pages.address).await;
            assert_eq!(parts(&page).await, json!(["1", "1", "1", "1"]), "{not_kept:?}");
            for (mark, folder) in [("2", &second), ("3", &third)] {
                let visits = pages.visits();
                pages.deploy(folder.path());
                come_again(&page, &pages).await;
                assert_eq!(outcome(&page).await, "form", "{not_kept:?}");
                assert_eq!(parts(&page).await, json!([mark, mark, mark, mark]), "{not_kept:?}");
                // The old page came from the cache; then it was fetched, and reloaded.
                assert_eq!(pages.visits() - visits, 2, "{not_kept:?}");
                assert_eq!(page.script("return history.state").await, Value::Null);
            }
        }
    }

    #[tokio::test]
    async fn a_returning_visitor_with_all_files_keeps_the_old_page() {
        let (first, second) = (deployment('1'), deployment('2'));
        let pages = Pages::start(first.path()).await;
        let page = Page::open(&pages.address).await;
        let before = pages.requests();
        pages.deploy(second.path());
        come_again(&page, &pages).await;
        assert_eq!(outcome(&page).await, "form");
        assert_eq!(parts(&page).await, json!(["1", "1", "1", "1"]));
        assert_eq!(pages.requests(), before);
    }
}
