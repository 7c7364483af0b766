//! Behaviour of the separation verifier.

mod city;
mod iptables;
mod verdicts;
