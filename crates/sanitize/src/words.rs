//! Every word that a report may use, with its Japanese and English name. Closed lists: nothing else is ever reported.
//!
//! To add one: a line here. `code` is a contract for readers of reports and never changes its meaning.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One line per word: variant, code, 日本語, English.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($name:ident = $code:literal, $ja:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each variant's English name stands beside it in the list")]
        pub enum $type { $($name,)+ }

        impl $type {
            /// Every word of the list.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word in reports.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The word with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.code() == code)
            }

            /// 日本語の名称
            pub fn ja(self) -> &'static str {
                match self { $(Self::$name => $ja,)+ }
            }

            /// The English name.
            pub fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)+ }
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = String::deserialize(deserializer)?;
                Self::from_code(&code).ok_or_else(|| serde::de::Error::custom(format!("no such word: {code}")))
            }
        }
    };
}

words! {
    /// What was removed, lost or noted.
    What {
        // Active content.
        Macro = "macro", "マクロ", "Macro";
        XlmMacro = "xlm_macro", "Excel 4.0 マクロシート", "Excel 4.0 macro sheet";
        ActiveX = "activex", "ActiveX コントロール", "ActiveX control";
        CustomUi = "custom_ui", "リボンの拡張", "Ribbon extension";
        WebExtension = "web_extension", "Office アドイン", "Office web add-in";
        Script = "script", "スクリプト", "Script";
        JavaScript = "javascript", "JavaScript", "JavaScript";
        Action = "action", "自動実行される動作", "Action";
        LaunchAction = "launch_action", "プログラムの起動", "Launch action";
        SubmitForm = "submit_form", "フォームの送信", "Form submission";
        Xfa = "xfa", "XFA フォーム", "XFA form";
        RichMedia = "rich_media", "動画・3D などの埋め込み", "Rich media";
        Media = "media", "音声・動画", "Audio or video";
        HtmlForm = "html_form", "HTML の入力フォーム", "HTML form";
        Frame = "frame", "フレーム", "Frame";
        StyleImport = "style_import", "外部スタイルの読込み", "Imported style";
        TrackingPixel = "tracking_pixel", "開封確認用の画像", "Tracking pixel";
        RemoteImage = "remote_image", "外部の画像", "Remote image";
        // Links that fetch.
        ExternalLink = "external_link", "外部参照", "External reference";
        RemoteTemplate = "remote_template", "外部テンプレート", "Remote template";
        UnsafeLink = "unsafe_link", "許可されないリンク", "Link of a scheme that is not allowed";
        Dde = "dde", "DDE", "DDE";
        Field = "field", "外部を読み込むフィールド", "Field that fetches";
        DangerousFormula = "dangerous_formula", "許可されない関数の数式（値に置換え）", "Formula turned into its value";
        CsvFormula = "csv_formula", "CSV の数式（無効化）", "CSV formula neutralised";
        Connection = "connection", "データ接続", "Data connection";
        QueryTable = "query_table", "クエリテーブル", "Query table";
        ExternalWorkbook = "external_workbook", "外部ブックへの参照", "Reference to another workbook";
        // Embedded things.
        OleObject = "ole_object", "埋め込みオブジェクト", "Embedded object";
        AltChunk = "alt_chunk", "取り込み文書", "Imported document part";
        EmbeddedFile = "embedded_file", "埋め込みファイル", "Embedded file";
        Picture = "picture", "画像（代替表示に置換え）", "Picture replaced by a placeholder";
        Metafile = "metafile", "メタファイル画像（代替表示に置換え）", "Metafile picture replaced by a placeholder";
        TextNotDrawn = "text_not_drawn", "描画できない文字", "Text that could not be drawn";
        Chart = "chart", "グラフ", "Chart";
        Diagram = "diagram", "図表（SmartArt）", "Diagram";
        Font = "font", "埋め込みフォント", "Embedded font";
        FormField = "form_field", "フォーム部品（表示内容に置換え）", "Form field flattened";
        Annotation = "annotation", "注釈", "Annotation";
        PivotTable = "pivot_table", "ピボットテーブル（シートに保存された値だけが残る）", "Pivot table (only values stored in the sheet stay)";
        ReadingCopy = "reading_copy", "編集できない閲覧用に変換", "Turned into a reading copy";
        ImageCopy = "image_copy", "画像に変換", "Turned into an image";
        // Structure.
        StructureTags = "structure_tags", "読み上げ用の構造情報（タグ）", "Structure tags";
        UnknownPart = "unknown_part", "不明な部品", "Unknown part";
        UnknownElement = "unknown_element", "不明な要素", "Unknown element";
        UnreachableObject = "unreachable_object", "参照されないオブジェクト", "Unreachable object";
        OldRevision = "old_revision", "以前の版", "Earlier revision";
        TrailingData = "trailing_data", "末尾の余分なデータ", "Trailing data";
        CustomXml = "custom_xml", "カスタム XML", "Custom XML";
        Signature = "signature", "電子署名", "Digital signature";
        PartHeld = "part_held", "保留になった添付・内包ファイル", "Held part";
        PartRefused = "part_refused", "通過不可になった添付・内包ファイル", "Refused part";
        // Mail.
        HiddenText = "hidden_text", "隠し文字", "Hidden text";
        DisplayNameSpoof = "display_name_spoof", "差出人表示名の偽装", "Display-name spoof";
        LinkMismatch = "link_mismatch", "表示と異なるリンク先", "Link text that differs from its target";
        ReplyToDiffers = "reply_to_differs", "差出人と異なる返信先", "Reply address of another domain than the sender";
        Calendar = "calendar", "予定表（文章に置換え）", "Appointment turned into text";
        Alternative = "alternative", "本文の別の版（読みやすい方を採用）", "Another version of the text";
        Header = "header", "メールヘッダー", "Mail header";
        UnreadableText = "unreadable_text", "読めない文字（�に置換え）", "Characters that could not be read";
        // Noted only.
        Hyperlink = "hyperlink", "リンク", "Hyperlink";
        HiddenSheetShown = "hidden_sheet_shown", "非表示シートを表示", "Hidden sheet made visible";
        HiddenRowShown = "hidden_row_shown", "非表示の行・列を表示", "Hidden row or column made visible";
        HiddenTextShown = "hidden_text_shown", "隠し文字を表示", "Hidden text made visible";
        HiddenSlideShown = "hidden_slide_shown", "非表示スライドを表示", "Hidden slide made visible";
        Comment = "comment", "コメント", "Comment";
        Note = "note", "ノート", "Note";
        TrackedChange = "tracked_change", "変更履歴", "Tracked change";
        Metadata = "metadata", "文書の属性情報", "Metadata";
        Thumbnail = "thumbnail", "縮小表示画像", "Thumbnail";
        Extension = "extension", "製品固有の拡張情報", "Vendor extension";
        PrinterSettings = "printer_settings", "プリンター固有の設定", "Printer settings";
        NameCorrected = "name_corrected", "ファイル名を訂正", "File name corrected";
        ExtensionCorrected = "extension_corrected", "拡張子を内容に合わせて訂正", "Extension corrected to agree with the content";
        BidiRemoved = "bidi_removed", "文字の並びを偽る制御文字を除去", "Bidirectional controls removed from the name";
        Decrypted = "decrypted", "パスワードを解除", "Decrypted with the given password";
        CharsetChanged = "charset_changed", "文字コードを変更", "Character set changed";
        MalwareNotChecked = "malware_not_checked", "ウイルス検査は未実施", "Not checked for malware";
    }
}

