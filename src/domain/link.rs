//! Links that fill in the form: `#app=…&command=…&NAME=…&env.X=…&size=…&time_limit=…&source=app` (design.md 6).
//!
//! A fragment, which reaches no server. Never with the key, and nothing starts by itself. `line=7` in it is no part of
//! that: it names a line of the log that is on the page.

use super::dyno_size::DynoSize;
use super::form::{Form, NAME};
use super::percent;
use super::secret::ApiKey;
use super::text;
use super::time_limit;
use super::variables::Variables;

/// Begins the name of a parameter that is a variable of the form.
const VARIABLE_PREFIX: &str = "env.";

/// Begins the parameter that names a line.
const LINE: &str = "line=";

/// Names of parameters that can only be the key.
const NAMES_OF_KEYS: [&str; 3] = ["api_key", "key", "token"];

/// What Heroku's keys begin with (platform-api.md 9).
const KEY_PREFIX: &str = "HRKU-";

/// What an address brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Names of the fields that were filled in.
    pub filled: Vec<String>,
    /// Parameters that could not be used.
    pub unused: Vec<String>,
    /// The command, where the link has one: a field of one line may hide a part of it.
    pub command: Option<String>,
    /// There was a key, which was not used.
    pub had_key: bool,
}

/// The parts of an address that a page can change without loading another; without `?` and `#`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub query: String,
    pub fragment: String,
    /// It held a key until a moment ago.
    pub had_key: bool,
}

/// An address may hold a key.
impl std::fmt::Debug for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Address(…)")
    }
}

impl Address {
    /// The same without what looks like a key; `None` when there is none.
    pub fn without_key(&self) -> Option<Self> {
        let (query, fragment) = (without_key(&self.query), without_key(&self.fragment));
        let has_key = query != self.query || fragment != self.fragment;
        has_key.then_some(Self { query, fragment, had_key: true })
    }

    /// The number of the line that is named, from 1.
    pub fn line(&self) -> Option<usize> {
        let number = self.fragment.split('&').find_map(|pair| pair.strip_prefix(LINE));
        number.and_then(|number| number.parse().ok()).filter(|&number| number > 0)
    }

    /// Names another line; what else there is stays.
    pub fn set_line(&mut self, number: usize) {
        let mut fragment = without_line(&self.fragment);
        if !fragment.is_empty() {
            fragment.push('&');
        }
        fragment.push_str(LINE);
        fragment.push_str(&number.to_string());
        self.fragment = fragment;
    }

    /// The fragment without a line and without what looks like a key.
    pub fn form_part(&self) -> String {
        without_line(&without_key(&self.fragment))
    }

    /// Fills in the form; `None` when the address has nothing for it.
    ///
    /// Fields that the link does not name stay as they are; variables are those of the link if it has any.
    pub fn fill(&self, form: &mut Form) -> Option<Arrival> {
        let had_key = self.had_key || self.without_key().is_some();
        let clean = self.form_part();
        let parameters: Vec<(String, String)> = pairs(&clean).map(decoded).collect();
        let (mut filled, mut unused, mut command) = (Vec::new(), Vec::new(), None);
        let has_variables = parameters.iter().any(|(name, _)| name.starts_with(VARIABLE_PREFIX));
        if has_variables {
            form.variables.clear();
        }
        for (name, value) in parameters {
            // What a field would not show as it is sent must not be in it.
            let is_hidden = !name.starts_with(VARIABLE_PREFIX) && name != NAME && has_hidden(&value);
            if is_hidden || has_hidden(&name) {
                unused.push(visible_name(&name));
                continue;
            }
            let label = match name.as_str() {
                "app" => {
                    form.app = value;
                    "app name".to_owned()
                }
                "command" => {
                    form.command = value.clone();
                    command = Some(value);
                    name
                }
                NAME => {
                    form.name = with_line_feeds(&value);
                    name
                }
                "size" if DynoSize::find(&value).is_some() => {
                    form.size = DynoSize::find(&value);
                    "dyno size".to_owned()
                }
                "time_limit" if time_limit::parse(&value).is_some() => {
                    form.time_limit = value;
                    "time limit".to_owned()
                }
                "source" if value == "app" => {
                    form.output_only = true;
                    "function output only".to_owned()
                }
                _ => match name.strip_prefix(VARIABLE_PREFIX) {
                    Some(variable) => {
                        form.variables.add(variable, &with_line_feeds(&value));
                        variable.to_owned()
                    }
                    None => {
                        unused.push(name);
                        continue;
                    }
                },
            };
            filled.push(label);
        }
        let is_something = had_key || !filled.is_empty();
        is_something.then_some(Arrival { filled, unused, command, had_key })
    }
}

