//! Compresses the wasm for the way to the browser.
//!
//! A static host compresses while it answers, and has no time to do that well: zopfli takes seconds and is about 4 %
//! smaller. So the module is packed here, the host sends it as it is, and `static/boot.js` unpacks it by the browser's
//! own means. In zlib's format, which has a checksum, and by an extension that no host takes for a content encoding.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use zopfli::{Format, Options};

use crate::files::files_below;

/// The file name's end of a module, and of a packed one.
const MODULE: &str = "_bg.wasm";
const PACKED: &str = "_bg.zlib";

/// Puts a packed module in the place of each module of the folder, and its name into what refers to it.
pub(crate) fn modules(bundle: &Path) -> Result<()> {
    let files = files_below(bundle)?;
    for module in &files {
        let name = module.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(MODULE) else { continue };
        let packed = format!("{stem}{PACKED}");
        fs::write(module.with_file_name(&packed), zlib(&fs::read(module)?)?)?;
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

fn zlib(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    zopfli::compress(Options::default(), Format::Zlib, bytes, &mut packed)?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;

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
        let packed = fs::read(folder.join("app_bg.zlib")).unwrap();
        let mut module = String::new();
        ZlibDecoder::new(&packed[..]).read_to_string(&mut module).unwrap();
        assert_eq!(module, "a module of many many many words");
        assert_eq!(fs::read_to_string(&index).unwrap(), "<meta content=\"./app_bg.zlib\">");
        assert_eq!(fs::read_to_string(&loader).unwrap(), "new URL('app_bg.zlib', import.meta.url)");

        fs::write(folder.join("other_bg.wasm"), "").unwrap();
        assert!(modules(&folder).unwrap_err().to_string().contains("other_bg.wasm"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
