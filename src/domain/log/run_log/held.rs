//! Lines that came before the dyno's name was known: a shared session, and one of Fir, is opened before the dyno.

use super::StreamKind;

/// Bytes of one of two batches; when both are full, the older one is dropped.
const BATCH_BYTES: usize = 4 << 20;

/// What came, in its order.
#[derive(Clone, Copy, Debug)]
enum Item {
    Stream(StreamKind),
    Line { end: usize, id: Option<u64> },
}

/// What is given back.
pub(super) enum HeldItem<'a> {
    Stream(StreamKind),
    Line(&'a [u8], Option<u64>),
}

#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

/// Holds lines back, the newest of them when there are too many.
#[derive(Debug, Default)]
pub(super) struct Held {
    older: Batch,
    newer: Batch,
    dropped_lines: u64,
}

impl Held {
    pub(super) fn begin_stream(&mut self, kind: StreamKind) {
        self.newer.items.push(Item::Stream(kind));
    }

    pub(super) fn push(&mut self, line: &[u8], id: Option<u64>) {
        if self.newer.bytes.len() + line.len() > BATCH_BYTES {
            let dropped = std::mem::replace(&mut self.older, std::mem::take(&mut self.newer));
            let is_line = |item: &&Item| matches!(item, Item::Line { .. });
            self.dropped_lines += dropped.items.iter().filter(is_line).count() as u64;
        }
        self.newer.bytes.extend_from_slice(line);
        self.newer.items.push(Item::Line { end: self.newer.bytes.len(), id });
    }

    /// Bytes of memory that they take.
    pub(super) fn memory(&self) -> usize {
        let of_batch = |batch: &Batch| batch.bytes.capacity() + batch.items.capacity() * size_of::<Item>();
        of_batch(&self.older) + of_batch(&self.newer)
    }

    /// Lines that are no longer there.
    pub(super) fn dropped_lines(&self) -> u64 {
        self.dropped_lines
    }

    pub(super) fn for_each(self, mut take: impl FnMut(HeldItem<'_>)) {
        for batch in [self.older, self.newer] {
            let mut start = 0;
            for item in batch.items {
                match item {
                    Item::Stream(kind) => take(HeldItem::Stream(kind)),
                    Item::Line { end, id } => {
                        take(HeldItem::Line(&batch.bytes[start..end], id));
                        start = end;
                    }
                }
            }
        }
    }
}
