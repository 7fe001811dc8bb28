//! The machine's processes as Linux shows them in `/proc`, and which of them belong to a dyno.

use std::collections::BTreeMap;

use rustix::process::Pid;

/// A living process; one that is dead and only waits to be reaped is none.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    parent: i32,
    session: i32,
}

/// The processes below this one: its children, theirs, and so on.
pub(crate) fn descendants() -> Vec<Pid> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let table = read();
    let is_below = |mut id: i32| {
        // The table is no snapshot: ids that were reused while it was read could form a circle.
        for _ in 0..=table.len() {
            match table.get(&id) {
                Some(process) if process.parent == own => return true,
                Some(process) => id = process.parent,
                None => return false,
            }
        }
        false
    };
    table.keys().filter(|&&id| is_below(id)).filter_map(|&id| Pid::from_raw(id)).collect()
}

/// The processes of the session that `leader` began, whether it still lives or not.
pub(crate) fn session(leader: i32) -> Vec<Pid> {
    let table = read();
    let members = table.iter().filter(|(_, process)| process.session == leader);
    members.filter_map(|(&id, _)| Pid::from_raw(id)).collect()
}

fn read() -> BTreeMap<i32, Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten();
    let processes = entries.filter_map(|entry| {
        let id: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read(format!("/proc/{id}/stat")).ok()?;
        Some((id, parse(&String::from_utf8_lossy(&stat))?))
    });
    processes.collect()
}

/// Reads `/proc/<id>/stat`. The name, in parentheses, may itself contain spaces and parentheses (proc_pid_stat(5)).
fn parse(stat: &str) -> Option<Process> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let _group = fields.next()?;
    let session = fields.next()?.parse().ok()?;
    (state != "Z" && state != "X").then_some(Process { parent, session })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name_contains() {
        let process = Some(Process { parent: 17, session: 19 });
        for (stat, expected) in [
            ("4242 (sleep) S 17 18 19 0 -1", process),
            ("4242 (a) R 3) (b) R 17 18 19 0", Some(Process { parent: 17, session: 19 })),
            ("4242 (gone) Z 17 18 19 0", None),
            ("4242 (cut) S 17", None),
            ("4242 (cut", None),
            ("", None),
        ] {
            assert_eq!(parse(stat), expected, "{stat:?}");
        }
    }
}
