//! Loopback only: which addresses may be listened on, and which Host headers are answered.

use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Reads an address for a listener: `127.0.0.1:8080`, `[::1]:0`, `localhost:8080`.
///
/// # Errors
///
/// A sentence for the person who typed it, also for an address that others on the network could reach.
pub fn parse_loopback(address: &str) -> Result<SocketAddr, String> {
    let numeric = match address.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => address.to_owned(),
    };
    let parsed: SocketAddr = numeric
        .parse()
        .map_err(|_| "it has to look like 127.0.0.1:8080 (port 0 takes any free one)".to_owned())?;
    if parsed.ip().is_loopback() {
        Ok(parsed)
    } else {
        Err("only loopback addresses such as 127.0.0.1 are allowed: dynos run commands on this machine"
            .to_owned())
    }
}

/// Refuses requests that name another host than this listener's. A page elsewhere could otherwise let its own name
/// point to 127.0.0.1 and be of one origin with the emulator (DNS rebinding).
pub(crate) async fn check(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    let in_header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = in_header.or_else(|| request.uri().authority().map(Authority::as_str));
    if host.is_some_and(|host| is_own(host, address)) {
        next.run(request).await
    } else {
        // As the API tells errors (platform-api.md 1.6): it is a client of that which meets this by mistake.
        let message = "This address is not served here: use http://127.0.0.1 and the port.";
        let body = json!({"id": "forbidden", "message": message}).to_string();
        (StatusCode::FORBIDDEN, [(CONTENT_TYPE, "application/json")], body).into_response()
    }
}

fn is_own(host: &str, address: SocketAddr) -> bool {
    let name = match host.strip_suffix(&format!(":{}", address.port())) {
        Some(name) => name,
        // Port 80 is left out by browsers.
        None if address.port() == 80 => host,
        None => return false,
    };
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own))
        || name == address.ip().to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_loopback_addresses_are_taken() {
        for (typed, taken) in [
            ("127.0.0.1:0", Some("127.0.0.1:0")),
            ("localhost:8080", Some("127.0.0.1:8080")),
            ("[::1]:1", Some("[::1]:1")),
            ("127.8.8.8:1", Some("127.8.8.8:1")),
            ("0.0.0.0:8080", None),
            ("[::]:8080", None),
            ("192.168.0.1:8080", None),
            ("example.com:80", None),
            ("127.0.0.1", None),
            ("8080", None),
        ] {
            assert_eq!(
                parse_loopback(typed).ok().map(|address| address.to_string()).as_deref(),
                taken,
                "{typed}"
            );
        }
    }

    #[test]
    fn only_the_listener_s_own_names_are_answered() {
        let address = "127.0.0.1:8080".parse().unwrap();
        for (host, own) in [
            ("127.0.0.1:8080", true),
            ("localhost:8080", true),
            ("LOCALHOST:8080", true),
            ("[::1]:8080", true),
            ("localhost", false),
            ("localhost:80", false),
            ("localhost:18080", false),
            ("evil.example:8080", false),
            ("localhost.evil.example:8080", false),
            ("", false),
        ] {
            assert_eq!(is_own(host, address), own, "{host:?}");
        }
        assert!(is_own("localhost", "127.0.0.1:80".parse().unwrap()));
    }
}
