//! How the console behaves towards those who use it.

mod city;
mod frame;
mod registers;
mod signin;
