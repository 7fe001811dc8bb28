//! Compresses the wasm for the way to the browser.
//!
//! A static host compresses with gzip, which is good at text: LZMA makes the module nearly a fifth smaller. So it is packed
//! here, the host sends it as it is, and `static/boot.js` unpacks it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use lzma_rust2::{LzmaOptions, LzmaWriter};

use crate::files::files_below;

/// The file name's end of a module, and of a packed one.
const MODULE: &str = "_bg.wasm";
const PACKED: &str = "_bg.lzma";

/// Puts a packed module in the place of each module of the folder, and its name into what refers to it.
pub(crate) fn modules(bundle: &Path) -> Result<()> {
    let files = files_below(bundle)?;
    for module in &files {
        let name = module.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(MODULE) else { continue };
        let packed = format!("{stem}{PACKED}");
        fs::write(module.with_file_name(&packed), lzma(&fs::read(module)?)?)?;
        fs::remove_file(module)?;
        let mut named = 0;
        for text in files.iter().filter(|path| path.extension().is_some_and(|it| it == "html" || it == "js"))
        {
            let before = fs::read_to_string(text)?;
            let after = before.replace(name, &packed);
            named += usize::from(after != before);
            fs::write(text, after).with_context(|| format!("cannot write {}", text.display()))?;
        }
        ensure!(named > 0, "nothing in the page refers to {name}");
    }
    Ok(())
}

fn lzma(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut options = LzmaOptions::with_preset(9);
    // `static/boot.js` can unpack nothing else. Neither instructions nor names are aligned, hence the zeros.
    (options.lc, options.lp, options.pb) = (4, 0, 0);
    options.nice_len = LzmaOptions::NICE_LEN_MAX;
    options.dict_size = 1 << 20;
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64))?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use lzma_rust2::LzmaReader;

    use super::*;

    #[test]
    fn a_module_is_packed_and_named_where_it_is_referred_to() {
        let folder = std::env::temp_dir().join(format!("xtask-pack-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (index, loader) = (folder.join("index.html"), folder.join("app.js"));
        fs::write(folder.join("app_bg.wasm"), "a module of many many many words").unwrap();
        fs::write(&index, "<meta content=\"./app_bg.wasm\">").unwrap();
        fs::write(&loader, "new URL('app_bg.wasm', import.meta.url)").unwrap();

        modules(&folder).unwrap();
        assert!(!folder.join("app_bg.wasm").exists());
        let packed = fs::read(folder.join("app_bg.lzma")).unwrap();
        let mut module = String::new();
        LzmaReader::new_mem_limit(&packed[..], u32::MAX, None).unwrap().read_to_string(&mut module).unwrap();
        assert_eq!(module, "a module of many many many words");
        assert_eq!(fs::read_to_string(&index).unwrap(), "<meta content=\"./app_bg.lzma\">");
        assert_eq!(fs::read_to_string(&loader).unwrap(), "new URL('app_bg.lzma', import.meta.url)");

        fs::write(folder.join("other_bg.wasm"), "").unwrap();
        assert!(modules(&folder).unwrap_err().to_string().contains("other_bg.wasm"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
