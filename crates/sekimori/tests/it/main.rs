//! Integration tests of the binary, and of the repository as a whole.

mod command_line;
mod pack;
mod sanitize;
mod sodegaura;
mod tidy;
