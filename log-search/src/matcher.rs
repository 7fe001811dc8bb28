//! A query, and where it matches in a text.

use std::borrow::Cow;
use std::ops::Range;

use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_syntax::hir::{Class, ClassBytesRange, ClassUnicodeRange, Hir, HirKind, Look, LookSet, Repetition};

use crate::literal::Literal;
use crate::shown::{ODD_CASES, has_odd_case};

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
    /// A text as it is written, or one of ASCII in any case.
    Text(Literal),
    Expression(Box<Expression>),
}

#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) regex: Regex,
    /// What each of its matches has in it, in any case of ASCII.
    pub(crate) part: Option<Literal>,
    /// It has to see each text by itself, since it looks at its beginning, or at what it takes for a letter, which is
    /// slow where others than those of ASCII are. Others find their own matches in lines with their headers.
    pub(crate) sees_each_line: bool,
}

impl Expression {
    /// By itself, since a browser compiles a function when it is called first: a text does not have to wait for this one.
    #[inline(never)]
    fn new(expression: &str, match_case: bool) -> Result<Self, String> {
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
        let part = part_of(&hir);
        Ok(Self {
            regex,
            part: (!part.is_empty()).then(|| Literal::new(&part, true)),
            sees_each_line: sees_each_line(hir.properties().look_set()),
        })
    }
}

impl Matcher {
    /// An error is a few words on what is wrong with the expression. The query is not empty.
    pub(crate) fn new(query: Query<'_>) -> Result<Self, String> {
        let Query { text, match_case, is_regex } = query;
        if !is_regex && (match_case || text.is_ascii()) && !text.contains('\n') {
            return Ok(Self::Text(Literal::new(text.as_bytes(), !match_case)));
        }
        let literal = || Cow::Owned(regex_syntax::escape(text));
        let expression = if is_regex { Cow::Borrowed(text) } else { literal() };
        Expression::new(&expression, match_case).map(|expression| Self::Expression(Box::new(expression)))
    }

    /// The first match at or behind `from`, which may be empty. The text is one line's, as [`prepare`](Self::prepare)
    /// has made it.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        match self {
            Self::Text(literal) => {
                let at = literal.find(text, from)?;
                Some(at..at + literal.len())
            }
            Self::Expression(expression) => {
                Some(expression.regex.find(Input::new(text).range(from..))?.range())
            }
        }
    }

    /// Puts letters of ASCII in the place of others that are the same in another case, where nothing else sees to that.
    /// The places in the text stay the same, counted in characters.
    pub(crate) fn prepare(&self, text: &mut Vec<u8>) {
        if matches!(self, Self::Text(literal) if literal.has_odd_case()) && has_odd_case(text) {
            let folded = ODD_CASES.iter().fold(String::from_utf8_lossy(text), |text, &(odd, letter)| {
                Cow::Owned(text.replace(odd, letter.encode_utf8(&mut [0; 4])))
            });
            *text = folded.into_owned().into_bytes();
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

/// The longest text that is in each match of an expression, in lower case; it may be empty.
fn part_of(hir: &Hir) -> Vec<u8> {
    let mut parts = Parts::default();
    parts.add(hir);
    parts.end();
    parts.longest
}

/// Texts that are in each match.
#[derive(Default)]
struct Parts {
    /// What comes next stands behind it.
    current: Vec<u8>,
    longest: Vec<u8>,
}

impl Parts {
    fn add(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.current.extend(literal.0.to_ascii_lowercase()),
            HirKind::Class(_) => match letter(hir) {
                Some(letter) => self.current.push(letter),
                None => self.end(),
            },
            HirKind::Capture(capture) => self.add(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.add(part)),
            HirKind::Repetition(Repetition { min: 1.., sub, .. }) => {
                self.add(sub);
                self.end();
                // The last one stands before what follows.
                self.current.extend(letter(sub));
            }
            HirKind::Repetition(_) | HirKind::Alternation(_) => self.end(),
        }
    }

    fn end(&mut self) {
        if self.current.len() > self.longest.len() {
            std::mem::swap(&mut self.current, &mut self.longest);
        }
        self.current.clear();
    }
}

/// The letter, in lower case, of which an expression matches some cases and nothing else.
fn letter(hir: &Hir) -> Option<u8> {
    let folded = |character: char| {
        let odd = ODD_CASES.iter().find(|&&(odd, _)| odd == character);
        odd.map_or(character, |&(_, letter)| letter).to_ascii_lowercase()
    };
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            let first = folded(class.ranges().first()?.start());
            let is_same =
                class.iter().all(|range| range.start() == range.end() && folded(range.start()) == first);
            (is_same && first.is_ascii()).then_some(first as u8)
        }
        HirKind::Literal(literal) => match literal.0[..] {
            [letter] => Some(letter.to_ascii_lowercase()),
            _ => None,
        },
        _ => None,
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
        assert!(matches!(plain("Task", true), Matcher::Text(_)));
        assert!(matches!(plain("Task", false), Matcher::Text(_)));
        assert!(matches!(plain("Größe", true), Matcher::Text(_)));
        assert!(matches!(plain("Größe", false), Matcher::Expression(_)));
        for (text, sees_each_line) in [
            ("a.*b$", false),
            ("^a", true),
            (r"\ba", true),
            (r"(?-u:\ba)", false),
            (r"a\z", true),
            ("(?R)a$", true),
        ] {
            let Matcher::Expression(expression) = expression(text).unwrap() else { panic!("{text}") };
            assert_eq!(expression.sees_each_line, sees_each_line, "{text}");
        }
    }

    #[test]
    fn a_part_is_in_each_match() {
        for (text, match_case, expected) in [
            ("n[e]+edle", false, "eedle"),
            ("^Task (failed|done)", true, "task "),
            ("task|failed", true, ""),
            ("(ab)+c", true, "ab"),
            ("a?bc*", true, "b"),
            ("a{2}b", true, "ab"),
            ("((ab+c)d)+", true, "bcd"),
            (r"\d+ks", false, "ks"),
            ("Größe", false, "gr"),
            ("größe", true, "größe"),
            ("[é]", true, "é"),
            ("[Éé]x", true, "x"),
            (r"a\nbcd", true, ""),
            ("(((((((((a+)+)+)+)+)+)+)+)+)+$", true, "a"),
        ] {
            let Ok(Matcher::Expression(expression)) =
                Matcher::new(Query { text, match_case, is_regex: true })
            else {
                panic!("{text}")
            };
            let part = expression.part.map(|part| part.needle().to_vec()).unwrap_or_default();
            assert_eq!(String::from_utf8(part).unwrap(), expected, "{text}");
        }
    }
}