/// A link that fills in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormLink {
    /// Without `#`.
    pub fragment: String,
    /// Names of fields that the link does not hold because they look secret.
    pub left_out: Vec<String>,
}

impl FormLink {
    pub fn of(form: &Form) -> Self {
        // A key field may hold two keys, or other faults.
        let typed_keys: Vec<ApiKey> =
            form.api_key.0.split_whitespace().filter_map(|word| ApiKey::parse(word).ok()).collect();
        let holds_key = |value: &str| {
            text::find(value, KEY_PREFIX).is_some() || typed_keys.iter().any(|key| key.is_in(value))
        };
        let mut parameters = Vec::new();
        let mut left_out = Vec::new();
        for (name, value) in [("app", &form.app), ("command", &form.command), (NAME, &form.name)] {
            if holds_key(value) || Variables::looks_secret(name, value) {
                left_out.push(name.to_owned());
            } else if !value.is_empty() {
                parameters.push((name.to_owned(), value.clone()));
            }
        }
        for (index, row) in form.variables.iter().enumerate() {
            if holds_key(&row.name) {
                left_out.push(format!("variable {}", index + 1));
            } else if holds_key(&row.value) || Variables::looks_secret(&row.name, &row.value) {
                left_out.push(row.name.clone());
            } else {
                parameters.push((format!("{VARIABLE_PREFIX}{}", row.name), row.value.clone()));
            }
        }
        if let Some(size) = form.size {
            parameters.push(("size".to_owned(), size.name.to_owned()));
        }
        // Of nothing but a limit is it certain that it holds no secret.
        if time_limit::parse(&form.time_limit).is_some() {
            parameters.push(("time_limit".to_owned(), form.time_limit.clone()));
        }
        if form.output_only {
            parameters.push(("source".to_owned(), "app".to_owned()));
        }
        let pair = |(name, value): (String, String)| {
            format!("{}={}", percent::encode(&name), percent::encode(&value))
        };
        Self { fragment: parameters.into_iter().map(pair).collect::<Vec<_>>().join("&"), left_out }
    }

    /// A badge for a README that leads to the form; `page` is the page's address without a fragment.
    pub fn badge(&self, page: &str) -> String {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("[![Run on Heroku]({folder}/badge.svg)]({page}#{})", self.fragment)
    }
}

fn without_key(parameters: &str) -> String {
    without(parameters, &|pair| is_key(decoded(pair)))
}

fn without_line(parameters: &str) -> String {
    without(parameters, &|pair| pair.starts_with(LINE))
}

fn without(parameters: &str, is_unwanted: &dyn Fn(&str) -> bool) -> String {
    let kept: Vec<&str> = parameters.split('&').filter(|pair| !is_unwanted(pair)).collect();
    kept.join("&")
}

fn is_key((name, value): (String, String)) -> bool {
    let begins = |text: &str| text.trim_start().starts_with(KEY_PREFIX);
    NAMES_OF_KEYS.contains(&name.to_ascii_lowercase().as_str()) || begins(&value) || begins(&name)
}

/// Whether a field of one line would not show all of the text, or not in the order in which it is sent: line breaks and
/// other controls, and marks of direction (Unicode's Bidi_Control).
fn has_hidden(text: &str) -> bool {
    let changes_direction = |character| matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().any(|character| character.is_control() || changes_direction(character))
}

fn visible_name(name: &str) -> String {
    name.chars().filter(|character| !has_hidden(character.encode_utf8(&mut [0; 4]))).collect()
}

/// As a text area has its lines.
fn with_line_feeds(text: &str) -> String {
    let mut lines = text.split('\r');
    let mut with = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        with.push('\n');
        with.push_str(line.strip_prefix('\n').unwrap_or(line));
    }
    with
}

/// The parameters that have a name and a value.
fn pairs(parameters: &str) -> impl Iterator<Item = &str> {
    parameters.split('&').filter(|pair| pair.find('=').is_some_and(|length| length > 0))
}

