-- Files that were handed in with an interview.
--
-- While it is open they belong to its draft and go away with it. On submission those that the record names come to the
-- submission, in the same transaction, and stay for good. `content` is protected by the encryption of the file like
-- what was answered; the file's name counts as an answer.

CREATE TABLE draft_attachment (
    draft   TEXT NOT NULL REFERENCES draft (id),
    name    TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    size    INTEGER NOT NULL CHECK (size >= 0),
    content BLOB NOT NULL,
    added   TEXT NOT NULL,
    PRIMARY KEY (draft, name)
) STRICT;

CREATE TABLE attachment (
    submission TEXT NOT NULL,
    name       TEXT NOT NULL,
    event      INTEGER NOT NULL REFERENCES event (number),
    sha256     TEXT NOT NULL,
    size       INTEGER NOT NULL CHECK (size >= 0),
    content    BLOB NOT NULL,
    PRIMARY KEY (submission, name)
) STRICT;

CREATE TRIGGER draft_attachment_no_update BEFORE UPDATE ON draft_attachment
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER draft_attachment_no_replace BEFORE INSERT ON draft_attachment
    WHEN EXISTS (SELECT 1 FROM draft_attachment WHERE draft = NEW.draft AND name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TRIGGER attachment_no_update BEFORE UPDATE ON attachment BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER attachment_no_delete BEFORE DELETE ON attachment BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER attachment_no_replace BEFORE INSERT ON attachment
    WHEN EXISTS (SELECT 1 FROM attachment WHERE submission = NEW.submission AND name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
