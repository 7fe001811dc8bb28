//! The form: as it is typed, and as it can be used.

use std::time::Duration;

use super::dyno_size::DynoSize;
use super::ids::AppName;
use super::secret::{ApiKey, ApiKeyError, TypedKey};
use super::time_limit;
use super::variables::{Variable, VariableId, VariableNameError, Variables};

/// What a form starts with for the command: the process type of the tutorial.
pub const DEFAULT_COMMAND: &str = "serverless";

/// The variable that has a field of its own.
pub const NAME: &str = "NAME";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    App,
    ApiKey,
    Command,
    Name,
    VariableName(VariableId),
    VariableValue(VariableId),
    Size,
    TimeLimit,
}

/// The fields as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub app: String,
    pub api_key: TypedKey,
    pub command: String,
    pub name: String,
    pub variables: Variables,
    /// `None` leaves the choice to Heroku.
    pub size: Option<DynoSize>,
    /// Empty for none.
    pub time_limit: String,
    /// The log without the platform's lines, as the tutorial reads it.
    pub output_only: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            app: String::new(),
            api_key: TypedKey::default(),
            command: DEFAULT_COMMAND.to_owned(),
            name: String::new(),
            variables: Variables::default(),
            size: None,
            time_limit: String::new(),
            output_only: false,
        }
    }
}

/// A filled-in form that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRequest {
    pub app: AppName,
    pub command: String,
    /// Names and values in the order of the form.
    pub env: Vec<(String, String)>,
    pub size: Option<DynoSize>,
    /// In whole seconds. After it Heroku ends the dyno; without one, after a day.
    pub time_limit: Option<Duration>,
    pub output_only: bool,
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
            // A key is no plain text: it has an event of its own.
            Field::ApiKey => {}
            Field::Command => self.command = text,
            Field::Name => self.name = text,
            Field::VariableName(id) => self.variables.change(id, |variable| variable.name = text),
            Field::VariableValue(id) => self.variables.change(id, |variable| variable.value = text),
            Field::Size => self.size = DynoSize::find(&text),
            Field::TimeLimit => self.time_limit = text,
        }
    }

    /// The name and the id of the field's element. Variables are numbered from 1 in the order shown.
    pub fn element_id(&self, field: Field) -> String {
        match field {
            Field::App => "app".to_owned(),
            Field::ApiKey => "api_key".to_owned(),
            Field::Command => "command".to_owned(),
            Field::Name => NAME.to_owned(),
            Field::VariableName(id) => format!("env_name_{}", self.variables.number(id)),
            Field::VariableValue(id) => format!("env_value_{}", self.variables.number(id)),
            Field::Size => "size".to_owned(),
            Field::TimeLimit => "time_limit".to_owned(),
        }
    }

    /// The request and the key, or all that is wrong in the order of the fields: each check adds to the errors, and with
    /// any of them no value is used.
    pub fn check(&self) -> Result<(RunRequest, ApiKey), Vec<FieldError>> {
        let mut errors = Vec::new();
        let app = self.check_app(&mut errors);
        let api_key = self.check_api_key().map_err(|error| errors.push(error)).ok();
        let command = self.check_command(&mut errors);
        let env = self.check_env(&mut errors);
        let time_limit = self.check_time_limit(&mut errors);
        match (app, api_key) {
            (Some(app), Some(api_key)) if errors.is_empty() => {
                let (size, output_only) = (self.size, self.output_only);
                Ok((RunRequest { app, command, env, size, time_limit, output_only }, api_key))
            }
            _ => Err(errors),
        }
    }

    fn check_app(&self, errors: &mut Vec<FieldError>) -> Option<AppName> {
        let app = AppName::parse(&self.app);
        if self.app.trim().is_empty() {
            errors.push(FieldError::new(Field::App, "empty", "Enter the name of your Heroku app."));
        } else if app.is_none() {
            let rule = "An app name has 3 to 30 characters: a to z, 0 to 9 and dashes, the first a letter, the last no dash.";
            errors.push(FieldError::new(Field::App, "invalid", rule));
        }
        app
    }

    pub fn check_api_key(&self) -> Result<ApiKey, FieldError> {
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

    fn check_command(&self, errors: &mut Vec<FieldError>) -> String {
        let command = self.command.trim();
        if command.is_empty() {
            let message = "Enter a process type of your Procfile, such as serverless, or a shell command.";
            errors.push(FieldError::new(Field::Command, "empty", message));
        }
        if command.contains('\0') {
            errors.push(FieldError::new(Field::Command, "invalid", "A command cannot hold a NUL character."));
        }
        command.to_owned()
    }

    /// Exactly what is shown; of NAME nothing when it is empty, since an absent one greets the world.
    fn check_env(&self, errors: &mut Vec<FieldError>) -> Vec<(String, String)> {
        let mut env: Vec<(String, String)> = Vec::new();
        if self.name.contains('\0') {
            errors.push(FieldError::new(Field::Name, "invalid", NUL_IN_VALUE));
        }
        if !self.name.is_empty() {
            env.push((NAME.to_owned(), self.name.clone()));
        }
        for Variable { id, name, value } in self.variables.iter() {
            let field = Field::VariableName(*id);
            match Variables::check_name(name) {
                Err(VariableNameError::Empty) => {
                    let message = "Enter the variable's name, or remove the row.";
                    errors.push(FieldError::new(field, "empty", message));
                }
                Err(VariableNameError::NoIdentifier) => {
                    let message = "A name has letters from a to z, digits and underscores, and does not begin with a digit.";
                    errors.push(FieldError::new(field, "invalid", message));
                }
                Ok(()) if env.iter().any(|(earlier, _)| earlier == name) => {
                    let message = match name.as_str() {
                        NAME => "NAME has a field of its own above.",
                        _ => "There is a variable of this name already.",
                    };
                    errors.push(FieldError::new(field, "invalid", message));
                }
                Ok(()) => env.push((name.clone(), value.clone())),
            }
            if value.contains('\0') {
                errors.push(FieldError::new(Field::VariableValue(*id), "invalid", NUL_IN_VALUE));
            }
        }
        env
    }

    fn check_time_limit(&self, errors: &mut Vec<FieldError>) -> Option<Duration> {
        let limit = time_limit::parse(&self.time_limit);
        if limit.is_none() && !self.time_limit.trim().is_empty() {
            let rule = "A time limit is a whole number of minutes, or has a unit: 90 s, 15 min, 2 h. At most 24 hours.";
            errors.push(FieldError::new(Field::TimeLimit, "invalid", rule));
        }
        limit
    }
}

