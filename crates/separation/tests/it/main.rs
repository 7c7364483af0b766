//! Behaviour of the separation verifier.

mod iptables;
