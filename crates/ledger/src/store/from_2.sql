-- Layout 3 keeps the paper of a 代理入力. A backup of layout 2 that was restored into tables of layout 3 has it already.
CREATE TABLE IF NOT EXISTS paper (record_id TEXT PRIMARY KEY, dated TEXT NOT NULL, scan TEXT NOT NULL, salt BYTES NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS paper_by_scan ON paper (scan);
CREATE INDEX IF NOT EXISTS record_by_entered_for ON record (entered_for, register) WHERE entered_for IS NOT NULL;