const NUL_IN_VALUE: &str = "A value cannot hold a NUL character.";

#[cfg(test)]
mod tests {
    use super::*;

    fn form(app: &str, api_key: &str, command: &str, name: &str) -> Form {
        let api_key = TypedKey(api_key.to_owned());
        let (app, command, name) = (app.to_owned(), command.to_owned(), name.to_owned());
        Form { app, api_key, command, name, ..Form::default() }
    }

    fn form_with(variables: &[(&str, &str)]) -> Form {
        let mut form = form("my-app", "key", "serverless", "Daniela");
        for (name, value) in variables {
            form.variables.add(name, value);
        }
        form
    }

    #[test]
    fn a_filled_form_becomes_a_request() {
        let (request, key) =
            form(" my-app ", " HRKU-1\n", " serverless --fast ", " Daniela ").check().expect("valid");
        assert_eq!(request.app.as_str(), "my-app");
        assert_eq!(request.command, "serverless --fast");
        assert_eq!(request.env, [("NAME".to_owned(), " Daniela ".to_owned())]);
        assert_eq!((request.size, request.output_only), (None, false));
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
        use Field::{ApiKey, App, Command, Name};
        check(form("my-app", "key", "serverless", ""), &[]);
        check(form("", "", "", ""), &[(App, "empty"), (ApiKey, "empty"), (Command, "empty")]);
        check(form(" ", "\n", "\t", ""), &[(App, "empty"), (ApiKey, "empty"), (Command, "empty")]);
        check(form("My App", "key", "serverless", ""), &[(App, "invalid")]);
        check(form("my-app", "two keys", "serverless", ""), &[(ApiKey, "invalid")]);
        check(form("my-app", "two\nkeys", "serverless", ""), &[(ApiKey, "invalid")]);
        check(form("my-app", "schlüssel", "serverless", ""), &[(ApiKey, "invalid")]);
        check(form("my-app", "key", "a\0b", ""), &[(Command, "invalid")]);
        check(form("my-app", "key", "serverless", "a\0b"), &[(Name, "invalid")]);
    }

