//! The environment variables of the form beside NAME: rows of name and value in an order that a person chooses.

use super::text;

/// Identifies a row for as long as it is there, wherever it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VariableId(pub u32);

/// A row as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    pub id: VariableId,
    pub name: String,
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// Why a text is no name of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableNameError {
    Empty,
    /// The API takes `^\w+$` (platform-api.md 8); a shell reads only identifiers.
    NoIdentifier,
}

/// Names that Heroku sets in every dyno, besides those that begin with `HEROKU_`.
const NAMES_OF_HEROKU: [&str; 9] = ["DYNO", "HOME", "LANG", "PATH", "PORT", "PS", "PWD", "SHLVL", "STACK"];

/// The rows, in the order shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    rows: Vec<Variable>,
    /// How many rows there have been; the ids of removed ones are not used again.
    made: u32,
}

impl Variables {
    pub fn iter(&self) -> std::slice::Iter<'_, Variable> {
        self.rows.iter()
    }

    /// Appends a row.
    pub fn add(&mut self, name: &str, value: &str) -> VariableId {
        self.made += 1;
        let id = VariableId(self.made);
        self.rows.push(Variable { id, name: name.to_owned(), value: value.to_owned() });
        id
    }

    /// Removes a row, and answers the one that stands in its place, or else is the last.
    pub fn remove(&mut self, id: VariableId) -> Option<VariableId> {
        let index = self.index(id)?;
        self.rows.remove(index);
        self.rows.get(index).or(self.rows.last()).map(|row| row.id)
    }

    /// Swaps a row with its neighbour; at the end nothing changes.
    pub fn shift(&mut self, id: VariableId, direction: Direction) {
        let Some(index) = self.index(id) else { return };
        let other = match direction {
            Direction::Up => index.checked_sub(1),
            Direction::Down => Some(index + 1).filter(|&other| other < self.rows.len()),
        };
        if let Some(other) = other {
            self.rows.swap(index, other);
        }
    }

    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// Changes a row; one that is gone stays gone.
    pub fn change(&mut self, id: VariableId, change: impl FnOnce(&mut Variable)) {
        if let Some(index) = self.index(id) {
            change(&mut self.rows[index]);
        }
    }

    /// The row's number in the order shown, from 1; 0 for one that is gone.
    pub fn number(&self, id: VariableId) -> usize {
        self.index(id).map_or(0, |index| index + 1)
    }

    fn index(&self, id: VariableId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    /// Whether a name is a shell's identifier: `^[A-Za-z_][A-Za-z0-9_]*$`.
    pub fn check_name(name: &str) -> Result<(), VariableNameError> {
        let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        match name.as_bytes() {
            [] => Err(VariableNameError::Empty),
            [first, rest @ ..]
                if is_letter(*first) && rest.iter().all(|&byte| is_letter(byte) || byte.is_ascii_digit()) =>
            {
                Ok(())
            }
            _ => Err(VariableNameError::NoIdentifier),
        }
    }

    /// Whether Heroku sets a variable of this name itself, so that a value of one's own can break the function.
    pub fn is_set_by_heroku(name: &str) -> bool {
        NAMES_OF_HEROKU.contains(&name) || name.starts_with("HEROKU_")
    }

    /// Whether a variable looks like a secret by its name or value, so that it belongs into no link.
    pub fn looks_secret(name: &str, value: &str) -> bool {
        const PARTS: [&str; 10] = [
            "SECRET",
            "TOKEN",
            "PASSWORD",
            "PASSWD",
            "PASSPHRASE",
            "CREDENTIAL",
            "PRIVATE",
            "APIKEY",
            "AUTHORIZATION",
            "COOKIE",
        ];
        let name = name.to_ascii_uppercase();
        let is_word = |word: &str| name.split('_').any(|part| part == word);
        // `https://user:password@host`, as in the variables of add-ons.
        let has_login = text::split_once(value, "://").is_some_and(|(_, rest)| {
            rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
        });
        let is_key = value.starts_with("-----BEGIN") || text::find(value, "HRKU-").is_some();
        PARTS.iter().any(|part| text::find(&name, part).is_some())
            || is_word("AUTH")
            || is_word("KEY")
            || is_word("PASS")
            || is_word("PWD")
            || has_login
            || is_key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(variables: &Variables) -> String {
        variables.iter().map(|row| row.name.as_str()).collect()
    }

    #[test]
    fn rows_move_and_keep_their_identity() {
        let mut variables = Variables::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| variables.add(name, ""));
        variables.shift(c, Direction::Up);
        assert_eq!(names(&variables), "acb");
        assert_eq!((variables.number(a), variables.number(b), variables.number(c)), (1, 3, 2));
        variables.shift(a, Direction::Up);
        variables.shift(b, Direction::Down);
        assert_eq!(names(&variables), "acb");
        variables.change(b, |row| row.name = "B".to_owned());
        assert_eq!(names(&variables), "acB");
    }

    #[test]
    fn a_removed_row_is_gone_for_good() {
        let mut variables = Variables::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| variables.add(name, ""));
        assert_eq!(variables.remove(b), Some(c));
        assert_eq!(variables.remove(c), Some(a));
        assert_eq!(variables.remove(c), None);
        variables.change(c, |row| row.name = "x".to_owned());
        variables.shift(c, Direction::Up);
        assert_eq!((names(&variables).as_str(), variables.number(c)), ("a", 0));
        assert_eq!(variables.remove(a), None);
        assert_eq!(variables.iter().count(), 0);
        assert_ne!(variables.add("d", ""), a);
    }

    #[test]
    fn names_are_identifiers_of_a_shell() {
        for name in ["A", "_", "a1", "LOCALE", "_2"] {
            assert_eq!(Variables::check_name(name), Ok(()), "{name}");
        }
        assert_eq!(Variables::check_name(""), Err(VariableNameError::Empty));
        for name in ["1", "A B", " A", "A=", "A-B", "A.B", "Ä", "A\n"] {
            assert_eq!(Variables::check_name(name), Err(VariableNameError::NoIdentifier), "{name:?}");
        }
    }

    #[test]
    fn names_that_heroku_sets_are_known() {
        for (name, known) in [
            ("PORT", true),
            ("DYNO", true),
            ("HEROKU_APP_ID", true),
            ("HEROKU", false),
            ("port", false),
            ("NAME", false),
        ] {
            assert_eq!(Variables::is_set_by_heroku(name), known, "{name}");
        }
    }

    #[test]
    fn secrets_are_guessed_by_name_and_value() {
        for (name, value) in [
            ("API_KEY", "x"),
            ("github_token", "x"),
            ("CLIENT_SECRET", ""),
            ("DB_PASS", "x"),
            ("DATABASE_URL", "postgres://user:password@host/db"),
            ("X", "HRKU-01234567-89ab-cdef-0123-456789abcdef"),
            ("PEM", "-----BEGIN RSA PRIVATE KEY-----"),
        ] {
            assert!(Variables::looks_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("LOCALE", "sv_SE"),
            ("KEYBOARD", "us"),
            ("COMPASS", "north"),
            ("AUTHOR", "x"),
            ("MONKEY", "x"),
            ("URL", "https://example.org/a@b"),
        ] {
            assert!(!Variables::looks_secret(name, value), "{name}={value}");
        }
    }
}
