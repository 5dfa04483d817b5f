-- Which drafts were open once and are not any more: a browser that was cut off may still hold entries for one, and its
-- draft must not come to life again. Nothing of what was answered; `submission` is NULL where it was discarded.

CREATE TABLE closed_draft (
    draft      TEXT PRIMARY KEY,
    submission TEXT,
    closed     TEXT NOT NULL
) STRICT;

CREATE TRIGGER closed_draft_no_update BEFORE UPDATE ON closed_draft BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER closed_draft_no_delete BEFORE DELETE ON closed_draft BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER closed_draft_no_replace BEFORE INSERT ON closed_draft
    WHEN EXISTS (SELECT 1 FROM closed_draft WHERE draft = NEW.draft)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
