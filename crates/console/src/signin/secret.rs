//! What a person signs in with: password (Argon2id), time-based code (RFC 6238), words of a printed list.

use std::sync::{Arc, LazyLock};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use ledger::Moment;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use totp_rs::Builder;

use crate::page::fault::Fault;

/// First byte of a stored password: Argon2id v1.3, 19 MiB, 2 passes, 1 lane (OWASP), 16 bytes of salt, 32 of hash.
const LAYOUT: u8 = 1;
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const SALT: usize = 16;
const HASH: usize = 32;
/// Words of a printed list.
pub(super) const WORDS: usize = 20;
/// Letters of a word: none that is taken for another in print.
const LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// The memory in which passwords are checked, one after the other: an office that signs in at 8:30 would otherwise take 19 MiB for
/// everybody at once.
static MEMORY: LazyLock<Arc<Mutex<Vec<Block>>>> = LazyLock::new(Arc::default);

fn derive(password: &str, salt: &[u8], memory: &mut Vec<Block>) -> Result<[u8; HASH], Fault> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH)).map_err(Fault::internal)?;
    memory.resize(params.block_count(), Block::default());
    let mut out = [0; HASH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut out, memory)
        .map_err(Fault::internal)?;
    Ok(out)
}

/// What is stored for a password, with these 16 bytes of salt. Takes tens of milliseconds; errors only when memory is short.
pub fn hash_password(password: &str, salt: [u8; 16]) -> Result<Vec<u8>, String> {
    let hash = derive(password, &salt, &mut Vec::new()).map_err(|fault| format!("{fault:?}"))?;
    let mut stored = vec![LAYOUT];
    stored.extend(salt);
    stored.extend(hash);
    Ok(stored)
}

/// Whether a password is the stored one. Without a stored one it works as long and says no.
pub(super) async fn verify_password(given: String, stored: Option<Vec<u8>>) -> Result<bool, Fault> {
    let mut memory = Arc::clone(&MEMORY).lock_owned().await;
    let work = move || {
        let parts = stored.as_deref().and_then(|bytes| match bytes.split_first() {
            Some((&LAYOUT, rest)) if rest.len() == SALT + HASH => rest.split_at_checked(SALT),
            _ => None,
        });
        let (salt, hash) = parts.unwrap_or((&[0; SALT], &[]));
        Ok(same(&derive(&given, salt, &mut memory)?, hash))
    };
    tokio::task::spawn_blocking(work).await.map_err(Fault::internal)?
}

/// Compares without telling by its time where two secrets differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |seen, (x, y)| seen | (x ^ y)) == 0
}

fn totp(secret: &[u8]) -> Option<totp_rs::Totp> {
    Builder::new().with_secret(secret.to_vec()).with_skew(1).build().ok()
}

fn seconds(at: Moment) -> u64 {
    u64::try_from(at.0 / 1000).unwrap_or(0)
}

/// The time step of which a code is, when it is right now or one step away.
pub(super) fn totp_step(secret: &[u8], code: &str, at: Moment) -> Option<i64> {
    let digits: String = folded(code);
    if digits.len() != 6 {
        return None;
    }
    i64::try_from(totp(secret)?.check(&digits, seconds(at))?).ok()
}

/// The code of a moment, as a device shows it. For tests and the demo.
pub fn totp_code(secret: &[u8], at_ms: i64) -> Option<String> {
    Some(totp(secret)?.generate(seconds(Moment(at_ms))).to_string())
}

/// A secret as devices take it when it is typed.
pub fn totp_base32(secret: &[u8]) -> String {
    base32::encode(base32::Alphabet::Rfc4648 { padding: false }, secret)
}

/// Full-width digits and letters as half-width, lower case, without spaces and hyphens: what people type from paper.
fn folded(text: &str) -> String {
    let half = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    };
    text.chars()
        .map(half)
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '−' | 'ー'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// New words for a printed list, from random bytes (8 for each word).
pub fn one_time_words(random: &[u8]) -> Vec<String> {
    let letter = |byte: &u8| LETTERS.get(usize::from(*byte) % LETTERS.len()).copied().map_or('2', char::from);
    random
        .chunks_exact(8)
        .map(|chunk| {
            let word: String = chunk.iter().map(letter).collect();
            let (a, b) = word.split_at(4);
            format!("{a}-{b}")
        })
        .collect()
}

/// What is stored for a word: words are random, so a plain hash keeps them.
pub(super) fn word_hash(word: &str) -> Vec<u8> {
    Sha256::digest(folded(word).as_bytes()).to_vec()
}

/// Whether a word is the stored one.
pub(super) fn is_word(stored: &[u8], word: &str) -> bool {
    same(&word_hash(word), stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_that_of_rfc_6238() {
        // RFC 6238 appendix B, SHA-1, last six digits.
        let secret = b"12345678901234567890";
        assert_eq!(totp_code(secret, 59_000).as_deref(), Some("287082"));
        assert_eq!(totp_step(secret, "２８７ 082", Moment(59_000)), Some(1));
        assert_eq!(totp_step(secret, "287082", Moment(200_000)), None);
    }

    #[test]
    fn a_word_is_known_however_it_is_typed() {
        let words = one_time_words(&[7; 16]);
        assert_eq!(words.len(), 2);
        let stored = word_hash(&words[0]);
        assert!(is_word(&stored, &words[0].to_uppercase().replace('-', " ")));
        assert!(!is_word(&stored, "aaaa-aaaa"));
    }

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let stored = hash_password("住民課の長い合言葉", [3; 16]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let knows = |given: &str, stored| runtime.block_on(verify_password(given.to_owned(), stored)).unwrap();
        assert!(knows("住民課の長い合言葉", Some(stored.clone())));
        assert!(!knows("住民課の長い合言葉 ", Some(stored.clone())));
        assert!(!knows("", None));
        assert!(knows("住民課の長い合言葉", Some(stored)), "what the checks before left in the memory changes nothing");
    }
}
