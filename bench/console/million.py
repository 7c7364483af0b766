"""Fills the register of assets of an embedded store behind the server's back, for measurements of reading only."""

import sqlite3


def fill(file, wanted):
    """Copies the assets with their keys, texts and grams, under new ids and numbers, until there are so many."""
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -1000000")
    have = db.execute("SELECT count(*) FROM record WHERE register = 'assets'").fetchone()[0]
    copies = -(-wanted // have) - 1
    db.execute("CREATE TEMP TABLE origin AS SELECT * FROM record WHERE register = 'assets'")
    first = db.execute("SELECT max(seq) FROM record WHERE register = 'assets'").fetchone()[0] + 1
    for copy in range(1, copies + 1):
        db.execute("BEGIN")
        # An id of the same moment and another ending.
        db.execute("CREATE TEMP TABLE fresh AS SELECT id AS old, substr(id, 1, 24) || printf('%012x', ? + rowid) AS new, ? + rowid AS seq FROM origin",
                   [copy * 1_000_000, first + copy * have])
        columns = [row[1] for row in db.execute("PRAGMA table_info(record)")]
        taken = ", ".join({"id": "f.new", "seq": "f.seq", "number": "'資産第' || f.seq || '号'"}.get(c, f"o.{c}") for c in columns)
        db.execute(f"INSERT INTO record ({', '.join(columns)}) SELECT {taken} FROM origin o JOIN fresh f ON f.old = o.id")
        db.execute("INSERT INTO record_version SELECT f.new, 1, v.at, v.actor, v.act, v.reason, v.state, v.unit_id, v.fields, v.salt "
                   "FROM fresh f JOIN record o ON o.id = f.old JOIN record_version v ON v.record_id = o.id AND v.version = o.version")
        db.execute("UPDATE record SET version = 1 WHERE id IN (SELECT new FROM fresh)")
        db.execute("INSERT INTO record_key SELECT k.register, k.field, k.key, f.new FROM fresh f JOIN record_key k ON k.record_id = f.old")
        db.execute("INSERT INTO record_link SELECT f.new, l.field, l.position, l.kind, l.target FROM fresh f JOIN record_link l ON l.record_id = f.old")
        db.execute("INSERT INTO record_text (record_id, text) SELECT f.new, t.text FROM fresh f JOIN record_text t ON t.record_id = f.old")
        db.execute("DROP TABLE fresh")
        db.execute("COMMIT")
    db.close()
