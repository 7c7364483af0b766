//! Typed expressions.

mod city;
mod days;
mod evaluation;
mod laws;
mod mistakes;
mod oracle;
mod random;
mod sentences;
