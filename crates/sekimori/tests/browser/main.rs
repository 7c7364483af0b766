//! The console in Debian's Chromium: what people do from sign-in to the journal, with a pointer, by keyboard alone and without
//! script; what assistive technology finds on every main page; and the pictures of docs/screenshots.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it shares"
)]

mod city;
mod pages;
mod person;
mod walk;
mod webdriver;
