//! The form: as it is typed, and as it can be used.

use super::ids::AppName;
use super::secret::{ApiKey, ApiKeyError, TypedKey};

/// What a form starts with for the command: the process type of the tutorial.
pub const DEFAULT_COMMAND: &str = "serverless";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    App,
    ApiKey,
    Command,
    Name,
}

impl Field {
    /// The name and the id of the field's element.
    pub fn id(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::ApiKey => "api_key",
            Self::Command => "command",
            Self::Name => "NAME",
        }
    }
}

/// The fields as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub app: String,
    pub api_key: TypedKey,
    pub command: String,
    pub name: String,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            app: String::new(),
            api_key: TypedKey::default(),
            command: DEFAULT_COMMAND.to_owned(),
            name: String::new(),
        }
    }
}

/// A filled-in form that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRequest {
    pub app: AppName,
    pub command: String,
    /// Exactly as typed; empty when there is none.
    pub name: String,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: Field,
    /// `empty`, `invalid`, or the id of Heroku's error: the value of `data-error`.
    pub code: String,
    pub message: String,
}

impl FieldError {
    fn new(field: Field, code: &str, message: &str) -> Self {
        Self { field, code: code.to_owned(), message: message.to_owned() }
    }
}

impl Form {
    pub fn set(&mut self, field: Field, text: String) {
        match field {
            Field::App => self.app = text,
            Field::ApiKey => self.api_key = TypedKey(text),
            Field::Command => self.command = text,
            Field::Name => self.name = text,
        }
    }

    /// The request and the key, or all that is wrong in the order of the fields.
    pub fn check(&self) -> Result<(RunRequest, ApiKey), Vec<FieldError>> {
        let app = self.check_app();
        let api_key = self.check_api_key();
        let command = self.check_command();
        match (app, api_key, command) {
            (Ok(app), Ok(key), Ok(command)) => {
                Ok((RunRequest { app, command, name: self.name.clone() }, key))
            }
            (app, key, command) => Err([app.err(), key.err(), command.err()].into_iter().flatten().collect()),
        }
    }

    fn check_app(&self) -> Result<AppName, FieldError> {
        if self.app.trim().is_empty() {
            return Err(FieldError::new(Field::App, "empty", "Enter the name of your Heroku app."));
        }
        let rule = "An app name has 3 to 30 characters: a to z, 0 to 9 and dashes, the first a letter, the last no dash.";
        AppName::parse(&self.app).ok_or_else(|| FieldError::new(Field::App, "invalid", rule))
    }

    fn check_api_key(&self) -> Result<ApiKey, FieldError> {
        ApiKey::parse(&self.api_key.0).map_err(|error| {
            let (code, message) = match error {
                ApiKeyError::Empty => ("empty", "Enter an API key of an account that can run the app."),
                ApiKeyError::InnerSpace => (
                    "invalid",
                    "An API key has no spaces or line breaks inside. Was more than the key pasted?",
                ),
                ApiKeyError::ForeignCharacter => {
                    ("invalid", "An API key has only letters, digits and signs of the ASCII alphabet.")
                }
            };
            FieldError::new(Field::ApiKey, code, message)
        })
    }

    fn check_command(&self) -> Result<String, FieldError> {
        let command = self.command.trim();
        if command.is_empty() {
            let message = "Enter a process type of your Procfile, such as serverless, or a shell command.";
            return Err(FieldError::new(Field::Command, "empty", message));
        }
        if command.contains('\0') {
            return Err(FieldError::new(Field::Command, "invalid", "A command cannot hold a NUL character."));
        }
        Ok(command.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(app: &str, api_key: &str, command: &str, name: &str) -> Form {
        let api_key = TypedKey(api_key.to_owned());
        Form { app: app.to_owned(), api_key, command: command.to_owned(), name: name.to_owned() }
    }

    #[test]
    fn a_filled_form_becomes_a_request() {
        let (request, key) =
            form(" my-app ", " HRKU-1\n", " serverless --fast ", " Daniela ").check().expect("valid");
        assert_eq!(request.app.as_str(), "my-app");
        assert_eq!(request.command, "serverless --fast");
        assert_eq!(request.name, " Daniela ");
        assert_eq!(key.authorization(), "Bearer HRKU-1");
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        #[track_caller]
        fn check(form: Form, expected: &[(Field, &str)]) {
            let errors = form.check().err().unwrap_or_default();
            let found: Vec<_> = errors.iter().map(|error| (error.field, error.code.as_str())).collect();
            assert_eq!(found, expected);
        }
        use Field::{ApiKey, App, Command};
        check(form("my-app", "key", "serverless", ""), &[]);
        check(form("", "", "", ""), &[(App, "empty"), (ApiKey, "empty"), (Command, "empty")]);
        check(form(" ", "\n", "\t", ""), &[(App, "empty"), (ApiKey, "empty"), (Command, "empty")]);
        check(form("My App", "key", "serverless", ""), &[(App, "invalid")]);
        check(form("my-app", "two keys", "serverless", ""), &[(ApiKey, "invalid")]);
        check(form("my-app", "two\nkeys", "serverless", ""), &[(ApiKey, "invalid")]);
        check(form("my-app", "schlüssel", "serverless", ""), &[(ApiKey, "invalid")]);
        check(form("my-app", "key", "a\0b", ""), &[(Command, "invalid")]);
    }

    #[test]
    fn a_new_form_offers_the_tutorials_command() {
        assert_eq!(Form::default().command, "serverless");
    }
}
