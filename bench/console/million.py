"""Fills the register of assets of an embedded store behind the server's back, for measurements of reading only."""

import sqlite3


def fill(file, wanted):
    """Copies the assets with their versions, keys, links and texts under new ids and numbers, again and again, until there are so
    many. The search index is left out: it keeps no text that could be copied."""
    db = sqlite3.connect(file, isolation_level=None)
    for pragma in ["wal_checkpoint(TRUNCATE)", "journal_mode = OFF", "synchronous = OFF", "cache_size = -4000000"]:
        db.execute(f"PRAGMA {pragma}").fetchall()
    columns = [row[1] for row in db.execute("PRAGMA table_info(record)")]
    new = {"id": "f.new", "seq": "f.seq", "number": "'資産第' || f.seq || '号'", "version": "1"}
    taken = ", ".join(new.get(column, f"o.{column}") for column in columns)
    while True:
        have, last = db.execute("SELECT count(*), max(seq) FROM record WHERE register = 'assets'").fetchone()
        if have >= wanted:
            break
        # An id of the same moment and another ending.
        db.execute(
            "CREATE TEMP TABLE fresh AS SELECT id AS old, substr(id, 1, 24) || printf('%012x', ? + row_number() OVER ()) AS new, "
            "? + row_number() OVER () AS seq FROM record WHERE register = 'assets' LIMIT ?",
            [last, last, wanted - have],
        )
        db.execute("CREATE INDEX temp.fresh_old ON fresh (old)")
        for statement in [
            f"INSERT INTO record ({', '.join(columns)}) SELECT {taken} FROM fresh f JOIN record o ON o.id = f.old",
            "INSERT INTO record_version SELECT f.new, 1, v.at, v.actor, v.act, v.reason, v.state, v.unit_id, v.fields, v.salt "
            "FROM fresh f JOIN record o ON o.id = f.old JOIN record_version v ON v.record_id = o.id AND v.version = o.version",
            "INSERT INTO record_key SELECT k.register, k.field, k.key, f.new FROM record_key k JOIN fresh f ON k.record_id = f.old "
            "WHERE k.register = 'assets' ORDER BY k.field, k.key, f.new",
            "INSERT INTO record_link SELECT f.new, l.field, l.position, l.kind, l.target FROM fresh f "
            "JOIN record_link l ON l.record_id = f.old",
            "INSERT INTO record_text (record_id, text) SELECT f.new, t.text FROM fresh f JOIN record_text t ON t.record_id = f.old",
        ]:
            db.execute(statement)
        db.execute("DROP TABLE fresh")
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.close()


if __name__ == "__main__":
    import sys

    fill(sys.argv[1], int(sys.argv[2]))
