//! The page as it goes out, and when it does not.

use serde_json::json;

use crate::support::{Emulator, Folder, command, one_off_dyno, request, split};

const INDEX: &str = r#"<!doctype html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'self' https://api.heroku.com https://*.heroku.com; base-uri 'none'">
<meta name="heroku-api" content="https://api.heroku.com">
</head><body>https://api.heroku.com</body></html>
"#;

fn emulator(page: &Folder) -> Emulator {
    Emulator::start_with(&["--page", page.path().to_str().unwrap()])
}

#[test]
fn the_index_has_this_emulator_s_addresses() {
    let page = Folder::new().with("index.html", INDEX);
    let emulator = emulator(&page);
    let api = format!("http://{}", emulator.api);
    let stream = format!("http://{}", split(&emulator.session(&json!({}))).0);
    let expected = INDEX
        .replace("https://api.heroku.com https://*.heroku.com", &format!("{api} {stream}"))
        .replace("content=\"https://api.heroku.com\"", &format!("content=\"{api}\""));
    let address = emulator.page.as_deref().unwrap();
    for path in ["/", "/index.html", "/?a=b"] {
        let response = request(address, "GET", path, &[], b"");
        assert_eq!((response.status, response.text()), (200, expected.clone()), "{path}");
        for (header, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-cache"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(response.header(header), Some(value), "{path}");
        }
    }
}

#[test]
fn timings_go_into_the_index_when_they_are_given() {
    let timings = r#"<meta name="timings" content="own">"#;
    let index = INDEX.replace("</head>", &format!("{timings}</head>"));
    let page = Folder::new().with("index.html", &index);
    let served = |arguments: &[&str]| {
        let emulator =
            Emulator::start_with(&[&["--page", page.path().to_str().unwrap()], arguments].concat());
        request(emulator.page.as_deref().unwrap(), "GET", "/", &[], b"").text()
    };
    assert!(served(&[]).contains(timings));
    let escaped = "grace&#61;50&#32;&#34;&#62;&#38;";
    let expected = timings.replace("own", escaped);
    let index = served(&["--timings", "grace=50 \">&"]);
    assert!(index.contains(&expected), "{index}");
}

#[test]
fn files_have_their_types() {
    let types = [
        ("app.wasm", "application/wasm"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("styles.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("favicon.ico", "image/x-icon"),
        ("icon.png", "image/png"),
        ("data.json", "application/json"),
        ("site.webmanifest", "application/manifest+json"),
    ];
    let page =
        types.iter().fold(Folder::new().with("index.html", INDEX), |page, (name, _)| page.with(name, "x"));
    let emulator = emulator(&page);
    for (name, content_type) in types {
        let response = request(emulator.page.as_deref().unwrap(), "GET", &format!("/{name}"), &[], b"");
        assert_eq!((response.status, response.text().as_str()), (200, "x"), "{name}");
        assert_eq!(response.header("content-type"), Some(content_type), "{name}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{name}");
    }
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let outside = Folder::new().with("secret", "x");
    let page = Folder::new().with("index.html", INDEX);
    let emulator = emulator(&page);
    let secret = format!("{}/secret", outside.path().file_name().unwrap().to_str().unwrap());
    for path in [
        format!("/../{secret}"),
        format!("/%2e%2e/{secret}"),
        format!("/..%2f{secret}"),
        format!("/{}", outside.path().display()),
        "/missing".to_owned(),
    ] {
        let response = request(emulator.page.as_deref().unwrap(), "GET", &path, &[], b"");
        assert_eq!(response.status, 404, "{path}");
    }
}

#[test]
fn no_html_goes_out_as_it_is() {
    let page = Folder::new().with("index.html", INDEX).with("other.html", INDEX);
    let emulator = emulator(&page);
    for path in
        ["/%69ndex.html", "//index.html", "/./index.html", "/x/../index.html", "/index%2ehtml", "/other.html"]
    {
        let response = request(emulator.page.as_deref().unwrap(), "GET", path, &[], b"");
        assert_eq!((response.status, response.text().as_str()), (404, ""), "{path}");
    }
}

#[test]
fn a_page_that_would_send_the_key_elsewhere_is_not_served() {
    let cases = [
        (INDEX.replace("heroku-api", "other"), "heroku-api"),
        (INDEX.replace("Content-Security-Policy", "other"), "Content-Security-Policy"),
        (INDEX.replace(" https://*.heroku.com", ""), "connect-src"),
    ];
    for (index, named) in cases {
        assert_not_served(&index, &[], named);
    }
}

#[test]
fn timings_that_the_page_cannot_take_are_an_error() {
    assert_not_served(INDEX, &["--timings", "grace=50"], "--timings");
}

fn assert_not_served(index: &str, arguments: &[&str], named: &str) {
    let page = Folder::new().with("index.html", index);
    let mut command = command();
    command.arg("--source").arg(one_off_dyno()).arg("--page").arg(page.path()).args(arguments);
    let output = command.args(["--listen", "127.0.0.1:0", "--page-listen", "127.0.0.1:0"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("index.html") && error.contains(named), "{error}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_page_that_becomes_unfit_while_it_is_served_is_an_error() {
    let page = Folder::new().with("index.html", INDEX);
    let emulator = emulator(&page);
    let page = page.with("index.html", "<p>being built");
    let response = request(emulator.page.as_deref().unwrap(), "GET", "/", &[], b"");
    assert_eq!(response.status, 500);
    assert!(response.text().contains("heroku-api"), "{}", response.text());
    drop(page);
}
