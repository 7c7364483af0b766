//! Standard encryption ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9): SHA-1 and AES in ECB, as Office 2007 writes it.

use sha1::{Digest, Sha1};

use crate::budget::Budget;
use crate::formats::cipher;
use crate::words::ReasonCode;
use crate::work::Stop;

const ROUNDS: u32 = 50_000;

/// The data decrypted; `None` when the password does not fit.
pub(super) fn decrypt(info: &[u8], data: &[u8], password: &[u8], budget: &mut Budget) -> Result<Option<Vec<u8>>, Stop> {
    let damaged = || Stop::refused(ReasonCode::Damaged);
    let number = |at: usize| {
        info.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes).ok_or_else(damaged)
    };
    let header = number(8)? as usize;
    let length = match number(20)? {
        0x660e => 16,
        0x660f => 24,
        0x6610 => 32,
        // RC4 of the CryptoAPI, or a provider of its own.
        _ => return Err(Stop::refused(ReasonCode::UnsupportedFeature)),
    };
    let verifier = info.get(12_usize.saturating_add(header)..).ok_or_else(damaged)?;
    let part = |from: usize, to: usize| verifier.get(from..to).ok_or_else(damaged);
    let (salt, encrypted, hash) = (part(4, 20)?, part(20, 36)?, part(40, 72)?);
    budget.step(u64::from(ROUNDS) + data.len() as u64 / 16)?;
    let key = key(password, salt, length);
    let fits = || {
        let (plain, expected) = (cipher::ecb(&key, encrypted)?, cipher::ecb(&key, hash)?);
        (Sha1::digest(&plain).as_slice() == expected.get(..20)?).then_some(())
    };
    if fits().is_none() {
        return Ok(None);
    }
    let whole = data.len() / 16 * 16;
    cipher::ecb(&key, data.get(..whole).unwrap_or_default()).map(Some).ok_or_else(damaged)
}

fn key(password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let mut hash = Sha1::new().chain_update(salt).chain_update(password).finalize();
    for round in 0..ROUNDS {
        hash = Sha1::new().chain_update(round.to_le_bytes()).chain_update(hash).finalize();
    }
    let hash = Sha1::new().chain_update(hash).chain_update([0; 4]).finalize();
    let half = |fill: u8| {
        let mut block = [fill; 64];
        block.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to ^= from);
        Sha1::digest(block)
    };
    let mut key = [half(0x36).as_slice(), half(0x5c).as_slice()].concat();
    key.truncate(length);
    key
}
