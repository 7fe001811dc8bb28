//! Parameters of a request: a JSON object whose values have the types of the API's schema.

use serde_json::{Map, Value};

use super::error::ApiError;

/// The parameters of one request. One that is absent or null is not given; unknown ones mean nothing.
#[derive(Debug)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// Reads the body of a request; an empty one has no parameters.
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(params)) => Ok(Self(params)),
            Ok(_) => Err(ApiError::bad_request("The body of the request has to be a JSON object.")),
            Err(error) => {
                Err(ApiError::bad_request(format!("The body of the request is not valid JSON: {error}.")))
            }
        }
    }

    /// Those of an object within parameters.
    pub(super) fn of(params: Map<String, Value>) -> Self {
        Self(params)
    }

    /// A parameter of any type.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All of them.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (String, Value)> {
        self.0.into_iter()
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<&str>, ApiError> {
        self.typed(name, "a string", Value::as_str)
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.typed(name, "true or false", Value::as_bool)
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<u64>, ApiError> {
        self.typed(name, "a whole number that is not negative", Value::as_u64)
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<&Map<String, Value>>, ApiError> {
        self.typed(name, "an object", Value::as_object)
    }

    pub(super) fn array(&self, name: &str) -> Result<Option<&Vec<Value>>, ApiError> {
        self.typed(name, "an array", Value::as_array)
    }

    fn typed<'a, T>(
        &'a self,
        name: &str,
        what: &str,
        convert: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => convert(value)
                .map(Some)
                .ok_or_else(|| ApiError::invalid_params(format!("`{name}` has to be {what}."))),
        }
    }
}
