//! Which source the page is built from, for its footer.

use anyhow::{Result, bail};

use crate::process::ask;
use crate::tools::Tools;

/// The forges whose addresses of a commit's files are known. Other hosts may be nobody's business.
const FORGES: [(&str, &str); 3] =
    [("github.com", "tree"), ("gitlab.com", "-/tree"), ("codeberg.org", "src/commit")];

/// What the footer tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The commit's hash, with `-dirty` behind it when files differ from the commit's; `unknown` outside of Git.
    pub(crate) commit: String,
    /// Where its files can be read; nothing when that is not known.
    pub(crate) address: Option<String>,
}

/// Asks Git, and GitHub's runner by its environment.
pub(crate) fn find(tools: &Tools) -> Source {
    let git = |arguments: &[&str]| {
        // Looking on must not write, not even Git's own notes.
        let answer = ask(tools.command("git").env("GIT_OPTIONAL_LOCKS", "0").args(arguments))?;
        Some(answer.trim().to_owned()).filter(|answer| !answer.is_empty())
    };
    // Sources that were unpacked inside of another repository are not that one's commit.
    let top = git(&["rev-parse", "--show-toplevel"]).and_then(|path| std::fs::canonicalize(path).ok());
    let is_ours = top.is_some() && top == std::fs::canonicalize(tools.root()).ok();
    let commit = git(&["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]).filter(|_| is_ours);
    let Some(commit) = commit else { return Source { commit: "unknown".to_owned(), address: None } };
    let hash = commit.trim_end_matches("-dirty");
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let address = match (variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY")) {
        (Some(server), Some(repository)) => on_runner(&server, &repository, hash),
        _ => git(&["remote", "get-url", "origin"]).and_then(|remote| on_forge(&remote, hash)),
    };
    Source { commit, address }
}

/// GitHub's own address of the repository, which can be a company's server.
fn on_runner(server: &str, repository: &str, commit: &str) -> Option<String> {
    let host = server.strip_prefix("https://")?.trim_end_matches('/');
    (is_plain(host) && is_repository(repository))
        .then(|| format!("https://{host}/{repository}/tree/{commit}"))
}

/// From the address that Git fetches from, without the name and the password that can be in it.
fn on_forge(remote: &str, commit: &str) -> Option<String> {
    let (host, path) = match remote.split_once("://") {
        Some(("https" | "ssh", rest)) => rest.split_once('/')?,
        Some(_) => return None,
        // As scp writes it: `git@github.com:owner/name.git`.
        None => remote.split_once(':')?,
    };
    let host = host.rsplit('@').next()?;
    let host = host.split(':').next()?;
    let repository = path.trim_matches('/').trim_end_matches(".git");
    let (_, files) = FORGES.iter().find(|(forge, _)| host.eq_ignore_ascii_case(forge))?;
    let host = host.to_ascii_lowercase();
    is_repository(repository).then(|| format!("https://{host}/{repository}/{files}/{commit}"))
}

/// Owner and name; on some forges there are groups between them.
fn is_repository(path: &str) -> bool {
    path.contains('/') && path.split('/').all(|part| !part.is_empty() && part != ".." && is_plain(part))
}

fn is_plain(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Writes the `content` of a `<meta>` that the page has once.
pub(crate) fn write_meta(html: &str, name: &str, content: &str) -> Result<String> {
    if content.contains(['"', '&', '<']) {
        bail!("{content:?} cannot be written into an attribute as it is");
    }
    let tags = html_tags::tags(html);
    let is_meant =
        |tag: &&html_tags::Tag<'_>| tag.is("meta") && tag.get("name").is_some_and(|it| it.value == name);
    let found: Vec<_> = tags.iter().filter(is_meant).filter_map(|tag| tag.get("content")).collect();
    let [place] = found[..] else {
        bail!("index.html has to have one <meta name=\"{name}\" content=\"…\">")
    };
    Ok(format!("{}{content}{}", &html[..place.range.start], &html[place.range.end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_known_forges_lead_to_the_commit() {
        for (remote, address) in [
            ("https://github.com/owner/name.git", Some("https://github.com/owner/name/tree/c0ffee")),
            ("https://GitHub.com/owner/name/", Some("https://github.com/owner/name/tree/c0ffee")),
            ("https://user:secret@github.com/owner/name", Some("https://github.com/owner/name/tree/c0ffee")),
            ("git@github.com:owner/name.git", Some("https://github.com/owner/name/tree/c0ffee")),
            ("ssh://git@github.com:22/owner/name.git", Some("https://github.com/owner/name/tree/c0ffee")),
            ("git@gitlab.com:group/sub/name.git", Some("https://gitlab.com/group/sub/name/-/tree/c0ffee")),
            ("https://codeberg.org/owner/name", Some("https://codeberg.org/owner/name/src/commit/c0ffee")),
            ("https://git.company.example/owner/name", None),
            ("https://github.com.example/owner/name", None),
            ("https://github.com/name", None),
            ("https://github.com/owner/\"name", None),
            ("https://github.com/../name", None),
            ("http://github.com/owner/name", None),
            ("file:///github.com/owner/name", None),
            ("/home/person/name", None),
            ("../name", None),
        ] {
            assert_eq!(on_forge(remote, "c0ffee").as_deref(), address, "{remote}");
        }
    }

    #[test]
    fn the_runner_names_the_repository() {
        let address = on_runner("https://github.example", "owner/name", "c0ffee");
        assert_eq!(address.as_deref(), Some("https://github.example/owner/name/tree/c0ffee"));
        assert_eq!(on_runner("http://github.example", "owner/name", "c0ffee"), None);
        assert_eq!(on_runner("https://github.com", "owner/\"><script>", "c0ffee"), None);
    }

    #[test]
    fn a_meta_is_written_where_it_stands_once() {
        let html = r#"<meta name="a" content=""><meta content='x' name="b">"#;
        assert_eq!(write_meta(html, "a", "1").unwrap(), html.replace("\"\"", "\"1\""));
        assert_eq!(write_meta(html, "b", "2").unwrap(), html.replace('x', "2"));
        for (html, name, content) in [(html, "c", "1"), (&*html.repeat(2), "a", "1"), (html, "a", "\"")] {
            assert!(write_meta(html, name, content).is_err(), "{name} {content}");
        }
    }
}