words! {
    /// Why a file is held or refused.
    ReasonCode {
        // Held.
        PasswordNeeded = "password_needed", "パスワードで保護されているため、パスワードの入力を待っています。", "It is protected by a password; type the password to go on.";
        LegacyOffice = "legacy_office", "旧形式（doc・xls・ppt）の文書です。docx などで保存し直すか、閲覧用の写しを選んでください。", "It is an Office 97–2003 document; save it as docx, xlsx or pptx, or choose a reading copy.";
        XlsbNotSupported = "xlsb_not_supported", "バイナリ形式のブック（xlsb）です。xlsx で保存し直してください。", "It is a binary workbook (xlsb); save it as xlsx.";
        OdfKind = "odf_kind", "OpenDocument のうち、文書・表計算・プレゼンテーション・図形描画のほかの種類です。PDF で保存し直してください。", "It is an OpenDocument file of a kind other than text, spreadsheet, presentation and drawing; save it as PDF.";
        RarNotSupported = "rar_not_supported", "RAR 形式の書庫です。zip で作り直してください。", "It is a RAR archive; make it a zip.";
        HeicNotSupported = "heic_not_supported", "HEIC 形式の画像です。JPEG で保存し直してください。", "It is a HEIC image; save it as JPEG.";
        MetafileNotSupported = "metafile_not_supported", "メタファイル（EMF・WMF）です。PNG で保存し直してください。", "It is a metafile (EMF, WMF); save it as PNG.";
        OutlookNotSupported = "outlook_not_supported", "Outlook 形式（msg・winmail.dat）です。通常のメール形式で送り直してもらってください。", "It is in an Outlook format (msg, winmail.dat); ask for an ordinary mail.";
        Ichitaro = "ichitaro", "一太郎の文書です。PDF か docx で保存し直してください。", "It is an Ichitaro document; save it as PDF or docx.";
        Docuworks = "docuworks", "DocuWorks の文書です。PDF で保存し直してください。", "It is a DocuWorks document; save it as PDF.";
        Cad = "cad", "CAD の図面です。取扱いを情報システム管理者に確認してください。", "It is a CAD drawing; ask the system administrator.";
        WebArchive = "web_archive", "Web ページを保存した形式（mht）です。PDF で保存し直してください。", "It is a saved web page (mht); save it as PDF.";
        EncryptedMail = "encrypted_mail", "暗号化されたメール（S/MIME・PGP）です。内容を確認できないため、通常の形式で送り直してもらってください。", "It is an encrypted mail (S/MIME, PGP) that cannot be checked; ask for an ordinary one.";
        NotYetSupported = "not_yet_supported", "この形式の無害化にはまだ対応していません。", "This type cannot be sanitised yet.";
        PolicyHolds = "policy_holds", "この形式は担当者の確認が必要と定められています。", "The policy holds this type for a person to decide.";
        // Refused.
        PolicyRefuses = "policy_refuses", "この形式は通過させないと定められています。", "The policy refuses this type.";
        BlockedType = "blocked_type", "プログラムやショートカットなど、通過させない種類のファイルです。", "It is of a kind that never passes, such as a program or a shortcut.";
        UnknownType = "unknown_type", "ファイルの種類が分かりません。", "Its type is not known.";
        EmptyFile = "empty_file", "中身のないファイルです。", "It is empty.";
        BlockedName = "blocked_name", "ファイル名に許可されない文字があります。", "Its name holds characters that are not allowed.";
        Damaged = "damaged", "ファイルが壊れています。送信元で開けるか確認してください。", "It is damaged; ask the sender whether it opens there.";
        BrokenContainer = "broken_container", "書庫の構造が正しくありません（修復はしません）。", "The structure of its container is not right; it is not repaired.";
        Polyglot = "polyglot", "複数の種類のファイルとして読めるため通過させません。", "It can be read as files of several types.";
        BrokenMail = "broken_mail", "メールの構造が正しくありません（修復はしません）。", "The structure of the mail is not right; it is not repaired.";
        PartialMail = "partial_mail", "分割されたメールの一部です。分割せずに送り直してもらってください。", "It is a piece of a divided mail; ask for it in one piece.";
        UnsafePath = "unsafe_path", "書庫の中のパスが安全ではありません。", "A path in the archive is not safe.";
        DuplicateEntry = "duplicate_entry", "書庫の中で項目が重複しています。", "Entries of the archive are duplicated or overlap.";
        DtdNotAllowed = "dtd_not_allowed", "XML に文書型宣言（DTD）があります。", "Its XML has a document type declaration.";
        BadXml = "bad_xml", "XML の構造が正しくありません。", "Its XML is not well formed.";
        UnsupportedFeature = "unsupported_feature", "対応していない機能を使ったファイルです。", "It uses a feature that is not supported.";
        FontMissing = "font_missing", "文書に含まれないフォントの文字を描けません。フォントを埋め込んで保存し直してもらってください。", "Its text cannot be drawn, since a font is not in the file; ask for it with its fonts embedded.";
        NothingLeft = "nothing_left", "安全に残せる内容がありません。", "Nothing is left that could be passed on.";
        LimitInput = "limit_input", "ファイルが大きすぎます。", "It is too large.";
        LimitBytes = "limit_bytes", "展開後の大きさが上限を超えました。", "It expands beyond the limit.";
        LimitRatio = "limit_ratio", "圧縮率が異常です（高圧縮爆弾の疑い）。", "Its compression ratio is that of a bomb.";
        LimitSteps = "limit_steps", "処理量が上限を超えました。", "It needs more work than the limit.";
        LimitDepth = "limit_depth", "入れ子が深すぎます。", "Containers are nested too deeply.";
        LimitMembers = "limit_members", "内包するファイルが多すぎます。", "It holds too many files.";
        LimitPixels = "limit_pixels", "画像の画素数が上限を超えました。", "An image has more pixels than the limit.";
        LimitNesting = "limit_nesting", "文書の構造の入れ子が深すぎます。", "Its structure is nested too deeply.";
        LimitAttributes = "limit_attributes", "一つの要素の属性が多すぎます。", "One of its elements has too many attributes.";
        VerifierRejected = "verifier_rejected", "作り直したファイルが検証に合格しませんでした。", "The rebuilt file was not accepted by the verifier.";
        // From the broker, about the worker.
        WorkerCrashed = "worker_crashed", "処理中に異常終了しました。", "The worker ended abnormally.";
        WorkerTimeout = "worker_timeout", "処理時間が上限を超えました。", "The worker took too long.";
        WorkerMemory = "worker_memory", "処理に必要なメモリーが上限を超えました。", "The worker needed more memory than allowed.";
        WorkerForbidden = "worker_forbidden", "処理中に許可されない操作がありました。", "The worker tried something that it may not do.";
        WorkerUnavailable = "worker_unavailable", "無害化処理を開始できませんでした。", "The worker could not be started.";
    }
}

impl ReasonCode {
    /// Limits of the budget that all parts of a call share: when one is used up, the whole call ends.
    pub(crate) fn ends_the_call(self) -> bool {
        matches!(self, Self::LimitSteps | Self::LimitBytes | Self::LimitMembers)
    }
}
