//! The header of the line before: in a flood the next one differs from it in the fraction of a second alone.

/// Bytes up to the fraction: `2026-01-02T03:04:05.`
const SECOND_BYTES: usize = 20;

/// A header that was read, up to the message.
#[derive(Debug)]
pub(super) struct KnownHeader {
    bytes: Vec<u8>,
    /// Behind the last digit of the fraction.
    fraction_end: usize,
}

impl KnownHeader {
    /// `None` for a header without a fraction, or without the space that ordinarily stands before the message.
    pub(super) fn new(header: &[u8]) -> Option<Self> {
        let (second, rest) = header.split_at_checked(SECOND_BYTES)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_ordinary = second.ends_with(b".") && header.ends_with(b": ");
        is_ordinary.then(|| Self { bytes: header.to_vec(), fraction_end: SECOND_BYTES + digits })
    }

    /// Where the message of a line begins whose header is the same but for the fraction.
    pub(super) fn message_start(&self, line: &[u8]) -> Option<usize> {
        let Self { bytes, fraction_end } = self;
        let header = line.get(..bytes.len())?;
        let is_same = header[..SECOND_BYTES] == bytes[..SECOND_BYTES]
            && header[*fraction_end..] == bytes[*fraction_end..]
            && header[SECOND_BYTES..*fraction_end].iter().all(u8::is_ascii_digit);
        is_same.then_some(bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fraction_may_differ() {
        const HEADER: &str = "2026-01-02T03:04:05.678901+00:00 app[run.1]: ";
        let known = KnownHeader::new(HEADER.as_bytes()).expect("an ordinary header");
        #[track_caller]
        fn check(known: &KnownHeader, line: &str, is_known: bool) {
            let start = known.message_start(line.as_bytes());
            assert_eq!(start, is_known.then_some(HEADER.len()), "{line}");
        }
        check(&known, HEADER, true);
        check(&known, "2026-01-02T03:04:05.000000+00:00 app[run.1]: x", true);
        check(&known, "2026-01-02T03:04:06.678901+00:00 app[run.1]: x", false);
        check(&known, "2026-01-02T03:04:05.67890x+00:00 app[run.1]: x", false);
        check(&known, "2026-01-02T03:04:05.67890+00:00 app[run.1]: x", false);
        check(&known, "2026-01-02T03:04:05.678901+01:00 app[run.1]: x", false);
        check(&known, "2026-01-02T03:04:05.678901+00:00 app[run.2]: x", false);
        check(&known, "2026-01-02T03:04:05.678901+00:00 app[run.1]:x", false);
    }

    #[test]
    fn a_header_of_another_form_is_read_each_time() {
        for header in
            ["", "2026-01-02T03:04:05Z app[run.1]: ", "2026-01-02T03:04:05.678901+00:00 app[run.1]:"]
        {
            assert!(KnownHeader::new(header.as_bytes()).is_none(), "{header}");
        }
    }
}
