//! Links that fill in the form: `#app=…&command=…&NAME=…&env.X=…&size=…&source=app` (design.md 6).
//!
//! A fragment, which reaches no server. Never with the key, and nothing starts by itself.

use super::dyno_size::DynoSize;
use super::form::{Form, NAME};
use super::percent;
use super::secret::ApiKey;
use super::variables::Variables;

/// Begins the name of a parameter that is a variable of the form.
const VARIABLE_PREFIX: &str = "env.";

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
    /// There was a key, which was not used.
    pub had_key: bool,
}

/// The parts of an address that a page can change without loading another; without `?` and `#`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    pub query: String,
    pub fragment: String,
}

impl Address {
    /// The same without what looks like a key; `None` when there is none.
    pub fn without_key(&self) -> Option<Self> {
        let clean = Self { query: without_key(&self.query), fragment: without_key(&self.fragment) };
        (clean != *self).then_some(clean)
    }

    /// Fills in the form; `None` when the address has nothing for it.
    ///
    /// Fields that the link does not name stay as they are; variables are those of the link if it has any.
    pub fn fill(&self, form: &mut Form) -> Option<Arrival> {
        let had_key = self.without_key().is_some();
        let clean = without_key(&self.fragment);
        let parameters: Vec<(String, String)> = pairs(&clean).map(decoded).collect();
        let (mut filled, mut unused) = (Vec::new(), Vec::new());
        let has_variables = parameters.iter().any(|(name, _)| name.starts_with(VARIABLE_PREFIX));
        if has_variables {
            form.variables.clear();
        }
        for (name, value) in parameters {
            let label = match name.as_str() {
                "app" => {
                    form.app = value;
                    "app name".to_owned()
                }
                "command" => {
                    form.command = value;
                    name
                }
                NAME => {
                    form.name = value;
                    name
                }
                "size" if DynoSize::find(&value).is_some() => {
                    form.size = DynoSize::find(&value);
                    "dyno size".to_owned()
                }
                "source" if value == "app" => {
                    form.output_only = true;
                    "function output only".to_owned()
                }
                _ => match name.strip_prefix(VARIABLE_PREFIX) {
                    Some(variable) => {
                        form.variables.add(variable, &value);
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
        (had_key || !filled.is_empty()).then_some(Arrival { filled, unused, had_key })
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
        let api_key = ApiKey::parse(&form.api_key.0).ok();
        let holds_key = |value: &str| {
            value.contains(KEY_PREFIX) || api_key.as_ref().is_some_and(|api_key| api_key.is_in(value))
        };
        let mut parameters = Vec::new();
        let mut left_out = Vec::new();
        for (name, value) in [("app", &form.app), ("command", &form.command), (NAME, &form.name)] {
            if holds_key(value) {
                left_out.push(name.to_owned());
            } else if !value.is_empty() {
                parameters.push((name.to_owned(), value.clone()));
            }
        }
        for row in form.variables.iter() {
            if holds_key(&row.value) || Variables::looks_secret(&row.name, &row.value) {
                left_out.push(row.name.clone());
            } else {
                parameters.push((format!("{VARIABLE_PREFIX}{}", row.name), row.value.clone()));
            }
        }
        if let Some(size) = form.size {
            parameters.push(("size".to_owned(), size.name.to_owned()));
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
    let kept: Vec<&str> = parameters.split('&').filter(|pair| !is_key(decoded(pair))).collect();
    kept.join("&")
}

fn is_key((name, value): (String, String)) -> bool {
    NAMES_OF_KEYS.contains(&name.to_ascii_lowercase().as_str()) || value.trim_start().starts_with(KEY_PREFIX)
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
        Address { query: query.to_owned(), fragment: fragment.to_owned() }
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
        let fragment = "app=my-app&command=serverless+--fast%20x&NAME=Zo%C3%AB&env.B=1%0A2&env.A=&size=standard-1x&source=app";
        let (form, arrival) = filled(fragment);
        assert_eq!((form.app.as_str(), form.command.as_str()), ("my-app", "serverless --fast x"));
        assert_eq!((form.name.as_str(), rows(&form)), ("Zoë", vec![("B", "1\n2"), ("A", "")]));
        assert_eq!((form.size.map(|size| size.name), form.output_only), (Some("Standard-1X"), true));
        assert_eq!(form.api_key, TypedKey::default());
        let arrival = arrival.expect("a link");
        assert_eq!(
            arrival.filled,
            ["app name", "command", "NAME", "B", "A", "dyno size", "function output only"]
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
    fn what_is_no_link_fills_in_nothing() {
        for fragment in ["", "runs", "line=7", "=x", "&&", "constructor=x"] {
            let (form, arrival) = filled(fragment);
            assert_eq!((form, arrival), (Form::default(), None), "{fragment}");
        }
        let (_, arrival) = filled("app=a&size=Huge&x=1&source=heroku");
        assert_eq!(arrival.expect("a link").unused, ["size", "x", "source"]);
        let mut form = Form::default();
        assert_eq!(address("app=my-app", "").fill(&mut form), None);
    }

    #[test]
    fn a_key_is_taken_out_wherever_it_stands() {
        #[track_caller]
        fn check(query: &str, fragment: &str, clean_query: &str, clean_fragment: &str) {
            let address = address(query, fragment);
            let expected = Address { query: clean_query.to_owned(), fragment: clean_fragment.to_owned() };
            assert_eq!(address.without_key(), Some(expected), "{query} {fragment}");
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
        let link = FormLink::of(&form);
        assert_eq!(link.fragment, "env.LOCALE=sv");
        assert_eq!(link.left_out, ["command", "NAME", "API_TOKEN", "OTHER"]);
    }
}
