//! The separation verifier measured, and the same question put to z3 and to aerleon's aclcheck in the same run.
//!
//! Numbers are CPU time of the process; memory is its peak. `--peers PYTHON` names an interpreter that has `z3-solver` and
//! `aerleon`; without it only our own numbers are printed. What is asked is checked: a fast wrong answer stops the run.

#[path = "../verifier/mod.rs"]
mod verifier;

fn main() {
    verifier::run();
}
