//! CPU time of checking the whole of `packs/sodegaura`, once its files are in memory.

use std::path::Path;

use pack::Source;

/// Runs measured.
const RUNS: u32 = 50;

/// CPU time of this process so far, in seconds (`/proc/self/schedstat`, first field, nanoseconds).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    stat.split(' ').next().and_then(|field| field.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}

fn read(dir: &Path, prefix: &str, source: &mut Source) {
    for entry in std::fs::read_dir(dir).expect("the pack's folder") {
        let entry = entry.expect("an entry");
        let path = format!("{prefix}{}", entry.file_name().into_string().expect("a name in UTF-8"));
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{path}/"), source);
        } else {
            source.insert(path, std::fs::read(entry.path()).expect("a file"));
        }
    }
}

fn main() {
    let mut source = Source::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/sodegaura"), "", &mut source);
    let checked = pack::compile(&source);
    for (what, count) in &checked.counts {
        print!("{what} {count}, ");
    }
    println!("diagnostics {}", checked.diagnostics.len());
    let before = cpu();
    for _ in 0..RUNS {
        std::hint::black_box(pack::compile(&source));
    }
    println!("{:.1} ms of CPU a check", (cpu() - before) * 1e3 / f64::from(RUNS));
}
