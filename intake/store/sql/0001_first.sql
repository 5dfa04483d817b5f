-- What the first released store looks like.
--
-- Plain columns say only order, random subject, municipality, form, version, time and class; what was answered lies in
-- `part.content`, who wrote it and why in `event.envelope`, who it is about in `subject.person`. All of it is
-- protected by the encryption of the file; these three are the columns that will be sealed one by one.

CREATE TABLE form (
    number        INTEGER PRIMARY KEY,
    hash          TEXT NOT NULL UNIQUE,
    form_id       TEXT NOT NULL,
    version       TEXT NOT NULL,
    published     TEXT NOT NULL,
    xform         TEXT NOT NULL,
    workbook      BLOB NOT NULL,
    workbook_name TEXT NOT NULL,
    UNIQUE (form_id, version)
) STRICT;

CREATE TABLE form_list (
    form    TEXT NOT NULL REFERENCES form (hash),
    name    TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (form, name)
) STRICT;

-- A person inside this study: `key` is random and says nothing.
CREATE TABLE subject (
    key    TEXT PRIMARY KEY,
    person TEXT NOT NULL UNIQUE
) STRICT;

-- Everything that ever happened, in its order. `received` is UTC with microseconds, so that it sorts as text.
CREATE TABLE event (
    number       INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    submission   TEXT NOT NULL,
    version      INTEGER NOT NULL CHECK (version >= 1),
    form         TEXT NOT NULL REFERENCES form (hash),
    municipality TEXT NOT NULL,
    subject      TEXT REFERENCES subject (key),
    received     TEXT NOT NULL,
    envelope     BLOB NOT NULL,
    UNIQUE (submission, version)
) STRICT;

-- What was answered, by class of sensitivity. 'whole' is a record that is not divided by class.
CREATE TABLE part (
    event   INTEGER NOT NULL REFERENCES event (number),
    class   TEXT NOT NULL CHECK (class IN ('whole', 'identity', 'special', 'staff', 'general')),
    content BLOB NOT NULL,
    PRIMARY KEY (event, class)
) STRICT;

CREATE INDEX event_form ON event (form, submission, version, received);

-- Drafts are the only thing that goes away: their rows are deleted when they are submitted or discarded.
CREATE TABLE draft (
    id           TEXT PRIMARY KEY,
    form         TEXT NOT NULL REFERENCES form (hash),
    municipality TEXT NOT NULL,
    author       TEXT NOT NULL,
    language     TEXT NOT NULL,
    xml          TEXT,
    started      TEXT NOT NULL
) STRICT;

CREATE TABLE operation (
    draft    TEXT NOT NULL REFERENCES draft (id),
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    op       TEXT NOT NULL,
    payload  BLOB NOT NULL,
    recorded TEXT NOT NULL,
    PRIMARY KEY (draft, sequence),
    UNIQUE (draft, op)
) STRICT;

-- Append-only. INSERT OR REPLACE deletes without asking the delete triggers, hence the third of each.

CREATE TRIGGER form_no_update BEFORE UPDATE ON form BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER form_no_delete BEFORE DELETE ON form BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER form_no_replace BEFORE INSERT ON form
    WHEN EXISTS (SELECT 1 FROM form WHERE number = NEW.number OR hash = NEW.hash
                 OR (form_id = NEW.form_id AND version = NEW.version))
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER form_list_no_update BEFORE UPDATE ON form_list BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER form_list_no_delete BEFORE DELETE ON form_list BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER form_list_no_replace BEFORE INSERT ON form_list
    WHEN EXISTS (SELECT 1 FROM form_list WHERE form = NEW.form AND name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER subject_no_update BEFORE UPDATE ON subject BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER subject_no_delete BEFORE DELETE ON subject BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER subject_no_replace BEFORE INSERT ON subject
    WHEN EXISTS (SELECT 1 FROM subject WHERE key = NEW.key OR person = NEW.person)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER event_no_replace BEFORE INSERT ON event
    WHEN EXISTS (SELECT 1 FROM event WHERE number = NEW.number
                 OR (submission = NEW.submission AND version = NEW.version))
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER part_no_update BEFORE UPDATE ON part BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER part_no_delete BEFORE DELETE ON part BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER part_no_replace BEFORE INSERT ON part
    WHEN EXISTS (SELECT 1 FROM part WHERE event = NEW.event AND class = NEW.class)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
