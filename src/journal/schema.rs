//! The database: its tables, its version, and how a connection to it is set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::ffi::SQLITE_IOERR_SHORT_READ;
use rusqlite::{Connection, ErrorCode, OpenFlags};

pub(super) const NAME: &str = "journal.sqlite";
/// Marks the file as a journal of ours (`tswj`).
pub(super) const APPLICATION_ID: i32 = 0x7473_776a;

/// Each brings the schema from the version of its place to the next; the first makes it from nothing.
pub(super) const STEPS: &[&str] = &["
    -- A run: one start of the daemon, or one configuration within it.
    CREATE TABLE runs (
        id       INTEGER PRIMARY KEY,
        started  INTEGER NOT NULL, -- wall clock, microseconds since 1970, as everywhere here
        boot     TEXT NOT NULL,
        version  TEXT NOT NULL,
        config   TEXT NOT NULL,    -- hash of the configuration
        topology TEXT NOT NULL,    -- the names behind the numbers in the entries
        digest   BLOB NOT NULL,
        ended    INTEGER           -- null while it runs, or if it did not end in order
    );
    -- What was learned and decided, in order. `hash` covers all columns and the hash before.
    CREATE TABLE entries (
        seq      INTEGER PRIMARY KEY,
        run      INTEGER NOT NULL,
        boottime INTEGER NOT NULL,
        wall     INTEGER NOT NULL,
        core     INTEGER NOT NULL,
        solution TEXT,
        incident TEXT,
        kind     TEXT NOT NULL,
        payload  TEXT NOT NULL,
        hash     BLOB NOT NULL
    );
    CREATE INDEX entries_by_incident ON entries (incident, seq) WHERE incident IS NOT NULL;
    CREATE INDEX entries_by_kind ON entries (kind, seq);
    CREATE INDEX entries_by_wall ON entries (wall);
    -- The chain begins behind this entry; earlier ones were pruned.
    CREATE TABLE anchor (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL);
    -- The fold of all entries up to `seq`, whose hash is `chain`.
    CREATE TABLE snapshots (
        seq      INTEGER PRIMARY KEY,
        run      INTEGER NOT NULL,
        boottime INTEGER NOT NULL,
        wall     INTEGER NOT NULL,
        core     INTEGER NOT NULL,
        chain    BLOB NOT NULL,
        state    TEXT NOT NULL,
        digest   BLOB NOT NULL
    );
    -- Where the sources were read to.
    CREATE TABLE positions (key TEXT PRIMARY KEY, value BLOB NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID;
    -- What was found broken. Nothing acts until each is settled by somebody.
    CREATE TABLE damage (
        id      INTEGER PRIMARY KEY,
        found   INTEGER NOT NULL,
        what    TEXT NOT NULL,
        seq     INTEGER NOT NULL, -- the newest entry then
        aside   TEXT,             -- where the broken files are kept
        settled INTEGER,
        by      TEXT,
        why     TEXT
    );
    -- For people with sqlite3 at hand.
    CREATE VIEW told AS SELECT seq,
        strftime('%Y-%m-%dT%H:%M:%fZ', wall / 1000000.0, 'unixepoch') AS wall,
        solution, kind, incident, payload FROM entries;
"];

pub(super) const VERSION: i32 = STEPS.len() as i32;

/// Opens the file for writing, and creates it if it is not there. Makes no table.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    // Pages are checked more closely, and nothing in the file can make the library run odd SQL.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Closing must not sync: after a failed sync that would be a second try, which may succeed and lie.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // An automatic checkpoint hides its errors, and would run just when a step waits.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// Opens the file for reading only, beside a writer or without one.
pub(super) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// What stands in the file's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Ours { version: i32 },
    Foreign,
}

pub(super) fn look(connection: &Connection) -> rusqlite::Result<Found> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(
        match (number("application_id")?, number("user_version")?, tables) {
            (0, 0, 0) => Found::Nothing,
            (APPLICATION_ID, version, 1..) if version > 0 => Found::Ours { version },
            _ => Found::Foreign,
        },
    )
}

/// Brings the schema from `version` to the newest, all or nothing.
pub(super) fn migrate(
    connection: &mut Connection,
    version: i32,
    steps: &[&str],
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for step in steps.iter().skip(version.max(0) as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", steps.len() as i32)?;
    transaction.commit()
}

/// The error tells of a broken file, not of a disk that will not answer.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::*;
    match error {
        // A file that ends too early is not the disk's fault.
        SqliteFailure(failure, _) if failure.extended_code == SQLITE_IOERR_SHORT_READ => true,
        SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TypeMismatch
        ),
        // A schema that is not as we made it: a missing table or column.
        SqlInputError { .. } | InvalidColumnType(..) | InvalidColumnName(_) | Utf8Error(..) => true,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | QueryReturnedNoRows => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_schema_is_brought_up_step_by_step() {
        let mut connection = Connection::open_in_memory().unwrap();
        let steps = [
            "CREATE TABLE one (a)",
            "ALTER TABLE one ADD COLUMN b; INSERT INTO one VALUES (1, 2)",
        ];
        migrate(&mut connection, 0, &steps[..1]).unwrap();
        assert_eq!(look(&connection).unwrap(), Found::Ours { version: 1 });
        migrate(&mut connection, 1, &steps).unwrap();
        assert_eq!(look(&connection).unwrap(), Found::Ours { version: 2 });
        let b: i64 = connection
            .query_row("SELECT b FROM one", [], |row| row.get(0))
            .unwrap();
        assert_eq!(b, 2);
    }

    #[test]
    fn a_step_that_fails_leaves_the_old_schema() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, 0, &["CREATE TABLE one (a)"]).unwrap();
        let steps = ["", "CREATE TABLE two (a); CREATE TABLE two (a)"];
        migrate(&mut connection, 1, &steps).unwrap_err();
        assert_eq!(look(&connection).unwrap(), Found::Ours { version: 1 });
    }
}
