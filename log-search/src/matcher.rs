//! A query, and where it matches in a text.

use std::ops::Range;

use memchr::memmem::Finder;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_syntax::hir::{Class, ClassBytesRange, ClassUnicodeRange, Hir, HirKind, Look, LookSet, Repetition};

use crate::folded::Folded;

/// Memory that the automaton of an expression may take, in bytes, built and while it is used.
const AUTOMATON_BYTES: usize = 4 << 20;

/// What somebody looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<'a> {
    pub text: &'a str,
    pub match_case: bool,
    pub is_regex: bool,
}

/// How a query is looked for in many lines at once.
#[derive(Debug)]
pub(crate) enum Matcher {
    /// A text as it is written.
    Exact(Box<Finder<'static>>),
    /// A text of ASCII in any case. The expression is for lines with letters outside of ASCII that are the same in
    /// another case.
    Folded(Folded, Regex),
    /// An expression that finds its own matches in lines with their headers.
    Expression(Regex),
    /// An expression that has to see each text by itself, since it looks at its beginning, or at what it takes for a
    /// letter, which is slow where others than those of ASCII are.
    EachLine(Regex),
}

impl Matcher {
    /// An error is a few words on what is wrong with the expression. The query is not empty.
    pub(crate) fn new(query: Query<'_>) -> Result<Self, String> {
        let Query { text, match_case, is_regex } = query;
        if !is_regex && match_case && !text.contains('\n') {
            return Ok(Self::Exact(Box::new(Finder::new(text).into_owned())));
        }
        let literal;
        let expression = if is_regex {
            text
        } else {
            literal = regex_syntax::escape(text);
            &literal
        };
        let parser =
            regex_syntax::ParserBuilder::new().case_insensitive(!match_case).multi_line(true).build();
        let hir = { parser }.parse(expression).map_err(words)?;
        let hir = without_line_ends(&hir);
        let config =
            Regex::config().nfa_size_limit(Some(AUTOMATON_BYTES)).hybrid_cache_capacity(AUTOMATON_BYTES);
        let regex = Regex::builder()
            .configure(config)
            .build_from_hir(&hir)
            .map_err(|_| "the expression is too large".to_owned())?;
        if !is_regex && let Some(folded) = Folded::new(text) {
            return Ok(Self::Folded(folded, regex));
        }
        let looks = hir.properties().look_set();
        Ok(if sees_each_line(looks) { Self::EachLine(regex) } else { Self::Expression(regex) })
    }

    /// The first match at or behind `from`, which may be empty. The text is one line's.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        match self {
            Self::Exact(finder) => {
                let at = from + finder.find(&text[from..])?;
                Some(at..at + finder.needle().len())
            }
            Self::Folded(_, regex) | Self::Expression(regex) | Self::EachLine(regex) => {
                Some(regex.find(Input::new(text).range(from..))?.range())
            }
        }
    }
}

/// An expression that begins at the start of its line begins behind the header.
fn sees_each_line(looks: LookSet) -> bool {
    let anchors = [Look::Start, Look::End, Look::StartLF, Look::StartCRLF, Look::EndCRLF];
    anchors.iter().any(|&look| looks.contains(look)) || looks.contains_word_unicode()
}

/// The same expression, for which a line end is never part of a match: it is sought in many lines at once.
fn without_line_ends(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
        HirKind::Literal(literal) if literal.0.contains(&b'\n') => Hir::fail(),
        HirKind::Literal(_) => hir.clone(),
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            class.difference(&regex_syntax::hir::ClassUnicode::new([ClassUnicodeRange::new('\n', '\n')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut class = class.clone();
            class.difference(&regex_syntax::hir::ClassBytes::new([ClassBytesRange::new(b'\n', b'\n')]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => Hir::repetition(Repetition {
            min: *min,
            max: *max,
            greedy: *greedy,
            sub: Box::new(without_line_ends(sub)),
        }),
        // Nobody asks for groups.
        HirKind::Capture(capture) => without_line_ends(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_line_ends).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(without_line_ends).collect()),
    }
}

fn words(error: regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "this is no regular expression".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(text: &str) -> Result<Matcher, String> {
        Matcher::new(Query { text, match_case: true, is_regex: true })
    }

    #[test]
    fn what_is_wrong_is_told_in_a_few_words() {
        for (text, expected) in [
            ("(a", "unclosed group"),
            ("a)", "unopened group"),
            ("[a", "unclosed character class"),
            ("*", "repetition operator missing expression"),
            ("(?=a)", "look-around, including look-ahead and look-behind, is not supported"),
            (r"\1", "backreferences are not supported"),
            (r"\p{Nonsense}", "Unicode property not found"),
            (r"(\w{100}){100}", "the expression is too large"),
        ] {
            assert_eq!(expression(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn a_match_has_no_line_end_in_it() {
        for text in [r"a\sb", r"a\nb", r"a[^x]b", r"(a(?:\n|x)+b)", r"(?s)a.b", r"a(?-u:[\x00-\x20])b"] {
            let matcher = expression(text).unwrap();
            assert_eq!(matcher.find(b"a\nb", 0), None, "{text}");
        }
        assert_eq!(expression(r"a\sb").unwrap().find(b"a b", 0), Some(0..3));
        assert_eq!(expression(r"a[^x]b").unwrap().find("aéb".as_bytes(), 0), Some(0..4));
    }

    #[test]
    fn the_fastest_way_is_taken() {
        let plain = |text, match_case| Matcher::new(Query { text, match_case, is_regex: false }).unwrap();
        assert!(matches!(plain("Task", true), Matcher::Exact(_)));
        assert!(matches!(plain("Task", false), Matcher::Folded(..)));
        assert!(matches!(plain("Größe", false), Matcher::Expression(_)));
        for (text, sees_each_line) in [
            ("a.*b$", false),
            ("^a", true),
            (r"\ba", true),
            (r"(?-u:\ba)", false),
            (r"a\z", true),
            ("(?R)a$", true),
        ] {
            let matcher = expression(text).unwrap();
            assert_eq!(matches!(matcher, Matcher::EachLine(_)), sees_each_line, "{text}");
        }
    }
}