fn decoded(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (percent::decode(name), percent::decode(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::TypedKey;

    const KEY: &str = "HRKU-01234567-89ab-cdef-0123-456789abcdef";

    fn address(query: &str, fragment: &str) -> Address {
        Address { query: query.to_owned(), fragment: fragment.to_owned(), had_key: false }
    }

    fn filled(fragment: &str) -> (Form, Option<Arrival>) {
        let mut form = Form::default();
        let arrival = address("", fragment).fill(&mut form);
        (form, arrival)
    }

    fn rows(form: &Form) -> Vec<(&str, &str)> {
        form.variables.iter().map(|row| (row.name.as_str(), row.value.as_str())).collect()
    }

    #[test]
    fn a_link_fills_in_the_form() {
        let fragment = "app=my-app&command=serverless+--fast%20x&NAME=Zo%C3%AB&env.B=1%0A2&env.A=&size=standard-1x&time_limit=90+s&source=app";
        let (form, arrival) = filled(fragment);
        assert_eq!((form.app.as_str(), form.command.as_str()), ("my-app", "serverless --fast x"));
        assert_eq!((form.name.as_str(), rows(&form)), ("Zoë", vec![("B", "1\n2"), ("A", "")]));
        assert_eq!((form.size.map(|size| size.name), form.output_only), (Some("Standard-1X"), true));
        assert_eq!(form.time_limit, "90 s");
        assert_eq!(form.api_key, TypedKey::default());
        let arrival = arrival.expect("a link");
        assert_eq!(
            arrival.filled,
            ["app name", "command", "NAME", "B", "A", "dyno size", "time limit", "function output only"]
        );
        assert_eq!((arrival.unused.len(), arrival.had_key), (0, false));
    }

    #[test]
    fn what_a_link_does_not_name_stays() {
        let mut form = Form { app: "my-app".to_owned(), ..Form::default() };
        form.variables.add("A", "1");
        address("", "NAME=x").fill(&mut form);
        assert_eq!((form.app.as_str(), rows(&form)), ("my-app", vec![("A", "1")]));
        address("", "env.B=2").fill(&mut form);
        assert_eq!(rows(&form), [("B", "2")]);
    }

    #[test]
    fn nothing_that_a_field_would_hide_gets_into_it() {
        for command in ["serverless%20%23%0Acurl", "a%0Db", "a%E2%80%AEb", "a%E2%81%A6b", "a%00b"] {
            let (form, arrival) = filled(&format!("command={command}&app=my-app"));
            assert_eq!(form.command, "serverless", "{command}");
            let arrival = arrival.expect("a link");
            assert_eq!((arrival.unused, arrival.command), (vec!["command".to_owned()], None));
        }
        let (form, arrival) = filled("command=sleep+5&NAME=a%0D%0Ab%0Dc&env.X%0A=1&env.Y=%0D");
        assert_eq!((form.name.as_str(), rows(&form)), ("a\nb\nc", vec![("Y", "\n")]));
        let arrival = arrival.expect("a link");
        assert_eq!((arrival.unused, arrival.command), (vec!["env.X".to_owned()], Some("sleep 5".to_owned())));
    }

    #[test]
    fn what_is_no_link_fills_in_nothing() {
        for fragment in ["", "runs", "line=7", "=x", "&&", "constructor=x"] {
            let (form, arrival) = filled(fragment);
            assert_eq!((form, arrival), (Form::default(), None), "{fragment}");
        }
        let (_, arrival) = filled("app=a&size=Huge&x=1&source=heroku&time_limit=2+days");
        assert_eq!(arrival.expect("a link").unused, ["size", "x", "source", "time_limit"]);
        let mut form = Form::default();
        assert_eq!(address("app=my-app", "").fill(&mut form), None);
    }

    #[test]
    fn a_line_is_named_beside_what_is_for_the_form() {
        for (fragment, line, with_line, rest) in [
            ("", None, "line=12", ""),
            ("line=7", Some(7), "line=12", ""),
            ("app=my-app&line=7&NAME=x", Some(7), "app=my-app&NAME=x&line=12", "app=my-app&NAME=x"),
            ("app=my-app", None, "app=my-app&line=12", "app=my-app"),
            ("line=0", None, "line=12", ""),
            ("line=-1&line=x", None, "line=12", ""),
            ("line=99999999999999999999999", None, "line=12", ""),
            ("pipeline=7&env.line=7", None, "pipeline=7&env.line=7&line=12", "pipeline=7&env.line=7"),
        ] {
            let mut address = address("", fragment);
            assert_eq!(address.line(), line, "{fragment}");
            assert_eq!(address.form_part(), rest);
            address.set_line(12);
            assert_eq!((address.fragment.as_str(), address.line()), (with_line, Some(12)));
        }
        let (form, arrival) = filled("app=my-app&line=7");
        let arrival = arrival.expect("a link");
        assert_eq!(
            (form.app.as_str(), arrival.filled, arrival.unused),
            ("my-app", vec!["app name".to_owned()], vec![])
        );
    }

    #[test]
    fn a_key_is_taken_out_wherever_it_stands() {
        #[track_caller]
        fn check(query: &str, fragment: &str, clean_query: &str, clean_fragment: &str) {
            let address = address(query, fragment);
            let expected =
                Address { query: clean_query.to_owned(), fragment: clean_fragment.to_owned(), had_key: true };
            assert_eq!(address.without_key().as_ref(), Some(&expected), "{query} {fragment}");
            assert_eq!(expected.without_key(), None);
            assert_eq!(expected.fill(&mut Form::default()).map(|arrival| arrival.had_key), Some(true));
            let mut form = Form::default();
            assert_eq!(address.fill(&mut form).map(|arrival| arrival.had_key), Some(true));
            assert!(!format!("{form:?}").contains("secret") && !format!("{form:?}").contains("HRKU"));
            assert_eq!(form.api_key, TypedKey::default());
        }
        check("", "app=my-app&api_key=secret&NAME=x", "", "app=my-app&NAME=x");
        check("", "KEY=secret", "", "");
        check("", "Token=secret", "", "");
        check("", &format!("app={KEY}"), "", "");
        check("", &format!("env.X=+{KEY}&a=b"), "", "a=b");
        check("", "NAME=%48RKU-secret", "", "");
        check("", "HRKU-secret", "", "");
        check("", "HRKU-secret=1&app=a", "", "app=a");
        check("", &format!("{}={KEY}", "app%5Fx"), "", "");
        check("api%5Fkey=secret&x=1", "app=a", "x=1", "app=a");
        for fragment in ["", "app=a", "env.TOKEN=x", "env.key=x", "NAME=hrku"] {
            assert_eq!(address("", fragment).without_key(), None, "{fragment}");
        }
    }

    #[test]
    fn a_copied_link_fills_in_the_same_form() {
        let mut form = Form { app: "my-app".to_owned(), name: "a&b=c #1".to_owned(), ..Form::default() };
        form.variables.add("TEXT", " two\nlines+");
        form.variables.add("EMPTY", "");
        form.size = DynoSize::find("Basic");
        form.time_limit = "15 min".to_owned();
        form.output_only = true;
        let link = FormLink::of(&form);
        assert_eq!(link.left_out, [""; 0]);
        assert_eq!(filled(&link.fragment).0, form);
        assert_eq!(
            FormLink::of(&Form { app: "my-app".to_owned(), ..Form::default() })
                .badge("https://a.github.io/b/"),
            "[![Run on Heroku](https://a.github.io/b/badge.svg)](https://a.github.io/b/#app=my-app&command=serverless)"
        );
    }

    #[test]
    fn a_copied_link_holds_no_secret() {
        let mut form = Form { api_key: TypedKey("my-old-key".to_owned()), ..Form::default() };
        form.command = "curl -H my-old-key".to_owned();
        form.name = KEY.to_owned();
        form.variables.add("API_TOKEN", "x");
        form.variables.add("OTHER", "has my-old-key inside");
        form.variables.add("LOCALE", "sv");
        form.variables.add("my-old-key", "1");
        form.time_limit = "my-old-key".to_owned();
        let link = FormLink::of(&form);
        assert_eq!(link.fragment, "env.LOCALE=sv");
        assert_eq!(link.left_out, ["command", "NAME", "API_TOKEN", "OTHER", "variable 4"]);
        form.api_key = TypedKey("my-old-key another".to_owned());
        assert_eq!(FormLink::of(&form).fragment, "env.LOCALE=sv");
    }
}
