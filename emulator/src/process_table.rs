//! The machine's processes as Linux shows them in `/proc`, and which of them belong to a dyno.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use rustix::process::Pid;

/// A living process; one that is dead and only waits to be reaped is none.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    parent: i32,
    session: i32,
    resident_bytes: u64,
}

/// All processes by their ids.
#[derive(Debug, Default)]
pub(crate) struct ProcessTable(BTreeMap<i32, Process>);

impl ProcessTable {
    /// The processes as they are now.
    pub(crate) fn read() -> Self {
        let entries = std::fs::read_dir("/proc").into_iter().flatten();
        let processes = entries.filter_map(|entry| {
            let id: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read(format!("/proc/{id}/stat")).ok()?;
            Some((id, parse(&String::from_utf8_lossy(&stat))?))
        });
        Self(processes.collect())
    }

    /// The processes below `ancestor`: its children, theirs, and so on.
    fn below(&self, ancestor: i32) -> impl Iterator<Item = (i32, &Process)> {
        let is_below = move |mut id: i32| {
            // The table is no snapshot: ids that were reused while it was read could form a circle.
            for _ in 0..=self.0.len() {
                match self.0.get(&id) {
                    Some(process) if process.parent == ancestor => return true,
                    Some(process) => id = process.parent,
                    None => return false,
                }
            }
            false
        };
        self.0.iter().map(|(&id, process)| (id, process)).filter(move |(id, _)| is_below(*id))
    }

    /// Bytes of memory that the processes below `ancestor` hold, what they share counted once for each of them.
    pub(crate) fn resident_bytes(&self, ancestor: i32) -> u64 {
        self.below(ancestor).map(|(_, process)| process.resident_bytes).sum()
    }

    /// The same with what they share counted once, and with what is swapped out; slower.
    pub(crate) fn exact_bytes(&self, ancestor: i32) -> u64 {
        let exact = |id, process: &Process| match std::fs::read_to_string(format!("/proc/{id}/smaps_rollup"))
        {
            // One that ends meanwhile holds nothing any more.
            Ok(rollup) => parse_rollup(&rollup).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => process.resident_bytes,
            Err(_) => 0,
        };
        self.below(ancestor).map(|(id, process)| exact(id, process)).sum()
    }
}

/// The processes below this one.
pub(crate) fn descendants() -> Vec<Pid> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    ProcessTable::read().below(own).filter_map(|(id, _)| Pid::from_raw(id)).collect()
}

/// The processes of the session that `leader` began, whether it still lives or not.
pub(crate) fn session(leader: i32) -> Vec<Pid> {
    let table = ProcessTable::read();
    let members = table.0.iter().filter(|(_, process)| process.session == leader);
    members.filter_map(|(&id, _)| Pid::from_raw(id)).collect()
}

/// Reads `/proc/<id>/stat`. The name, in parentheses, may itself contain spaces and parentheses (proc_pid_stat(5)).
fn parse(stat: &str) -> Option<Process> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let _group = fields.next()?;
    let session = fields.next()?.parse().ok()?;
    // The last that was read is the 6th field, rss the 24th.
    let resident_pages: u64 = fields.nth(24 - 7)?.parse().ok()?;
    let resident_bytes = resident_pages * rustix::param::page_size() as u64;
    (state != "Z" && state != "X").then_some(Process { parent, session, resident_bytes })
}

/// Reads `/proc/<id>/smaps_rollup`: the process's proportional share of memory and of swap (proc_pid_smaps(5)).
fn parse_rollup(rollup: &str) -> Option<u64> {
    let kibibytes = |name: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    Some((kibibytes("Pss:")? + kibibytes("SwapPss:").unwrap_or_default()) * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name_contains() {
        let page = rustix::param::page_size() as u64;
        let process = |pages| Some(Process { parent: 17, session: 19, resident_bytes: pages * page });
        let rest = "0 -1 9 10 11 12 13 14 15 16 17 18 19 20 21 22 4096 3 25";
        for (stat, expected) in [
            (format!("4242 (sleep) S 17 18 19 {rest}"), process(3)),
            (format!("4242 (a) R 3) (b) R 17 18 19 {rest}"), process(3)),
            (format!("4242 (gone) Z 17 18 19 {rest}"), None),
            ("4242 (cut) S 17 18 19 0 -1".to_owned(), None),
            ("4242 (cut".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(parse(&stat), expected, "{stat:?}");
        }
    }

    #[test]
    fn shares_of_memory_and_swap_are_added() {
        for (rollup, expected) in [
            (
                "1000-2000 ---p 0 00:00 0 [rollup]\nRss:  900 kB\nPss:     12 kB\nPss_Dirty: 5 kB\nSwapPss: 3 kB\n",
                Some(15),
            ),
            ("Pss: 1 kB\n", Some(1)),
            ("Rss: 1 kB\n", None),
            ("", None),
        ] {
            assert_eq!(parse_rollup(rollup), expected.map(|kibibytes| kibibytes * 1024), "{rollup:?}");
        }
    }
}
