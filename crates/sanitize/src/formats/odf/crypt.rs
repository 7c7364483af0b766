//! Protected packages (OpenDocument part 2, chapter 4): each member deflated, then AES-CBC under a key of PBKDF2.

use std::collections::BTreeMap;

use flate2::{Decompress, FlushDecompress, Status};
use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::build::manifest;
use crate::formats::cipher;
use crate::formats::ooxml::package::Package;
use crate::words::ReasonCode;
use crate::work::{Password, Stop, Work};

/// Rounds of the key derivation at most.
const ROUNDS: u32 = 1_000_000;

/// How one member is protected: the attributes of its `encryption-data` and of what stands in it, by local name.
struct Protected {
    path: String,
    values: BTreeMap<String, String>,
}

/// The contents of protected members; empty when there are none. Held without a password that fits.
pub(super) fn open(package: &Package<'_>, work: &mut Work<'_>) -> Result<BTreeMap<String, Vec<u8>>, Stop> {
    let manifest = manifest(package, work)?;
    let members = protected(&manifest).ok_or(Stop::Refused(ReasonCode::BadXml))?;
    let mut out = BTreeMap::new();
    if members.is_empty() {
        return Ok(out);
    }
    if work.passwords.is_empty() {
        return Err(Stop::held(ReasonCode::PasswordNeeded));
    }
    if members.iter().any(|member| !member.is_supported()) {
        return Err(Stop::refused(ReasonCode::UnsupportedFeature));
    }
    let first = members.first().ok_or(Stop::Held(ReasonCode::PasswordNeeded))?;
    let mut fitting = None;
    let passwords = work.passwords.clone();
    for password in &passwords {
        if first.decrypt(package, password, work)?.is_some() {
            fitting = Some(password);
            break;
        }
    }
    let password = fitting.ok_or(Stop::Held(ReasonCode::PasswordNeeded))?;
    for member in &members {
        let bytes = member.decrypt(package, password, work)?.ok_or(Stop::Refused(ReasonCode::Damaged))?;
        out.insert(member.path.clone(), bytes);
    }
    Ok(out)
}

fn protected(manifest: &[u8]) -> Option<Vec<Protected>> {
    let text = std::str::from_utf8(manifest).ok()?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut out: Vec<Protected> = Vec::new();
    let (mut entry, mut inside) = (BTreeMap::new(), false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => {
                let name = start.local_name().as_ref().to_owned();
                let mut values = BTreeMap::new();
                for attribute in start.attributes() {
                    let attribute = attribute.ok()?;
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
                    values.insert(attribute.key.local_name().as_ref().to_owned(), value);
                }
                match name.as_str() {
                    "file-entry" => {
                        entry = values;
                        inside = false;
                    }
                    "encryption-data" => {
                        let path = entry.get("full-path")?.to_lowercase();
                        values.extend(entry.get("size").map(|size| ("member-size".to_owned(), size.clone())));
                        out.push(Protected { path, values });
                        inside = true;
                    }
                    _ if inside => {
                        let named = values.remove("key-size").map(|size| (format!("{name}/key-size"), size));
                        let member = out.last_mut()?;
                        member.values.extend(named);
                        member.values.extend(values);
                    }
                    _ => {}
                }
            }
            // OpenOffice.org wrote a name and an address here, which nobody follows; declarations of its own are refused.
            Event::DocType(doctype) if doctype.contains('[') => return None,
            Event::Eof => return Some(out),
            _ => {}
        }
    }
}

impl Protected {
    fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// AES-256 in CBC, the password hashed with SHA-256, PBKDF2: what every program has written since 2012.
    fn is_supported(&self) -> bool {
        self.get("algorithm-name").ends_with("aes256-cbc")
            && self.get("key-derivation-name").ends_with("PBKDF2")
            && self.get("start-key-generation-name").ends_with("sha256")
            && self.get("iteration-count").parse::<u32>().is_ok_and(|rounds| (1..=ROUNDS).contains(&rounds))
    }

    /// The content; `None` when the password does not fit.
    fn decrypt(
        &self,
        package: &Package<'_>,
        password: &Password,
        work: &mut Work<'_>,
    ) -> Result<Option<Vec<u8>>, Stop> {
        let packed = package.part(&self.path, &mut work.budget)?.unwrap_or_default();
        let rounds: u32 = self.get("iteration-count").parse().unwrap_or(1);
        work.budget.step(u64::from(rounds))?;
        let size = self.get("member-size").parse().unwrap_or(usize::MAX);
        if size > work.budget.member_bytes(packed.len()) {
            return Err(Stop::refused(ReasonCode::LimitRatio));
        }
        let Some(bytes) = self.plain(&packed, password, rounds, size) else { return Ok(None) };
        work.budget.decode(bytes.len())?;
        Ok(Some(bytes))
    }

    fn plain(&self, packed: &[u8], password: &Password, rounds: u32, size: usize) -> Option<Vec<u8>> {
        let (salt, iv) = (cipher::base64(self.get("salt"))?, cipher::base64(self.get("initialisation-vector"))?);
        let start = Sha256::digest(password.text().as_bytes());
        let mut key = [0_u8; 32];
        pbkdf2::pbkdf2_hmac::<Sha1>(&start, &salt, rounds, &mut key);
        let mut deflated = cipher::cbc(&key, &iv, packed)?;
        let padding = usize::from(*deflated.last()?);
        deflated.truncate(deflated.len().checked_sub(padding)?);
        let checksum = cipher::base64(self.get("checksum"))?;
        let head = deflated.get(..deflated.len().min(1024))?;
        if self.get("checksum-type").ends_with("sha256-1k") && Sha256::digest(head).as_slice() != checksum {
            return None;
        }
        let mut out = Vec::with_capacity(size.checked_add(1)?);
        let mut inflater = Decompress::new(false);
        let status = inflater.decompress_vec(&deflated, &mut out, FlushDecompress::Finish).ok()?;
        (status == Status::StreamEnd && out.len() == size).then_some(out)
    }
}
