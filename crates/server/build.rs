//! Makes sure that there is a web application to embed.
//!
//! `make web` builds the real one. Where only Rust is built (tests, editors), a page that says how
//! to build it stands in; a build of the web application replaces it.

use std::path::Path;
use std::{fs, io};

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Huimin</title>
<p>The web application is not in this build. Run <code>make web</code>, then build again.</p>
<p lang=\"zh\">此程序未包含网页端。请先运行 <code>make web</code>，再重新构建。</p>
</html>
";

fn main() -> io::Result<()> {
    let dist = Path::new("../../web/dist");
    let index = dist.join("index.html");
    if !index.exists() {
        fs::create_dir_all(dist)?;
        fs::write(&index, PLACEHOLDER)?;
    }
    // A new web build has new file names, which the embedding macro does not notice by itself.
    println!("cargo:rerun-if-changed=../../web/dist");
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}
