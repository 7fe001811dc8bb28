//! Lists in parts (platform-api.md 1.4): which of the rows a `Range` header asks for, and where the next ones begin.

use std::cmp::Ordering;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_RANGES, CONTENT_RANGE, RANGE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Json;
use super::error::ApiError;

/// Rows of a page for a client that names no number, and the most that one can ask for.
const DEFAULT_ROWS: usize = 200;
const MAXIMUM_ROWS: usize = 1_000;

const NEXT_RANGE: HeaderName = HeaderName::from_static("next-range");

/// The `Range` header of a request, if it has one.
#[derive(Debug)]
pub(super) struct RangeHeader(Option<HeaderValue>);

impl<S: Sync> FromRequestParts<S> for RangeHeader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(RANGE).cloned()))
    }
}

impl RangeHeader {
    /// Answers with the rows that were asked for. They can be sorted by each of `fields`, strings or whole numbers of
    /// which no two rows have the same; by the first one unless the client chose.
    pub(super) fn answer(&self, rows: Vec<Value>, fields: &[&'static str]) -> Result<Response, ApiError> {
        let range = match &self.0 {
            None => Range::all(fields[0]),
            Some(header) => {
                let read = header.to_str().ok().and_then(|header| Range::read(header, fields));
                read.ok_or_else(|| ApiError::bad_range(fields))?
            }
        };
        let (page, is_cut) = range.select(rows).ok_or_else(|| ApiError::bad_range(fields))?;
        let text = |row: Option<&Value>| row.map(|row| bound_of(&row[range.field])).unwrap_or_default();
        let (first, last) = (text(page.first()), text(page.last()));
        let Range { field, maximum, .. } = range;
        let mut headers = vec![
            (ACCEPT_RANGES, fields.join(", ")),
            (CONTENT_RANGE, format!("{field} {first}..{last}; max={maximum}")),
        ];
        if is_cut {
            let order = if range.descending { ", order=desc" } else { "" };
            let end = range.last.map(|bound| bound.text).unwrap_or_default();
            headers.push((NEXT_RANGE, format!("{field} ]{last}..{end}; max={maximum}{order}")));
        }
        let status = if is_cut { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        let mut response = Json(status, &page).into_response();
        for (name, value) in headers {
            // Names and ids are ASCII; an end is from a header.
            response.headers_mut().extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        }
        Ok(response)
    }
}

/// Which rows a client wants.
#[derive(Debug)]
struct Range<'a> {
    field: &'static str,
    /// In the order of the rows: with `order=desc` it is the larger one.
    first: Option<Bound<'a>>,
    last: Option<Bound<'a>>,
    maximum: usize,
    descending: bool,
}

/// An end of a range.
#[derive(Debug)]
struct Bound<'a> {
    text: &'a str,
    is_excluded: bool,
}

impl<'a> Range<'a> {
    fn all(field: &'static str) -> Self {
        Self { field, first: None, last: None, maximum: DEFAULT_ROWS, descending: false }
    }

    /// Reads `id ..; max=1000;`, `version ]15..; max=15, order=desc` and the like; `None` if it is of no such form.
    fn read(header: &'a str, fields: &[&'static str]) -> Option<Self> {
        let (span, options) = header.split_once(';').unwrap_or((header, ""));
        let (name, interval) = span.trim().split_once(' ')?;
        let (first, last) = interval.trim().split_once("..")?;
        let mut range = Self::all(fields.iter().find(|field| **field == name)?);
        range.first = Bound::read(first);
        range.last = Bound::read(last);
        for option in options.split([',', ';']).map(str::trim).filter(|option| !option.is_empty()) {
            match option.split_once('=')? {
                ("max", rows) => {
                    range.maximum = rows.parse().ok().filter(|rows| (1..=MAXIMUM_ROWS).contains(rows))?;
                }
                ("order", "asc") => range.descending = false,
                ("order", "desc") => range.descending = true,
                _ => return None,
            }
        }
        Some(range)
    }

    /// The rows of the range and whether there are more of them; `None` if an end is not of the field's type.
    fn select(&self, rows: Vec<Value>) -> Option<(Vec<Value>, bool)> {
        let mut selected = Vec::with_capacity(rows.len());
        for row in rows {
            let value = &row[self.field];
            let starts = match &self.first {
                None => true,
                Some(first) => first.lets(self.directed(compare(value, first.text)?)),
            };
            let ends = match &self.last {
                None => true,
                Some(last) => last.lets(self.directed(compare(value, last.text)?).reverse()),
            };
            if starts && ends {
                selected.push(row);
            }
        }
        selected.sort_by(|a, b| self.directed(compare_values(&a[self.field], &b[self.field])));
        let is_cut = selected.len() > self.maximum;
        selected.truncate(self.maximum);
        Some((selected, is_cut))
    }

    fn directed(&self, ordering: Ordering) -> Ordering {
        if self.descending { ordering.reverse() } else { ordering }
    }
}

impl<'a> Bound<'a> {
    /// `]` shuts its value out, `[` or nothing does not.
    fn read(text: &'a str) -> Option<Self> {
        let (text, is_excluded) = match text.strip_prefix(']') {
            Some(text) => (text, true),
            None => (text.strip_prefix('[').unwrap_or(text), false),
        };
        (!text.is_empty()).then_some(Self { text, is_excluded })
    }

