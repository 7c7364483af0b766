//! A zip as old programs write it: names in CP932, members stored, with the weak old encryption where a password is given.

/// A member: its name's bytes and its content.
pub(super) type Member = (Vec<u8>, Vec<u8>);

/// Name bytes of a member whose name is plain ASCII.
pub(super) fn ascii(name: &str, content: impl Into<Vec<u8>>) -> Member {
    (name.as_bytes().to_vec(), content.into())
}

/// Steps of CRC-32 (ISO 3309, reflected), a byte at a time.
const TABLE: [u32; 256] = {
    let mut table = [0_u32; 256];
    let mut index = 0;
    while index < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "an index below 256")]
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

fn step(crc: u32, byte: u8) -> u32 {
    let [low, ..] = (crc ^ u32::from(byte)).to_le_bytes();
    TABLE.get(usize::from(low)).copied().unwrap_or(0) ^ (crc >> 8)
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| step(crc, *byte))
}

/// The traditional encryption (APPNOTE 6.1).
struct Keys([u32; 3]);

impl Keys {
    fn of(password: &[u8]) -> Self {
        let mut keys = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        password.iter().for_each(|byte| keys.update(*byte));
        keys
    }

    fn update(&mut self, byte: u8) {
        let Self([first, second, third]) = self;
        *first = step(*first, byte);
        *second = second.wrapping_add(*first & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        let [.., high] = second.to_le_bytes();
        *third = step(*third, high);
    }

    fn encrypt(&mut self, byte: u8) -> u8 {
        let Self([.., third]) = self;
        let mask = (*third | 2) & 0xffff;
        let [_, key, ..] = mask.wrapping_mul(mask ^ 1).to_le_bytes();
        self.update(byte);
        byte ^ key
    }
}

/// The zip; a member is at most 4 GB, which nothing of the demo comes near.
pub(super) fn zip(members: &[Member], password: Option<&str>) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let at = length(out.len());
        let crc = crc(content);
        let stored = match password {
            None => content.clone(),
            Some(password) => {
                let mut keys = Keys::of(password.as_bytes());
                let [.., check] = crc.to_le_bytes();
                // Eleven bytes that should be chance and one that tells a wrong password; the demo is the same in every run.
                let head = (1..12_u8).chain([check]);
                head.chain(content.iter().copied()).map(|byte| keys.encrypt(byte)).collect()
            }
        };
        let mut shared = Vec::new();
        for value in [20, u16::from(password.is_some()), 0, 0x5000, 0x5d75] {
            shared.extend(value.to_le_bytes());
        }
        for value in [crc, length(stored.len()), length(content.len())] {
            shared.extend(value.to_le_bytes());
        }
        shared.extend(short(name.len()).to_le_bytes());
        shared.extend([0, 0]);
        out.extend(0x0403_4b50_u32.to_le_bytes());
        out.extend(&shared);
        out.extend(name);
        out.extend(stored);
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&shared);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name);
    }
    let start = length(out.len());
    let size = length(directory.len());
    out.extend(directory);
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    out.extend(short(members.len()).to_le_bytes());
    out.extend(short(members.len()).to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn short(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
