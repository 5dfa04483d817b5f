-- Two tables of few short columns need no number beside their key, nor the page that holds it. `subject` is referred to:
-- intake.store.migrations lets go of references while this step runs, and each row stays what it was.

DROP TRIGGER subject_no_update;
DROP TRIGGER subject_no_delete;
DROP TRIGGER subject_no_replace;
DROP TRIGGER person_no_update;
DROP TRIGGER person_no_delete;
DROP TRIGGER person_no_replace;

CREATE TABLE new_subject (
    key   TEXT PRIMARY KEY,
    added TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE new_person (
    subject TEXT PRIMARY KEY REFERENCES subject (key),
    tag     BLOB NOT NULL UNIQUE,
    sealed  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO new_subject (key, added) SELECT key, added FROM subject;
INSERT INTO new_person (subject, tag, sealed) SELECT subject, tag, sealed FROM person;
DROP TABLE person;
DROP TABLE subject;
ALTER TABLE new_subject RENAME TO subject;
ALTER TABLE new_person RENAME TO person;

CREATE TRIGGER subject_no_update BEFORE UPDATE ON subject BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER subject_no_delete BEFORE DELETE ON subject BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER subject_no_replace BEFORE INSERT ON subject
    WHEN EXISTS (SELECT 1 FROM subject WHERE key = NEW.key)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER person_no_update BEFORE UPDATE ON person BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER person_no_delete BEFORE DELETE ON person
    WHEN NOT EXISTS (SELECT 1 FROM setting WHERE name = 'permit')
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER person_no_replace BEFORE INSERT ON person
    WHEN EXISTS (SELECT 1 FROM person WHERE subject = NEW.subject OR tag = NEW.tag)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
