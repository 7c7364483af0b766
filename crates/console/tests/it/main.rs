//! How the console behaves towards those who use it.

mod city;
mod frame;
mod signin;
mod registers;
