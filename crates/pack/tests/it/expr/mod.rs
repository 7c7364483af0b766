//! Typed expressions.

mod city;
mod evaluation;
mod mistakes;
mod sentences;
