//! AES-CBC and base64, for documents that are protected as a whole.

use aes::cipher::{Block, BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use base64::Engine;

/// Decrypts whole blocks with a key of 16, 24 or 32 bytes; the padding stays.
pub(crate) fn cbc(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let iv: [u8; 16] = iv.get(..16)?.try_into().ok()?;
    match key.len() {
        16 => chained(&Aes128::new_from_slice(key).ok()?, Some(iv), data),
        24 => chained(&Aes192::new_from_slice(key).ok()?, Some(iv), data),
        32 => chained(&Aes256::new_from_slice(key).ok()?, Some(iv), data),
        _ => None,
    }
}

/// Decrypts whole blocks, each on its own.
pub(crate) fn ecb(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    match key.len() {
        16 => chained(&Aes128::new_from_slice(key).ok()?, None, data),
        24 => chained(&Aes192::new_from_slice(key).ok()?, None, data),
        32 => chained(&Aes256::new_from_slice(key).ok()?, None, data),
        _ => None,
    }
}

fn chained<C: BlockCipherDecrypt>(cipher: &C, iv: Option<[u8; 16]>, data: &[u8]) -> Option<Vec<u8>> {
    let (blocks, rest) = data.as_chunks::<16>();
    if !rest.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(data.len());
    let mut mask = iv;
    for encrypted in blocks {
        let mut block = Block::<C>::default();
        block.copy_from_slice(encrypted);
        cipher.decrypt_block(&mut block);
        match &mut mask {
            Some(mask) => {
                out.extend(block.iter().zip(mask.iter()).map(|(byte, mask)| byte ^ mask));
                *mask = *encrypted;
            }
            None => out.extend(block.iter()),
        }
    }
    Some(out)
}

/// Base64 with its padding.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
