//! Which processes are there, by a mark in their environment, and where one listens.

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

/// The TCP port on which a process listens, if it does.
pub(crate) fn listening_port(process: u32) -> Option<u16> {
    let files = std::fs::read_dir(format!("/proc/{process}/fd")).ok()?;
    let links = files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
    let sockets: Vec<_> = links.map(|link| link.to_string_lossy().into_owned()).collect();
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the table of sockets");
    table.lines().skip(1).find_map(|line| {
        // Number, own address, other's address, state, and the socket as the tenth; state 0A is listening.
        let fields: Vec<_> = line.split_whitespace().collect();
        let (_, port) = fields.get(1)?.split_once(':')?;
        let is_its = *fields.get(3)? == "0A" && sockets.contains(&format!("socket:[{}]", fields.get(9)?));
        is_its.then(|| u16::from_str_radix(port, 16).ok())?
    })
}
