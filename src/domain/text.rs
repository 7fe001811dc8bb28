//! Words in a text. The standard library's search for them, which is fast in long texts, would cost a kilobyte of the page.

/// Where the words begin, in bytes. They are not empty.
pub fn find(text: &str, words: &str) -> Option<usize> {
    text.as_bytes().windows(words.len()).position(|bytes| bytes == words.as_bytes())
}

/// What stands before the words and behind them, where they come first.
pub fn split_once<'a>(text: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    let (before, rest) = text.split_at_checked(find(text, words)?)?;
    Some((before, rest.strip_prefix(words)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_is_found() {
        for (text, words) in
            [("", "a"), ("a", "ab"), ("aab ab", "ab"), ("grüße", "ß"), ("ab", "b"), ("xay", "z")]
        {
            assert_eq!(find(text, words), text.find(words), "{words} in {text}");
            assert_eq!(split_once(text, words), text.split_once(words), "{words} in {text}");
        }
    }
}