    /// Whether a row that is `ordering` to this bound, seen into the range, is in it.
    fn lets(&self, ordering: Ordering) -> bool {
        ordering == Ordering::Greater || ordering == Ordering::Equal && !self.is_excluded
    }
}

fn compare(value: &Value, bound: &str) -> Option<Ordering> {
    match value.as_u64() {
        Some(number) => Some(number.cmp(&bound.parse().ok()?)),
        None => Some(value.as_str().unwrap_or_default().cmp(bound)),
    }
}

fn compare_values(a: &Value, b: &Value) -> Ordering {
    match (a.as_u64(), b.as_u64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_str().cmp(&b.as_str()),
    }
}

/// The value as a bound is written.
fn bound_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::body::to_bytes;
    use serde_json::json;

    use super::*;

    const FIELDS: &[&str] = &["version", "name"];

    /// Rows with the versions 1 to `count`, in no order, and names that sort the other way.
    fn rows(count: u64) -> Vec<Value> {
        let row = |version: u64| json!({"version": version, "name": format!("n{:04}", count - version)});
        (1..=count).filter(|n| n % 2 == 0).chain((1..=count).filter(|n| n % 2 == 1)).map(row).collect()
    }

    /// Status, `Content-Range`, `Next-Range` and versions of the answer.
    async fn answer(count: u64, range: Option<&str>) -> (u16, String, Option<String>, Vec<u64>) {
        let range = RangeHeader(range.map(|range| range.parse().unwrap()));
        let response = match range.answer(rows(count), FIELDS) {
            Ok(response) => response,
            Err(error) => return (error.into_response().status().as_u16(), String::new(), None, vec![]),
        };
        assert_eq!(response.headers()[ACCEPT_RANGES], "version, name");
        let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (content, next) = (header(CONTENT_RANGE).unwrap(), header(NEXT_RANGE));
        let status = response.status().as_u16();
        let body: Value =
            serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap();
        let versions = body.as_array().unwrap().iter().map(|row| row["version"].as_u64().unwrap());
        (status, content, next, versions.collect())
    }

    #[tokio::test]
    async fn without_a_range_the_first_200_rows_come_sorted() {
        assert_eq!(answer(3, None).await, (200, "version 1..3; max=200".to_owned(), None, vec![1, 2, 3]));
        assert_eq!(answer(0, None).await, (200, "version ..; max=200".to_owned(), None, vec![]));
        assert_eq!(answer(200, None).await.2, None);
        let (status, content, next, versions) = answer(201, None).await;
        assert_eq!((status, &*content, versions.len()), (206, "version 1..200; max=200", 200));
        assert_eq!(next.as_deref(), Some("version ]200..; max=200"));
    }

    #[tokio::test]
    async fn a_range_says_field_ends_number_and_order() {
        for (range, expected) in [
            ("version ..", vec![1, 2, 3, 4, 5]),
            ("version ..;", vec![1, 2, 3, 4, 5]),
            ("version ..; max=2", vec![1, 2]),
            ("version ..; max=2, order=desc", vec![5, 4]),
            ("version ..; order=desc,max=2;", vec![5, 4]),
            ("version ..; order=asc; max=1000;", vec![1, 2, 3, 4, 5]),
            ("version 2..4", vec![2, 3, 4]),
            ("version [2..4", vec![2, 3, 4]),
            ("version ]2..4", vec![3, 4]),
            ("version 4..2; order=desc", vec![4, 3, 2]),
            ("version ]4..; order=desc", vec![3, 2, 1]),
            ("version 9..", vec![]),
            ("name ..; max=2", vec![5, 4]),
            ("name n0003..", vec![2, 1]),
        ] {
            assert_eq!(answer(5, Some(range)).await.3, expected, "{range}");
        }
    }

    #[tokio::test]
    async fn a_range_that_says_nothing_sensible_is_refused() {
        for range in [
            "",
            "version",
            "version 1",
            "id ..",
            "bytes=0-1",
            "version ..; max=0",
            "version ..; max=1001",
            "version ..; max=x",
            "version ..; max",
            "version ..; order=up",
            "version ..; skip=1",
            "version x..",
            "version ..-1",
        ] {
            assert_eq!(answer(5, Some(range)).await.0, 416, "{range}");
        }
    }

    #[tokio::test]
    async fn next_range_leads_through_all_rows_once() {
        for (start, expected) in [
            ("version ..; max=7", (1..=20).collect()),
            ("version ..; max=7, order=desc", (1..=20).rev().collect()),
            ("name ..; max=10", (1..=20).rev().collect()),
            ("version 3..19; max=5", (3..=19).collect::<Vec<u64>>()),
        ] {
            let mut range = Some(start.to_owned());
            let mut seen = Vec::new();
            while let Some(asked) = range {
                let (status, _, next, versions) = answer(20, Some(&asked)).await;
                assert_eq!(status, if next.is_some() { 206 } else { 200 });
                seen.extend(versions);
                range = next;
            }
            assert_eq!(seen, expected, "{start}");
        }
    }
}
