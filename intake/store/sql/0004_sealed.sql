-- Everything said by or about a person is sealed, every event is chained.
--
-- Plain columns say only order, kind, random subject, municipality, form, version, time, class and which login. What was
-- answered, who wrote it, why and about whom lies in `sealed` columns (AES-GCM), under a key per person and class
-- (`person_key`), wrapped by a key per class, wrapped for each login (`class_key`). The rows of the tables renamed here
-- are moved by intake.store.upgrade in the same transaction, which then drops them.

DROP INDEX event_form;

DROP TRIGGER subject_no_update;
DROP TRIGGER subject_no_delete;
DROP TRIGGER subject_no_replace;
DROP TRIGGER event_no_update;
DROP TRIGGER event_no_delete;
DROP TRIGGER event_no_replace;
DROP TRIGGER part_no_update;
DROP TRIGGER part_no_delete;
DROP TRIGGER part_no_replace;
DROP TRIGGER attachment_no_update;
DROP TRIGGER attachment_no_delete;
DROP TRIGGER attachment_no_replace;
DROP TRIGGER draft_attachment_no_update;
DROP TRIGGER draft_attachment_no_replace;

ALTER TABLE subject RENAME TO old_subject;
ALTER TABLE event RENAME TO old_event;
ALTER TABLE part RENAME TO old_part;
ALTER TABLE attachment RENAME TO old_attachment;
ALTER TABLE draft RENAME TO old_draft;
ALTER TABLE operation RENAME TO old_operation;
ALTER TABLE draft_attachment RENAME TO old_draft_attachment;

-- 'store': its random id; 'rotations': how often class keys were exchanged; 'permit': there only while the store itself
-- takes keys away.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE login (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    role    TEXT NOT NULL,
    public  BLOB NOT NULL UNIQUE,
    added   TEXT NOT NULL,
    removed TEXT
) STRICT;

CREATE TABLE class_key (
    name       TEXT NOT NULL,
    generation INTEGER NOT NULL CHECK (generation >= 1),
    login      TEXT NOT NULL REFERENCES login (id),
    wrapped    BLOB NOT NULL,
    PRIMARY KEY (name, generation, login)
) STRICT, WITHOUT ROWID;

-- A person inside this study, or one submission about nobody: random, says nothing, stays for good.
CREATE TABLE subject (
    key   TEXT PRIMARY KEY,
    added TEXT NOT NULL
) STRICT;

-- Who a subject is: found by a keyed code of the person's id, which is sealed. Gone when the person is erased.
CREATE TABLE person (
    subject TEXT PRIMARY KEY REFERENCES subject (key),
    tag     BLOB NOT NULL UNIQUE,
    sealed  BLOB NOT NULL
) STRICT;

-- `since` is the number of the event with which the key was made: what was sealed before needs a key that is gone.
CREATE TABLE person_key (
    subject    TEXT NOT NULL REFERENCES subject (key),
    name       TEXT NOT NULL CHECK (name IN ('identity', 'special', 'staff', 'general')),
    generation INTEGER NOT NULL CHECK (generation >= 1),
    since      INTEGER NOT NULL,
    wrapped    BLOB NOT NULL,
    PRIMARY KEY (subject, name)
) STRICT, WITHOUT ROWID;

-- Everything that ever happened, in its order. `received` is UTC with microseconds, so that it sorts as text; `place`
-- counts within the municipality's chain; what an event has nothing of is ''.
CREATE TABLE event (
    number       INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    submission   TEXT NOT NULL DEFAULT '',
    version      INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    form         TEXT NOT NULL DEFAULT '',
    municipality TEXT NOT NULL,
    subject      TEXT NOT NULL REFERENCES subject (key),
    about        TEXT NOT NULL DEFAULT '',
    actor        TEXT NOT NULL,
    received     TEXT NOT NULL,
    place        INTEGER NOT NULL CHECK (place >= 1),
    digest       BLOB NOT NULL,
    previous     BLOB NOT NULL,
    hash         BLOB NOT NULL,
    UNIQUE (municipality, place)
) STRICT;

CREATE UNIQUE INDEX event_version ON event (submission, version) WHERE kind = 'submission';
CREATE INDEX event_form ON event (form, submission, version, received) WHERE kind = 'submission';
CREATE INDEX event_subject ON event (subject);
CREATE INDEX event_other ON event (kind, subject) WHERE kind <> 'submission';

-- `written_by` is the event that wrote the part: its own, or a later 'reseal'. The greatest of an event counts.
CREATE TABLE part (
    event      INTEGER NOT NULL REFERENCES event (number),
    class      TEXT NOT NULL CHECK (class IN ('identity', 'special', 'staff', 'general')),
    written_by INTEGER NOT NULL REFERENCES event (number),
    sealed     BLOB NOT NULL,
    PRIMARY KEY (event, class, written_by)
) STRICT;

CREATE INDEX part_written ON part (written_by);

