//! Files that the binary carries.

include!(concat!(env!("OUT_DIR"), "/embedded_packs.rs"));
