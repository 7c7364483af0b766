//! A signed statement of how many entries there are and of their root: C2SP `tlog-checkpoint`, a signed note with Ed25519
//! over the root of RFC 6962. Kept outside the store, it shows a forged or cut tail.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use sha2::{Digest, Sha256};

use super::Hash;
use crate::{Error, Kind, Result};

/// The algorithm byte of Ed25519 in a note's key (C2SP signed-note).
const ED25519: u8 = 1;

/// A key that signs checkpoints, read from `PRIVATE+KEY+name+hash+base64`.
#[derive(Debug)]
pub struct SignerKey {
    name: String,
    key: SigningKey,
}

/// The public half, read from `name+hash+base64`.
#[derive(Debug)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose journal.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

fn wrong(what_ja: &str, what_en: &str) -> Error {
    Error::new(
        Kind::Invalid,
        format!("{what_ja}を読めません。sekimori が書いたファイルをそのまま指定してください。"),
        format!("The {what_en} cannot be read. Give the file as sekimori wrote it."),
    )
}

/// The four bytes by which a note names a key: the hash of name, line feed, algorithm and public key.
fn key_hash(name: &str, public: &[u8]) -> [u8; 4] {
    let hash =
        Sha256::new().chain_update(name).chain_update("\n").chain_update([ED25519]).chain_update(public).finalize();
    let [a, b, c, d, ..]: Hash = hash.into();
    [a, b, c, d]
}

/// Splits `name+hash+base64` and checks its hash; the algorithm byte is taken off.
fn read_key(text: &str, public: impl Fn([u8; 32]) -> [u8; 32]) -> Option<(String, [u8; 32])> {
    let mut parts = text.trim().splitn(3, '+');
    let (name, hash, data) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = STANDARD.decode(data).ok()?;
    let (ED25519, key) = bytes.split_first().map(|(a, k)| (*a, k))? else { return None };
    let key: [u8; 32] = key.try_into().ok()?;
    let expected = u32::from_be_bytes(key_hash(name, &public(key)));
    (u32::from_str_radix(hash, 16).ok()? == expected && !name.is_empty()).then(|| (name.to_owned(), key))
}

fn write_key(name: &str, public: &[u8], key: &[u8]) -> String {
    let hash = u32::from_be_bytes(key_hash(name, public));
    let mut bytes = vec![ED25519];
    bytes.extend_from_slice(key);
    format!("{name}+{hash:08x}+{}", STANDARD.encode(bytes))
}

impl SignerKey {
    /// A key of this name from 32 random bytes. The name stands in every checkpoint; no spaces, no plus sign.
    pub fn new(name: &str, seed: [u8; 32]) -> Self {
        let name: String = name.chars().map(|c| if c.is_whitespace() || c == '+' { '-' } else { c }).collect();
        Self { name, key: SigningKey::from_bytes(&seed) }
    }

    /// Reads the line that [`to_text`](Self::to_text) writes.
    pub fn from_text(text: &str) -> Result<Self> {
        let read = text
            .trim()
            .strip_prefix("PRIVATE+KEY+")
            .and_then(|rest| read_key(rest, |seed| SigningKey::from_bytes(&seed).verifying_key().to_bytes()));
        let (name, seed) = read.ok_or_else(|| wrong("署名鍵", "signing key"))?;
        Ok(Self { name, key: SigningKey::from_bytes(&seed) })
    }

    /// The secret line to keep outside the store.
    pub fn to_text(&self) -> String {
        format!("PRIVATE+KEY+{}", write_key(&self.name, self.key.verifying_key().as_bytes(), self.key.as_bytes()))
    }

    /// The public line to give to auditors.
    pub fn public_text(&self) -> String {
        let public = self.key.verifying_key();
        write_key(&self.name, public.as_bytes(), public.as_bytes())
    }

    /// Signs a size and root: the note's text.
    pub fn sign(&self, size: u64, root: &Hash) -> String {
        let body = format!("{}\n{size}\n{}\n", self.name, STANDARD.encode(root));
        let mut signature = key_hash(&self.name, self.key.verifying_key().as_bytes()).to_vec();
        signature.extend_from_slice(&self.key.sign(body.as_bytes()).to_bytes());
        format!("{body}\n\u{2014} {} {}\n", self.name, STANDARD.encode(signature))
    }
}

impl VerifierKey {
    /// Reads a public line.
    pub fn from_text(text: &str) -> Result<Self> {
        let (name, key) = read_key(text, |key| key).ok_or_else(|| wrong("公開鍵", "public key"))?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| wrong("公開鍵", "public key"))?;
        Ok(Self { name, key })
    }

    /// Checks a checkpoint's signature and reads it.
    pub fn open(&self, note: &str) -> Result<Checkpoint> {
        let unreadable = || wrong("確認印", "checkpoint");
        let forged = || {
            Error::new(
                Kind::Refused,
                "確認印の署名が公開鍵と合いません。鍵とファイルの組合せを確かめてください。",
                "The checkpoint's signature does not match the public key. Check that key and file belong together.",
            )
        };
        let (body, signatures) = note.split_once("\n\n").ok_or_else(unreadable)?;
        let body = format!("{body}\n");
        let prefix = format!("\u{2014} {} ", self.name);
        let line = signatures.lines().find_map(|line| line.strip_prefix(&prefix)).ok_or_else(forged)?;
        let bytes = STANDARD.decode(line).map_err(|_| unreadable())?;
        let (hash, signature) = bytes.split_at_checked(4).ok_or_else(unreadable)?;
        let signature = Signature::from_slice(signature).map_err(|_| unreadable())?;
        if hash != key_hash(&self.name, self.key.as_bytes()) || self.key.verify(body.as_bytes(), &signature).is_err() {
            return Err(forged());
        }
        let mut lines = body.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(unreadable());
        };
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or_else(unreadable)?;
        Ok(Checkpoint { origin: origin.to_owned(), size: size.parse().map_err(|_| unreadable())?, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_opens_with_its_key_and_with_no_other() {
        let key = SignerKey::new("関守市 ledger", [7; 32]);
        let again = SignerKey::from_text(&key.to_text()).unwrap();
        let public = VerifierKey::from_text(&key.public_text()).unwrap();
        let note = again.sign(12, &[9; 32]);
        let opened = public.open(&note).unwrap();
        assert_eq!(opened, Checkpoint { origin: "関守市-ledger".to_owned(), size: 12, root: [9; 32] });
        assert!(public.open(&note.replace("12", "13")).is_err());
        let other = VerifierKey::from_text(&SignerKey::new("関守市-ledger", [8; 32]).public_text()).unwrap();
        assert!(other.open(&note).is_err());
        assert!(VerifierKey::from_text(&key.to_text()).is_err());
        assert!(SignerKey::from_text("PRIVATE+KEY+x+00000000+AAAA").is_err());
    }
}