-- `head` is sealed JSON: name, sha256, size. `place` counts within the event; `written_by` as above, for each place.
CREATE TABLE attachment (
    event      INTEGER NOT NULL REFERENCES event (number),
    place      INTEGER NOT NULL CHECK (place >= 1),
    class      TEXT NOT NULL CHECK (class IN ('identity', 'special', 'staff', 'general')),
    written_by INTEGER NOT NULL REFERENCES event (number),
    head       BLOB NOT NULL,
    sealed     BLOB NOT NULL,
    PRIMARY KEY (event, place, written_by)
) STRICT;

CREATE INDEX attachment_written ON attachment (written_by);

-- Drafts go away when they are submitted, discarded or their person is erased. Each has a key of its own (`wrapped`).
-- `head` is sealed JSON: author, language, xml.
CREATE TABLE draft (
    id           TEXT PRIMARY KEY,
    form         TEXT NOT NULL REFERENCES form (hash),
    municipality TEXT NOT NULL,
    actor        TEXT NOT NULL,
    started      TEXT NOT NULL,
    generation   INTEGER NOT NULL CHECK (generation >= 1),
    wrapped      BLOB NOT NULL,
    head         BLOB NOT NULL
) STRICT;

CREATE TABLE operation (
    draft    TEXT NOT NULL REFERENCES draft (id),
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    op       TEXT NOT NULL,
    sealed   BLOB NOT NULL,
    recorded TEXT NOT NULL,
    PRIMARY KEY (draft, sequence),
    UNIQUE (draft, op)
) STRICT;

CREATE TABLE draft_attachment (
    draft  TEXT NOT NULL REFERENCES draft (id),
    place  INTEGER NOT NULL CHECK (place >= 1),
    head   BLOB NOT NULL,
    sealed BLOB NOT NULL,
    added  TEXT NOT NULL,
    PRIMARY KEY (draft, place)
) STRICT;

-- Append-only. INSERT OR REPLACE deletes without asking the delete triggers, hence the third of each.

CREATE TRIGGER subject_no_update BEFORE UPDATE ON subject BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER subject_no_delete BEFORE DELETE ON subject BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER subject_no_replace BEFORE INSERT ON subject
    WHEN EXISTS (SELECT 1 FROM subject WHERE key = NEW.key)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER event_no_replace BEFORE INSERT ON event
    WHEN EXISTS (SELECT 1 FROM event WHERE number = NEW.number)
      OR EXISTS (SELECT 1 FROM event WHERE municipality = NEW.municipality AND place = NEW.place)
      OR (NEW.kind = 'submission' AND EXISTS (
          SELECT 1 FROM event WHERE kind = 'submission' AND submission = NEW.submission AND version = NEW.version))
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER part_no_update BEFORE UPDATE ON part BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER part_no_delete BEFORE DELETE ON part BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER part_no_replace BEFORE INSERT ON part
    WHEN EXISTS (SELECT 1 FROM part WHERE event = NEW.event AND class = NEW.class AND written_by = NEW.written_by)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER attachment_no_update BEFORE UPDATE ON attachment BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER attachment_no_delete BEFORE DELETE ON attachment BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER attachment_no_replace BEFORE INSERT ON attachment
    WHEN EXISTS (
        SELECT 1 FROM attachment WHERE event = NEW.event AND place = NEW.place AND written_by = NEW.written_by)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER draft_attachment_no_update BEFORE UPDATE ON draft_attachment
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER draft_attachment_no_replace BEFORE INSERT ON draft_attachment
    WHEN EXISTS (SELECT 1 FROM draft_attachment WHERE draft = NEW.draft AND place = NEW.place)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

-- Keys and who somebody is may go, but only where the store itself is erasing, sealing anew or taking a login away.

CREATE TRIGGER person_no_update BEFORE UPDATE ON person BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER person_no_delete BEFORE DELETE ON person
    WHEN NOT EXISTS (SELECT 1 FROM setting WHERE name = 'permit')
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER person_no_replace BEFORE INSERT ON person
    WHEN EXISTS (SELECT 1 FROM person WHERE subject = NEW.subject OR tag = NEW.tag)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER person_key_no_update BEFORE UPDATE ON person_key
    WHEN NOT EXISTS (SELECT 1 FROM setting WHERE name = 'permit')
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER person_key_no_delete BEFORE DELETE ON person_key
    WHEN NOT EXISTS (SELECT 1 FROM setting WHERE name = 'permit')
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER person_key_no_replace BEFORE INSERT ON person_key
    WHEN EXISTS (SELECT 1 FROM person_key WHERE subject = NEW.subject AND name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER class_key_no_update BEFORE UPDATE ON class_key BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER class_key_no_delete BEFORE DELETE ON class_key
    WHEN NOT EXISTS (SELECT 1 FROM setting WHERE name = 'permit')
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER class_key_no_replace BEFORE INSERT ON class_key
    WHEN EXISTS (
        SELECT 1 FROM class_key WHERE name = NEW.name AND generation = NEW.generation AND login = NEW.login)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER login_no_update BEFORE UPDATE ON login
    WHEN NOT EXISTS (SELECT 1 FROM setting WHERE name = 'permit')
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER login_no_delete BEFORE DELETE ON login BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER login_no_replace BEFORE INSERT ON login
    WHEN EXISTS (SELECT 1 FROM login WHERE id = NEW.id OR public = NEW.public)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
