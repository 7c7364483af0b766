-- The tables of a store, for both engines: `engine.rs` replaces TEXT (byte collation on PostgreSQL), INTEGER (64 bits),
-- BYTES, AUTO (a number of its own), and the words after the closing bracket. Ids are UUIDv7 text, times milliseconds UTC, days ISO text, flags 0 or 1.
-- A table listed in `journal/tables.rs` has a `salt`: its rows are hashed with it into the journal.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- Journal ------------------------------------------------------------------------------------------------------------
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  bytes BYTES NOT NULL,
  hash BYTES NOT NULL
) STRICT;
CREATE INDEX journal_by_subject ON journal (subject, seq);
CREATE INDEX journal_by_actor ON journal (actor, seq);
-- One row. Locked last before commit; it alone says what the next entry's number is. Made with the store.
CREATE TABLE journal_head (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BYTES NOT NULL) STRICT;

-- People -------------------------------------------------------------------------------------------------------------
CREATE TABLE unit (
  id TEXT PRIMARY KEY,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  level TEXT NOT NULL,
  parent_id TEXT,
  position INTEGER NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX unit_by_code ON unit (code);
CREATE TABLE unit_successor (unit_id TEXT NOT NULL, successor_id TEXT NOT NULL, salt BYTES NOT NULL, PRIMARY KEY (unit_id, successor_id)) STRICT;
-- Which units stand above which, from a day to a day: the tree, and successors above those they succeed. Computed.
CREATE TABLE unit_closure (
  above TEXT NOT NULL,
  below TEXT NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT,
  PRIMARY KEY (above, below, from_day)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_closure_by_below ON unit_closure (below, above);

CREATE TABLE person (
  id TEXT PRIMARY KEY,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  name_shown TEXT,
  kana TEXT NOT NULL,
  mail TEXT NOT NULL,
  category TEXT NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT,
  salt BYTES NOT NULL
) STRICT;
CREATE UNIQUE INDEX person_by_code ON person (code);
-- A role held in a unit. The role `-` is belonging to the unit (所属, main or 併任), from which implied roles follow.
CREATE TABLE post (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  role TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  main INTEGER NOT NULL,
  acting INTEGER NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX post_by_person ON post (person_id);
CREATE INDEX post_by_unit ON post (unit_id, role);
CREATE INDEX post_by_role ON post (role);
-- Who acts for the holders of a role in a unit, in order. Without rows the role's substitutes in the pack act.
CREATE TABLE substitute (
  unit_id TEXT NOT NULL,
  role TEXT NOT NULL,
  rank INTEGER NOT NULL,
  person_id TEXT NOT NULL,
  salt BYTES NOT NULL,
  PRIMARY KEY (unit_id, role, rank)
) STRICT;
CREATE TABLE absence (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER,
  set_by TEXT NOT NULL,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX absence_by_person ON absence (person_id, from_at);

-- Accounts -----------------------------------------------------------------------------------------------------------
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  login TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  salt BYTES NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_by_login ON account (login);
CREATE INDEX account_by_person ON account (person_id);
-- What a person signs in with: `password`, `totp`, `list` (one printed one-time word), `webauthn`, `trusted` (directory).
CREATE TABLE credential (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  secret BYTES NOT NULL,
  created_at INTEGER NOT NULL,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX credential_by_account ON credential (account_id, kind);
-- What changes at every sign-in, outside the journal: counters against replay and against guessing.
CREATE TABLE credential_use (credential_id TEXT PRIMARY KEY, counter INTEGER NOT NULL, used_at INTEGER NOT NULL) STRICT;
CREATE TABLE sign_in (login TEXT PRIMARY KEY, failures INTEGER NOT NULL, locked_until INTEGER) STRICT;
CREATE TABLE session (
  id BYTES PRIMARY KEY,
  account_id TEXT,
  data TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_by_account ON session (account_id);
CREATE INDEX session_by_expiry ON session (expires_at);
CREATE TABLE token (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  hash BYTES NOT NULL,
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  salt BYTES NOT NULL
) STRICT;
CREATE UNIQUE INDEX token_by_hash ON token (hash);

-- Records ------------------------------------------------------------------------------------------------------------
CREATE TABLE record (
  id TEXT PRIMARY KEY,
  register TEXT NOT NULL,
  number TEXT NOT NULL,
  year INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  name TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  state TEXT NOT NULL,
  applicant TEXT,
  entered_for TEXT,
  version INTEGER NOT NULL,
  pack TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  entered_day TEXT NOT NULL,
  final_day TEXT,
  disposed_at INTEGER,
  salt BYTES NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_by_number ON record (register, number);
-- With what rules of sight ask of a record, so that a page far down is found without reading the records before it.
CREATE INDEX record_by_seq ON record (register, year, seq, id, unit_id, state, applicant, entered_for);
CREATE INDEX record_by_register ON record (register, id);
CREATE INDEX record_by_unit ON record (register, unit_id, id);
CREATE INDEX record_by_state ON record (register, state, id);
CREATE INDEX record_by_applicant ON record (applicant, register);
CREATE INDEX record_by_entered_for ON record (entered_for, register) WHERE entered_for IS NOT NULL;
-- Every version's values, also the present one's. Destroyed at the end of retention: fields NULL, salt empty.
CREATE TABLE record_version (
  record_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  reason TEXT,
  state TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  fields TEXT,
  salt BYTES NOT NULL,
  PRIMARY KEY (record_id, version)
) STRICT;
-- 代理入力: the paper that a record was entered from for another person (`record.entered_for`). Written once.
CREATE TABLE paper (record_id TEXT PRIMARY KEY, dated TEXT NOT NULL, scan TEXT NOT NULL, salt BYTES NOT NULL) STRICT;
CREATE INDEX paper_by_scan ON paper (scan);
CREATE TABLE record_key (
  register TEXT NOT NULL,
  field TEXT NOT NULL,
  key TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (register, field, key, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_key_by_record ON record_key (record_id);
CREATE TABLE record_unique (
  register TEXT NOT NULL,
  rule TEXT NOT NULL,
  key TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (register, rule, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_unique_by_record ON record_unique (record_id);
CREATE TABLE record_link (
  record_id TEXT NOT NULL,
  field TEXT NOT NULL,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (record_id, field, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_link_by_target ON record_link (target, field, record_id);
-- What search reads: number, names and texts, folded.
CREATE TABLE record_text (id AUTO, record_id TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX record_text_by_record ON record_text (record_id);
CREATE TABLE number_counter (register TEXT NOT NULL, year INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (register, year)) STRICT;

-- Decisions ----------------------------------------------------------------------------------------------------------
-- The course of a decision: `steps` is JSON, each seat with who was asked and what was said.
CREATE TABLE route (
  id TEXT PRIMARY KEY,
  record_id TEXT NOT NULL,
  transition TEXT NOT NULL,
  state TEXT NOT NULL,
  steps TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX route_by_record ON route (record_id, state);
-- Work on a record: for a person, or for whoever holds a role in a unit or above it (`unit`) or anywhere (`all`). Several
-- open tasks of one seat are alternatives.
CREATE TABLE task (
  id TEXT PRIMARY KEY,
  record_id TEXT NOT NULL,
  route_id TEXT,
  kind TEXT NOT NULL,
  step INTEGER NOT NULL,
  seat INTEGER NOT NULL,
  state TEXT NOT NULL,
  person_id TEXT,
  role TEXT,
  scope TEXT,
  unit_id TEXT,
  opened_at INTEGER NOT NULL,
  done_at INTEGER,
  done_by TEXT,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX task_by_route ON task (route_id, state);
CREATE INDEX task_by_record ON task (record_id, state);
CREATE INDEX task_by_person ON task (person_id, state);
CREATE INDEX task_by_role ON task (role, state);

-- Files --------------------------------------------------------------------------------------------------------------
CREATE TABLE file (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 BYTES NOT NULL,
  owner TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  destroyed_at INTEGER,
  salt BYTES NOT NULL
) STRICT;
CREATE TABLE file_part (file_id TEXT NOT NULL, part INTEGER NOT NULL, bytes BYTES NOT NULL, PRIMARY KEY (file_id, part)) STRICT;

-- Policy in force ----------------------------------------------------------------------------------------------------
CREATE TABLE pack_version (
  id TEXT PRIMARY KEY,
  pack TEXT NOT NULL,
  version TEXT NOT NULL,
  hash BYTES NOT NULL,
  source BYTES NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  effective_day TEXT NOT NULL,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX pack_version_by_day ON pack_version (state, effective_day);

-- Facts of data sources: the rows of the last import ----------------------------------------------------------------
CREATE TABLE fact_import (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 BYTES NOT NULL,
  as_of TEXT NOT NULL,
  count INTEGER NOT NULL,
  current INTEGER NOT NULL,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX fact_import_by_source ON fact_import (source, at);
CREATE TABLE fact (
  import_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  fields TEXT NOT NULL,
  PRIMARY KEY (import_id, position)
) STRICT;

-- Retention ----------------------------------------------------------------------------------------------------------
CREATE TABLE hold (
  id TEXT PRIMARY KEY,
  record_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  note TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  by_actor TEXT NOT NULL,
  released_at INTEGER,
  released_by TEXT,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX hold_by_record ON hold (record_id);
CREATE TABLE disposal (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  salt BYTES NOT NULL
) STRICT;
CREATE TABLE disposal_item (disposal_id TEXT NOT NULL, record_id TEXT NOT NULL, PRIMARY KEY (disposal_id, record_id)) STRICT;
CREATE INDEX disposal_item_by_record ON disposal_item (record_id);

-- Assurance ----------------------------------------------------------------------------------------------------------
-- 実施報告: a duty reported as done for a subject (`city`, `unit:ID`, `record:REGISTER:ID` …) on a day.
CREATE TABLE attestation (
  id TEXT PRIMARY KEY,
  control TEXT NOT NULL,
  subject TEXT NOT NULL,
  on_day TEXT NOT NULL,
  by_person TEXT NOT NULL,
  at INTEGER NOT NULL,
  note TEXT NOT NULL,
  file_id TEXT,
  salt BYTES NOT NULL
) STRICT;
CREATE INDEX attestation_by_control ON attestation (control, subject, on_day);
-- 着手前: the committee's planned start of a control.
CREATE TABLE planned_start (
  control TEXT PRIMARY KEY,
  start_day TEXT NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL,
  salt BYTES NOT NULL
) STRICT;
-- Computed from here on. Findings (要改善事項): intervals in which a control failed for a subject, or was covered.
CREATE TABLE finding (
  id TEXT PRIMARY KEY,
  control TEXT NOT NULL,
  subject TEXT NOT NULL,
  label TEXT NOT NULL,
  unit_id TEXT,
  severity INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason_ja TEXT NOT NULL,
  reason_en TEXT NOT NULL,
  since TEXT NOT NULL,
  due TEXT NOT NULL,
  until TEXT
) STRICT;
CREATE INDEX finding_by_control ON finding (control, subject, until);
CREATE INDEX finding_open ON finding (until, unit_id);
-- What is neither kept nor out of scope now, with its reason.
CREATE TABLE verdict (
  control TEXT NOT NULL,
  subject TEXT NOT NULL,
  label TEXT NOT NULL,
  unit_id TEXT,
  state TEXT NOT NULL,
  reason_ja TEXT NOT NULL,
  reason_en TEXT NOT NULL,
  PRIMARY KEY (control, subject)
) STRICT;
CREATE INDEX verdict_by_unit ON verdict (unit_id, state);
-- Counts of a day for a control and a unit (empty: none answers for it).
CREATE TABLE control_day (
  day TEXT NOT NULL,
  control TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  holds INTEGER NOT NULL,
  broken INTEGER NOT NULL,
  covered INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  not_started INTEGER NOT NULL,
  out_of_scope INTEGER NOT NULL,
  PRIMARY KEY (day, control, unit_id)
) STRICT, WITHOUT ROWID;
-- What a person is told of a record on a day (reminders), and whether it was read and mailed; the deadlines say it anew.
CREATE TABLE notice (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  day TEXT NOT NULL,
  register TEXT NOT NULL,
  record_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  due TEXT,
  read_at INTEGER,
  mailed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX notice_once ON notice (person_id, record_id, reason, day);
CREATE INDEX notice_unmailed ON notice (mailed_at, person_id);
CREATE TABLE notice_round (id INTEGER PRIMARY KEY, day TEXT NOT NULL) STRICT;
CREATE TABLE assurance_run (id INTEGER PRIMARY KEY, day TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;
