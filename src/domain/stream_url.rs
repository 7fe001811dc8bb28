//! Which addresses of log streams the page may open (design.md 2.3, platform-api.md 2.3).

use super::text;

/// Whether the address is `https:` on a host of heroku.com, or, for a page that itself comes from this machine, on
/// loopback. Anything that parsers read differently (user names, backslashes, control characters) is refused.
pub fn is_allowed(url: &str, page_is_local: bool) -> bool {
    if url.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'\\') {
        return false;
    }
    let (scheme, rest) = text::split_once(url, "://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (authority, ""),
    };
    let host = host.to_ascii_lowercase();
    match scheme {
        // What the policy of the page allows: `https://*.heroku.com`, which names the default port.
        "https" if host.ends_with(".heroku.com") => is_domain(&host) && matches!(port, "" | "443"),
        "http" | "https" => page_is_local && is_loopback(&host),
        _ => false,
    }
}

/// Whether a host is this machine.
pub fn is_loopback(host: &str) -> bool {
    // Numbers and dots are an IPv4 address of the network 127, in a shorter form, too, or none that can be opened (URL
    // standard, 3.5).
    let is_v4 = host.starts_with("127.")
        && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && !host.ends_with('.');
    is_v4 || matches!(host, "localhost" | "[::1]")
}

fn is_domain(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn opens_streams_of_heroku_alone() {
        for url in [
            "https://virginia.sessions.logs.heroku.com/stream?channel_id=app-1&token=x%3D",
            "https://logplex.heroku.com/sessions/1?srv=2",
            "https://LOGS.HEROKU.COM:443/stream",
        ] {
            assert!(is_allowed(url, false), "{url}");
            assert!(is_allowed(url, true), "{url}");
        }
        for url in [
            "",
            "logs.heroku.com/stream",
            "http://logs.heroku.com/stream",
            "https://heroku.com/",
            "https://logs.heroku.com:8443/",
            "https://heroku.com.example.org/",
            "https://notheroku.com/",
            "https://example.org/.heroku.com",
            "https://example.org?.heroku.com",
            "https://example.org#.heroku.com",
            "https://user@logs.heroku.com/",
            "https://example.org\\.heroku.com/",
            "https://example.org/\n.heroku.com",
            "https://logs.heroku.com:x@example.org/",
            "javascript://logs.heroku.com/",
            "wss://logs.heroku.com/",
        ] {
            assert!(!is_allowed(url, true), "{url}");
        }
    }

    #[test]
    fn opens_loopback_for_a_page_from_loopback_alone() {
        for url in [
            "http://127.0.0.1:5000/streams/x",
            "http://localhost/x",
            "http://[::1]:5000/x",
            "http://127.9.9.9/",
            "http://127.1/",
        ] {
            assert!(is_allowed(url, true), "{url}");
            assert!(!is_allowed(url, false), "{url}");
        }
        for url in [
            "http://128.0.0.1/",
            // 0.0.0.127.
            "http://127/",
            "http://127./",
            "http://1270.0.0.1/",
            "http://127.0.0.x/",
            "http://localhost.example.org/",
            "http://127.0.0.1.example.org/",
            "http:///",
        ] {
            assert!(!is_allowed(url, true), "{url}");
        }
    }
}