    #[test]
    fn every_fault_of_a_variable_is_told_at_its_row() {
        #[track_caller]
        fn check(variables: &[(&str, &str)], expected: &[(&str, &str)]) {
            let form = form_with(variables);
            let errors = form.check().err().unwrap_or_default();
            let found: Vec<_> =
                errors.iter().map(|error| (form.element_id(error.field), error.code.as_str())).collect();
            let expected: Vec<_> = expected.iter().map(|(id, code)| ((*id).to_owned(), *code)).collect();
            assert_eq!(found, expected, "{variables:?}");
        }
        check(&[("LOCALE", "sv_SE"), ("_x1", "")], &[]);
        check(&[("", ""), ("", "x")], &[("env_name_1", "empty"), ("env_name_2", "empty")]);
        check(
            &[("1A", ""), ("A-B", ""), (" A", "")],
            &[("env_name_1", "invalid"), ("env_name_2", "invalid"), ("env_name_3", "invalid")],
        );
        check(&[("A", "1"), ("a", "2"), ("A", "3")], &[("env_name_3", "invalid")]);
        check(&[("A", "1"), ("NAME", "2")], &[("env_name_2", "invalid")]);
        check(&[("A", "b\0c")], &[("env_value_1", "invalid")]);
    }

    #[test]
    fn exactly_what_is_shown_becomes_the_environment() {
        let text = " several\n lines, 世界 \"$HOME\" ";
        let form = form_with(&[("B", text), ("EMPTY", ""), ("A", "1")]);
        let (request, _) = form.check().expect("valid");
        let found: Vec<_> = request.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("NAME", "Daniela"), ("B", text), ("EMPTY", ""), ("A", "1")]);
    }

    #[test]
    fn a_row_can_take_the_place_of_an_empty_name() {
        let mut form = form_with(&[("NAME", "")]);
        form.name = String::new();
        let (request, _) = form.check().expect("valid");
        assert_eq!(request.env, [("NAME".to_owned(), String::new())]);
    }

    #[test]
    fn a_time_limit_is_none_unless_one_is_typed() {
        let mut form = form("my-app", "key", "serverless", "");
        let limit = |form: &Form| form.check().map(|(request, _)| request.time_limit);
        assert_eq!(limit(&form), Ok(None));
        form.set(Field::TimeLimit, "  ".to_owned());
        assert_eq!(limit(&form), Ok(None));
        form.set(Field::TimeLimit, "90 s".to_owned());
        assert_eq!(limit(&form), Ok(Some(Duration::from_secs(90))));
        form.set(Field::TimeLimit, "2 days".to_owned());
        let errors = limit(&form).expect_err("no such unit");
        assert_eq!(
            (errors.len(), errors[0].field, errors[0].code.as_str()),
            (1, Field::TimeLimit, "invalid")
        );
        assert_eq!(form.element_id(errors[0].field), "time_limit");
    }

    #[test]
    fn a_size_that_is_not_known_is_no_choice() {
        let mut form = Form::default();
        form.set(Field::Size, "standard-2x".to_owned());
        assert_eq!(form.size.map(|size| size.name), Some("Standard-2X"));
        form.set(Field::Size, String::new());
        assert_eq!(form.size, None);
    }

    #[test]
    fn a_new_form_offers_the_tutorials_command() {
        assert_eq!(Form::default().command, "serverless");
    }
}
