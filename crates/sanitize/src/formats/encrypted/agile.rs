//! Agile encryption ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15), as Office has written it since 2010.

use std::collections::BTreeMap;

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::budget::Budget;
use crate::formats::cipher;
use crate::formats::ooxml::package::elements;
use crate::words::ReasonCode;
use crate::work::Stop;

/// Rounds of the key derivation at most (Office writes 100,000).
const ROUNDS: u32 = 2_000_000;
/// Bytes that are encrypted under one initialisation vector.
const SEGMENT: usize = 4096;

/// The purposes of keys (2.3.4.13).
const VERIFIER_INPUT: [u8; 8] = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const VERIFIER_VALUE: [u8; 8] = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const KEY_VALUE: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];

#[derive(Clone, Copy)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            parts.iter().fold(D::new(), |digest, part| digest.chain_update(part)).finalize().to_vec()
        }
        match self {
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }
}

/// One set of parameters: of the data, or of the key that the password opens.
struct Parameters {
    values: BTreeMap<String, String>,
    hash: Hash,
    salt: Vec<u8>,
    key_bytes: usize,
}

impl Parameters {
    fn read(xml: &[u8], element: &str, budget: &mut Budget) -> Result<Self, Stop> {
        let damaged = || Stop::refused(ReasonCode::Damaged);
        let unsupported = || Stop::refused(ReasonCode::UnsupportedFeature);
        let found = elements(xml, element, budget)?.into_iter().next().ok_or_else(unsupported)?;
        let values: BTreeMap<String, String> = found.into_iter().collect();
        let get = |name: &str| values.get(name).map_or("", String::as_str);
        let hash = match get("hashAlgorithm") {
            "SHA1" | "SHA-1" => Hash::Sha1,
            "SHA256" | "SHA-256" => Hash::Sha256,
            "SHA384" | "SHA-384" => Hash::Sha384,
            "SHA512" | "SHA-512" => Hash::Sha512,
            _ => return Err(unsupported()),
        };
        let key_bytes = match get("keyBits") {
            "128" => 16,
            "192" => 24,
            "256" => 32,
            _ => return Err(unsupported()),
        };
        if get("cipherAlgorithm") != "AES" || get("cipherChaining") != "ChainingModeCBC" || get("blockSize") != "16" {
            return Err(unsupported());
        }
        let salt = cipher::base64(get("saltValue")).ok_or_else(damaged)?;
        Ok(Self { hash, salt, key_bytes, values })
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        cipher::base64(self.values.get(name)?)
    }

    /// The salt, or a hash, as an initialisation vector: cut or filled up to a block.
    fn vector(bytes: &[u8]) -> [u8; 16] {
        let mut out = [0x36; 16];
        out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        out
    }
}

/// The data decrypted; `None` when the password does not fit.
pub(super) fn decrypt(xml: &[u8], data: &[u8], password: &[u8], budget: &mut Budget) -> Result<Option<Vec<u8>>, Stop> {
    let damaged = || Stop::refused(ReasonCode::Damaged);
    let of_data = Parameters::read(xml, "keyData", budget)?;
    let of_key = Parameters::read(xml, "encryptedKey", budget)?;
    let rounds = of_key.values.get("spinCount").and_then(|rounds| rounds.parse::<u32>().ok()).ok_or_else(damaged)?;
    if rounds > ROUNDS {
        return Err(Stop::refused(ReasonCode::LimitSteps));
    }
    budget.step(u64::from(rounds) + data.len() as u64 / 16)?;
    let Some(key) = data_key(&of_key, of_data.key_bytes, rounds, password) else { return Ok(None) };
    let mut out = Vec::with_capacity(data.len());
    for (number, segment) in (0_u32..).zip(data.chunks(SEGMENT)) {
        let vector = Parameters::vector(&of_data.hash.of(&[&of_data.salt, &number.to_le_bytes()]));
        let whole = segment.len() / 16 * 16;
        out.extend(cipher::cbc(&key, &vector, segment.get(..whole).unwrap_or_default()).ok_or_else(damaged)?);
    }
    Ok(Some(out))
}

/// The key of the data, when the password fits.
fn data_key(of_key: &Parameters, length: usize, rounds: u32, password: &[u8]) -> Option<Vec<u8>> {
    let hash = of_key.hash;
    let mut spun = hash.of(&[&of_key.salt, password]);
    for round in 0..rounds {
        spun = hash.of(&[&round.to_le_bytes(), &spun]);
    }
    let open = |purpose: [u8; 8], name: &str| {
        let mut key = hash.of(&[&spun, &purpose]);
        key.resize(of_key.key_bytes, 0x36);
        cipher::cbc(&key, &Parameters::vector(&of_key.salt), &of_key.bytes(name)?)
    };
    let size: usize = of_key.values.get("saltSize")?.parse().ok()?;
    let input = open(VERIFIER_INPUT, "encryptedVerifierHashInput")?;
    let expected = hash.of(&[input.get(..size)?]);
    let value = open(VERIFIER_VALUE, "encryptedVerifierHashValue")?;
    if value.get(..expected.len())? != expected.as_slice() {
        return None;
    }
    open(KEY_VALUE, "encryptedKeyValue")?.get(..length).map(<[u8]>::to_vec)
}
