//! Any bytes inside an SVG drawing.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let head = b"<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"90\" height=\"60\">";
    sanitising::holds("a.svg", &[head, data, b"</svg>"].concat(), &sanitising::policy(), &[], true);
});
