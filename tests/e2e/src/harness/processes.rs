//! Which processes are there, by a mark in their environment.

/// The command lines of the processes that have `variable` with this value in their environment.
pub(crate) fn processes_with(variable: &str, value: &str) -> Vec<String> {
    let wanted = format!("{variable}={value}");
    let entries = std::fs::read_dir("/proc").expect("/proc");
    let processes = entries.flatten().map(|entry| entry.path()).filter(|path| path.join("environ").exists());
    processes
        .filter(|path| {
            // Gone meanwhile, or another user's.
            let environment = std::fs::read(path.join("environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(|entry| entry == wanted.as_bytes())
        })
        .map(|path| {
            let command = std::fs::read(path.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&command).replace('\0', " ")
        })
        .collect()
}
