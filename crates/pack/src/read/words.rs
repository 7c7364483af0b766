//! Closed vocabularies and default labels of the grammar.

/// Ids of the menu groups that a register may stand in (③ to ⑯ of the console).
pub(super) const MENU: &[&str] = &[
    "requests",
    "transfers",
    "incidents",
    "documents",
    "training",
    "assets",
    "systems",
    "outsourcing",
    "compliance",
    "plan",
    "audits",
    "separation",
    "continuity",
    "organisation",
];

/// States that need no label of their own: id, Japanese, English.
pub(super) const STATES: &[(&str, &str, &str)] = &[
    ("draft", "下書き", "Draft"),
    ("asked", "申請中", "Asked"),
    ("live", "使用中", "In use"),
    ("granted", "許可済み", "Granted"),
    ("out", "持出し中", "Out"),
    ("returned", "返却済み", "Returned"),
    ("refused", "不承認", "Refused"),
    ("withdrawn", "取下げ", "Withdrawn"),
    ("expired", "期限切れ", "Expired"),
    ("disposed", "廃棄済み", "Disposed"),
    ("lost", "紛失", "Lost"),
    ("closed", "終了", "Closed"),
];

/// Transitions that need no label of their own.
pub(super) const TRANSITIONS: &[(&str, &str, &str)] = &[
    ("submit", "申請する", "Ask"),
    ("approve", "承認する", "Approve"),
    ("refuse", "不承認とする", "Refuse"),
    ("send_back", "差し戻す", "Send back"),
    ("withdraw", "引き戻す", "Withdraw"),
    ("register", "登録する", "Register"),
    ("dispose", "廃棄する", "Dispose"),
    ("close", "終了する", "Close"),
    ("return", "返却する", "Return"),
];

/// Fields that every record has; a register may not declare them.
pub(super) const TAKEN_FIELDS: &[&str] = &["id", "unit", "applicant", "state", "number", "created_on", "entered_on"];

/// What a zone may be said to handle.
pub(super) const HANDLES: &[&str] = &["my_number", "family_register", "lgwan", "internet"];

/// Constructs that a sanitising rule may name.
pub(super) const CONSTRUCTS: &[&str] =
    &["macros", "links", "comments", "hidden", "charts", "embedded", "properties", "charset", "mail_html", "password"];

/// What a sanitising rule may do.
pub(super) const SANITISING_ACTIONS: &[&str] =
    &["keep", "drop", "text", "show", "placeholder", "sanitise", "hold", "refuse"];
