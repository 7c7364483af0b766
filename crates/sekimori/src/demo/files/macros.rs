//! A macro project (MS-OVBA) as it lies in a workbook: one module, its source as text, compiled by whoever opens it.

use encoding_rs::SHIFT_JIS;

use super::compound::{Node, compound};

const MODULE: &str = "Module1";

/// The project with this source.
pub(super) fn project(source: &str) -> Vec<u8> {
    let (source, ..) = SHIFT_JIS.encode(source);
    let text = format!(
        "ID=\"{{00000000-0000-0000-0000-000000000000}}\"\r\nModule={MODULE}\r\nName=\"VBAProject\"\r\nHelpContextID=\"0\"\r\n\
         VersionCompatible32=\"393222000\"\r\n\r\n[Host Extender Info]\r\n&H00000001={{3832D640-CF90-11CF-8E43-00A0C911005A}};VBE;&H00000000\r\n"
    );
    let storage = Node::Storage(
        "VBA",
        vec![
            Node::Stream("dir", compressed(&directory())),
            // No compiled form: the source counts.
            Node::Stream("_VBA_PROJECT", vec![0xcc, 0x61, 0xff, 0xff, 0, 0, 0]),
            Node::Stream(MODULE, compressed(&source)),
        ],
    );
    compound(vec![storage, Node::Stream("PROJECT", text.into_bytes())])
}

/// The `dir` stream: what the project is, and its modules (MS-OVBA 2.3.4.2).
fn directory() -> Vec<u8> {
    let mut out = Vec::new();
    let mut record = |id: u16, value: &[u8]| {
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(value.len()).unwrap_or(0).to_le_bytes());
        out.extend(value);
    };
    let wide: Vec<u8> = MODULE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    record(0x01, &1_u32.to_le_bytes());
    record(0x02, &0x0411_u32.to_le_bytes());
    record(0x14, &0x0411_u32.to_le_bytes());
    record(0x03, &932_u16.to_le_bytes());
    record(0x04, b"VBAProject");
    for empty in [0x05, 0x40, 0x06, 0x3d] {
        record(empty, &[]);
    }
    record(0x07, &0_u32.to_le_bytes());
    record(0x08, &0_u32.to_le_bytes());
    // The version's length counts its reserved part only.
    record(0x09, &0x6500_0001_u32.to_le_bytes());
    out.extend(1_u16.to_le_bytes());
    let mut record = |id: u16, value: &[u8]| {
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(value.len()).unwrap_or(0).to_le_bytes());
        out.extend(value);
    };
    record(0x0c, &[]);
    record(0x3c, &[]);
    record(0x0f, &1_u16.to_le_bytes());
    record(0x13, &0xffff_u16.to_le_bytes());
    record(0x19, MODULE.as_bytes());
    record(0x47, &wide);
    record(0x1a, MODULE.as_bytes());
    record(0x32, &wide);
    record(0x1c, &[]);
    record(0x48, &[]);
    record(0x31, &0_u32.to_le_bytes());
    record(0x1e, &0_u32.to_le_bytes());
    record(0x2c, &0xffff_u16.to_le_bytes());
    record(0x21, &[]);
    record(0x2b, &[]);
    record(0x10, &[]);
    out
}

/// The compression of MS-OVBA 2.4.1 with literals only: right, if not short.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![1];
    for chunk in bytes.chunks(3600) {
        let data: Vec<u8> =
            chunk.chunks(8).flat_map(|literals| std::iter::once(0).chain(literals.iter().copied())).collect();
        let size = u16::try_from(data.len() + 2 - 3).unwrap_or(0);
        out.extend((0xb000 | size).to_le_bytes());
        out.extend(data);
    }
    out
}
