//! Files to try (無害化), plainly made up and made by code: what arrives at a city hall every day and what breaks on the way.

mod compound;
mod macros;
mod sheets;
mod zip;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{ISO_2022_JP, SHIFT_JIS};

use self::compound::{Node, compound};
use self::zip::zip;

/// The password of the zip, as the second mail would bring it.
const PASSWORD: &str = "sekimori2026";

/// What the folder says of itself.
const GUIDE: &str = "試すためのファイル（すべて架空）\n\
    \n\
    公用車使用申請書.xlsx   方眼紙の様式。無害化を通ります。\n\
    対策調査票.xlsm         マクロ、隠しシート、入力規則のある国の調査票。マクロが除かれます。\n\
    回覧.jtd                一太郎の文書。読み取れないため、通りません。\n\
    図面.xdw                DocuWorks の文書。読み取れないため、通りません。\n\
    一覧表.zip              パスワード付き（PPAP）。名前に「表」を含みます。パスワードは password.txt にあります。\n\
    お知らせ.eml            ISO-2022-JP のメール。①、㈱、髙 などの機種依存文字を含みます。\n\
    firewall.nft            期限の切れた特定通信の規則が残っている、境目の装置の設定。\n\
    \n\
    無害化を試す：\n\
        sekimori sanitize --out 出力先 --password-file password.txt 公用車使用申請書.xlsx 対策調査票.xlsm 一覧表.zip\n\
    分割を確かめる（親フォルダーがデモのデータです）：\n\
        sekimori separation claims --data .. --out claims.toml\n\
        sekimori separation verify --claims claims.toml --config firewall.nft\n";

/// The border device as it stands: what is permitted, and one rule too many.
const FIREWALL: &str = "\
# 架空の境目の装置。旧 収納データの受渡し（10.1.7.3 → 10.2.8.3）の許可は切れたが、規則が残っている。
table inet border {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    ip saddr 10.1.5.10 ip daddr 203.0.113.53 tcp dport 443 accept
    ip saddr 10.1.5.20 ip daddr 203.0.113.60 tcp dport 443 accept
    ip saddr 10.3.0.25 ip daddr 10.2.0.25 tcp dport 25 accept
    ip saddr 10.3.0.26 ip daddr 10.2.0.26 tcp dport 8443 accept
    ip saddr 10.1.7.3 ip daddr 10.2.8.3 tcp dport 22 accept
  }
}
";

/// Writes the files into a folder, which is made.
pub(crate) fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, bytes) in all() {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

/// Every file by name.
fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("はじめに.txt", GUIDE.as_bytes().to_vec()),
        ("公用車使用申請書.xlsx", sheets::squared()),
        ("対策調査票.xlsm", sheets::survey()),
        ("回覧.jtd", ichitaro()),
        ("図面.xdw", docuworks()),
        ("一覧表.zip", with_password()),
        ("password.txt", format!("{PASSWORD}\n").into_bytes()),
        ("お知らせ.eml", mail()),
        ("firewall.nft", FIREWALL.as_bytes().to_vec()),
    ]
}

/// A 一太郎 document as far as its shell goes: the compound file and its text.
fn ichitaro() -> Vec<u8> {
    let text: Vec<u8> = "回覧（架空）　来月の防災訓練について".encode_utf16().flat_map(u16::to_be_bytes).collect();
    compound(vec![
        Node::Stream("DocumentText", [b"SsmgV.01".as_slice(), &text].concat()),
        Node::Stream("JSRV_SegmentInformation", vec![0; 64]),
    ])
}

/// A DocuWorks document as far as its first bytes go.
fn docuworks() -> Vec<u8> {
    let mut bytes = b"\x60\x0e\x82\x01".to_vec();
    bytes.extend("図面（架空）".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(1024, 0);
    bytes
}

/// A zip with a password, its names in CP932: the second byte of 表 is a backslash there.
fn with_password() -> Vec<u8> {
    let member =
        |name: &str, text: &str| (SHIFT_JIS.encode(name).0.into_owned(), SHIFT_JIS.encode(text).0.into_owned());
    let members = [
        member("一覧表.csv", "番号,名称,数\r\n1,架空の備品,3\r\n2,架空の消耗品,12\r\n"),
        member("ソの表紙.txt", "この表は架空です。\r\n"),
    ];
    zip(&members, Some(PASSWORD))
}

/// A mail in ISO-2022-JP with characters that are not in every program's table.
fn mail() -> Vec<u8> {
    let word = |text: &str| format!("=?ISO-2022-JP?B?{}?=", STANDARD.encode(ISO_2022_JP.encode(text).0));
    let body = "各課　情報セキュリティ担当　様\r\n\r\n①㈱架空商事の髙橋です。\r\n②№１２の資料を送ります。単位は㎡、年は㍻です。\r\n\r\n架空のメールです。\r\n";
    let head = format!(
        "From: {} <takahashi@shoji.invalid>\r\nTo: <staff@sekimori.invalid>\r\nSubject: {}\r\n\
         Date: Mon, 02 Nov 2026 09:00:00 +0900\r\nMessage-ID: <1@shoji.invalid>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
        word("㈱架空商事 髙橋"),
        word("【①ご連絡】資料の送付"),
    );
    [head.as_bytes(), &ISO_2022_JP.encode(body).0].concat()
}

#[cfg(test)]
mod tests {
    use sanitize::Format;
    use sanitize::detect::detect;

    use super::*;

    #[test]
    fn each_file_is_what_its_name_says() {
        let files = all();
        let format = |name: &str| {
            let (_, bytes) = files.iter().find(|(known, _)| *known == name).unwrap();
            detect(name, bytes)
        };
        assert_eq!(format("公用車使用申請書.xlsx"), Format::Xlsx);
        assert_eq!(format("対策調査票.xlsm"), Format::Xlsm);
        assert_eq!(format("回覧.jtd"), Format::Jtd);
        assert_eq!(format("図面.xdw"), Format::Xdw);
        assert_eq!(format("一覧表.zip"), Format::Zip);
        assert!(with_password().windows(2).any(|pair| pair == b"\x95\x5c"), "表 is written with a backslash");
        assert!(mail().is_ascii() && mail().windows(3).any(|bytes| bytes == b"\x1b$B"));
    }
}
