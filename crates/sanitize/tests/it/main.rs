//! What the engine promises, told through its public door.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests: a panic is a failed test")]

mod archives;
mod build;
mod encrypted;
mod engine;
mod html;
mod images;
mod long_sheets;
mod mail;
mod mail_charsets;
mod metafile;
mod names;
mod nasty;
mod nasty_mail;
mod nasty_odf;
mod nasty_office;
mod nasty_zip;
mod odf;
mod pdf;
mod pdf_forms;
mod pdf_glyphs;
mod pdf_grades;
mod pdf_passwords;
mod pdf_pictures;
mod pdf_structure;
mod policy;
mod programs;
mod random;
mod random_mail;
mod rtf;
mod svg;
mod text;
mod threats;
mod tidy;
mod tiff;
mod tiff_jpeg;
mod webp;
