-- A commit writes every page that it touches anew, encrypted: fewer indexes make a faster append.
--
-- Nothing chooses submissions by `event_form` any more (a scan in the order of the rows reads less than jumping about).
-- Nearly every part and attachment is written by its own event and found by that; only what a later one sealed anew has
-- to be found by who wrote it.

DROP INDEX event_form;

DROP INDEX part_written;
CREATE INDEX part_written ON part (written_by) WHERE written_by <> event;

DROP INDEX attachment_written;
CREATE INDEX attachment_written ON attachment (written_by) WHERE written_by <> event;
