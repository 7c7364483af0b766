//! ZipCrypto (APPNOTE 6.1) and WinZip AES (AE-1 and AE-2), for archives whose password was given.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::read::{Entry, extra_field};
use crate::budget::Budget;
use crate::work::{Password, Stop};

/// The bytes that a typed password can stand for: UTF-8 and, as Windows in Japanese writes it, CP932.
pub(super) fn keys(password: &Password) -> Vec<Vec<u8>> {
    let utf8 = password.text().as_bytes().to_vec();
    let (cp932, _, lost) = encoding_rs::SHIFT_JIS.encode(password.text());
    if lost || cp932.as_ref() == utf8 { vec![utf8] } else { vec![utf8, cp932.into_owned()] }
}

/// The stored bytes decrypted, and the method that they are compressed with; `None` when the password does not fit.
pub(super) fn decrypt(entry: &Entry<'_>, key: &[u8], budget: &mut Budget) -> Result<Option<(Vec<u8>, u16)>, Stop> {
    budget.step(1 + entry.packed.len() as u64 / 16)?;
    Ok(if entry.method == 99 { aes(entry, key) } else { zip_crypto(entry, key).map(|plain| (plain, entry.method)) })
}

/// The three keys of ZipCrypto.
struct Keys(u32, u32, u32);

impl Keys {
    fn new(password: &[u8]) -> Self {
        let mut keys = Self(0x1234_5678, 0x2345_6789, 0x3456_7890);
        password.iter().for_each(|byte| keys.update(*byte));
        keys
    }

    fn update(&mut self, byte: u8) {
        self.0 = crc_step(self.0, byte);
        self.1 = self.1.wrapping_add(self.0 & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        let [.., high] = self.1.to_le_bytes();
        self.2 = crc_step(self.2, high);
    }

    fn decrypt(&mut self, byte: u8) -> u8 {
        let mixed = (self.2 | 2) & 0xffff;
        let [_, mask, ..] = mixed.wrapping_mul(mixed ^ 1).to_le_bytes();
        let plain = byte ^ mask;
        self.update(plain);
        plain
    }
}

/// One step of CRC-32 without the inversions at its ends.
fn crc_step(crc: u32, byte: u8) -> u32 {
    let mut value = (crc ^ u32::from(byte)) & 0xff;
    for _ in 0..8 {
        value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
    }
    value ^ (crc >> 8)
}

fn zip_crypto(entry: &Entry<'_>, password: &[u8]) -> Option<Vec<u8>> {
    let mut keys = Keys::new(password);
    let plain: Vec<u8> = entry.packed.iter().map(|byte| keys.decrypt(*byte)).collect();
    let (header, content) = plain.split_at_checked(12)?;
    // The last byte of the header repeats the CRC's high byte, or that of the time when the CRC follows the data.
    let [.., crc_high] = entry.crc.to_le_bytes();
    let [_, time_high] = entry.time.to_le_bytes();
    let wanted = if entry.streamed { time_high } else { crc_high };
    (header.last() == Some(&wanted)).then(|| content.to_vec())
}

fn aes(entry: &Entry<'_>, password: &[u8]) -> Option<(Vec<u8>, u16)> {
    let [1 | 2, 0, b'A', b'E', strength, method @ ..] = extra_field(entry.extra, 0x9901)? else { return None };
    let method = u16::from_le_bytes(method.try_into().ok()?);
    let key_length = match strength {
        1 => 16,
        2 => 24,
        3 => 32,
        _ => return None,
    };
    let (salt, rest) = entry.packed.split_at_checked(key_length / 2)?;
    let (check, rest) = rest.split_at_checked(2)?;
    let (content, code) = rest.split_at_checked(rest.len().checked_sub(10)?)?;
    let mut derived = vec![0_u8; key_length * 2 + 2];
    pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, 1000, &mut derived);
    let (key, rest) = derived.split_at_checked(key_length)?;
    let (mac_key, wanted) = rest.split_at_checked(key_length)?;
    if wanted != check {
        return None;
    }
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(mac_key).ok()?;
    mac.update(content);
    mac.verify_truncated_left(code).ok()?;
    let plain = match key_length {
        16 => counter_mode(&Aes128::new_from_slice(key).ok()?, content),
        24 => counter_mode(&Aes192::new_from_slice(key).ok()?, content),
        _ => counter_mode(&Aes256::new_from_slice(key).ok()?, content),
    };
    Some((plain, method))
}

/// CTR with a little-endian counter that starts at 1.
fn counter_mode<C: BlockCipherEncrypt>(cipher: &C, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    for (counter, chunk) in (1_u128..).zip(content.chunks(16)) {
        let mut block = aes::cipher::Block::<C>::default();
        for (to, from) in block.iter_mut().zip(counter.to_le_bytes()) {
            *to = from;
        }
        cipher.encrypt_block(&mut block);
        out.extend(chunk.iter().zip(block.iter()).map(|(byte, mask)| byte ^ mask));
    }
    out
}
