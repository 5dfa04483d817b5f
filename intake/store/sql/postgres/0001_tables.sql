-- The tables of a team's store, and who sees which row of them.
--
-- Names and meaning are those of the store of one office. What was answered, names of people and of files arrive
-- sealed; plain are order, random subject, municipality, form, version, time, class and the login that acted.
--
-- Nobody but the owner, whom nobody is, may touch a table: people call functions (0002). Those run as the owner, and
-- row security, forced on the owner too, asks in each of them who came in (`session_user`). A function that forgets to
-- ask shows no more than its caller may see, and a grant given by mistake shows nothing of others.

CREATE TABLE setting (
    name  text PRIMARY KEY,
    value text NOT NULL
);

-- `account` is the database's own name for the person; one person, one account. `removed` ends it at once.
CREATE TABLE login (
    id      text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    name    text NOT NULL,
    role    text NOT NULL
            CHECK (role IN ('manager', 'evaluator', 'publisher', 'auditor', 'protection', 'administrator')),
    public  bytea NOT NULL CHECK (octet_length(public) = 32),
    account text NOT NULL,
    added   text NOT NULL,
    removed text
);
CREATE UNIQUE INDEX login_account ON login (account) WHERE removed IS NULL;

-- Whose rows a manager or an evaluator sees; '*' is all of them, '' what belongs to no municipality.
CREATE TABLE assignment (
    login        text NOT NULL REFERENCES login (id),
    municipality text NOT NULL,
    PRIMARY KEY (login, municipality)
);

CREATE TABLE class_key (
    name       text NOT NULL,
    generation integer NOT NULL CHECK (generation >= 1),
    login      text NOT NULL REFERENCES login (id),
    wrapped    bytea NOT NULL,
    PRIMARY KEY (name, generation, login)
);

-- Codes that show who let a login in and who made a class key: see `intake.store.postgres.vouching`.
CREATE TABLE voucher (
    name text PRIMARY KEY,
    code text NOT NULL
);

CREATE TABLE form (
    number        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash          text NOT NULL UNIQUE,
    form_id       text NOT NULL,
    version       text NOT NULL,
    published     text NOT NULL,
    xform         text NOT NULL,
    workbook      bytea NOT NULL,
    workbook_name text NOT NULL,
    UNIQUE (form_id, version)
);

CREATE TABLE form_list (
    form    text NOT NULL REFERENCES form (hash),
    name    text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (form, name)
);

CREATE TABLE subject (
    key   text PRIMARY KEY CHECK (key ~ '^[0-9a-f]{32}$'),
    added text NOT NULL
);

-- Which municipalities know a subject: those that hold an event about it.
CREATE TABLE subject_place (
    subject      text NOT NULL REFERENCES subject (key),
    municipality text NOT NULL,
    PRIMARY KEY (subject, municipality)
);

-- The tag is not unique here: a municipality must not learn from a refusal that another one knows a person.
CREATE TABLE person (
    subject text PRIMARY KEY REFERENCES subject (key),
    tag     bytea NOT NULL,
    sealed  bytea NOT NULL
);
CREATE INDEX person_tag ON person (tag);

-- `since` is the number of the event with which the key was made: what was written before it cannot be opened by it.
CREATE TABLE person_key (
    subject    text NOT NULL REFERENCES subject (key),
    name       text NOT NULL,
    generation integer NOT NULL,
    wrapped    bytea NOT NULL,
    since      bigint NOT NULL,
    PRIMARY KEY (subject, name)
);

CREATE TABLE event (
    number       bigint PRIMARY KEY,
    kind         text NOT NULL,
    submission   text NOT NULL,
    version      integer NOT NULL,
    form         text NOT NULL,
    municipality text NOT NULL,
    subject      text NOT NULL REFERENCES subject (key),
    about        text NOT NULL,
    actor        text NOT NULL,
    received     text NOT NULL,
    place        bigint NOT NULL,
    digest       bytea NOT NULL,
    previous     bytea NOT NULL,
    hash         bytea NOT NULL,
    UNIQUE (municipality, place)
);
CREATE UNIQUE INDEX event_version ON event (submission, version) WHERE kind = 'submission';

CREATE TABLE part (
    event      bigint NOT NULL REFERENCES event (number),
    class      text NOT NULL CHECK (class IN ('identity', 'special', 'staff', 'general')),
    written_by bigint NOT NULL REFERENCES event (number),
    sealed     bytea NOT NULL,
    PRIMARY KEY (event, class, written_by)
);

CREATE TABLE attachment (
    event      bigint NOT NULL REFERENCES event (number),
    place      integer NOT NULL CHECK (place >= 1),
    class      text NOT NULL CHECK (class IN ('identity', 'special', 'staff', 'general')),
    written_by bigint NOT NULL REFERENCES event (number),
    head       bytea NOT NULL,
    sealed     bytea NOT NULL,
    PRIMARY KEY (event, place, written_by)
);

-- Where a submission went when a later version belongs to another municipality: the one before no longer counts it.
CREATE TABLE departure (
    submission   text NOT NULL,
    municipality text NOT NULL,
    version      integer NOT NULL,
    received     text NOT NULL,
    PRIMARY KEY (submission, version)
);

-- The end of each chain; and the number of the last event, the one row every writer waits for. `moment` was drawn in
-- the transaction `drawn_by`.
CREATE TABLE head (
    municipality text PRIMARY KEY,
    place        bigint NOT NULL,
    hash         bytea NOT NULL
);

CREATE TABLE counter (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    number   bigint NOT NULL,
    moment   text,
    drawn_by xid8
);

-- `about` are codes of whom it is about, so that an erasure finds it; without a key they say nothing.
CREATE TABLE draft (
    id           text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
    form         text NOT NULL REFERENCES form (hash),
    municipality text NOT NULL,
    actor        text NOT NULL,
    started      text NOT NULL,
    generation   integer NOT NULL,
    wrapped      bytea NOT NULL,
    head         bytea NOT NULL,
    about        bytea[] NOT NULL
);

CREATE TABLE operation (
    draft    text NOT NULL REFERENCES draft (id),
    sequence integer NOT NULL CHECK (sequence >= 1),
    op       text NOT NULL,
    sealed   bytea NOT NULL,
    recorded text NOT NULL,
    actor    text NOT NULL,
    PRIMARY KEY (draft, sequence),
    UNIQUE (draft, op)
);

CREATE TABLE draft_attachment (
    draft  text NOT NULL REFERENCES draft (id),
    place  integer NOT NULL CHECK (place >= 1),
    head   bytea NOT NULL,
    sealed bytea NOT NULL,
    added  text NOT NULL,
    PRIMARY KEY (draft, place)
);

CREATE TABLE closed_draft (
    draft        text PRIMARY KEY,
    submission   text,
    closed       text NOT NULL,
    municipality text NOT NULL,
    actor        text NOT NULL
);

-- What may be shown outside: protected tables (`SafeTable`) as they are printed. Nothing of a person is in them.
CREATE TABLE safe_table (
    number  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text NOT NULL,
    content bytea NOT NULL,
    actor   text NOT NULL,
    made    text NOT NULL
);

-- --- who came in

-- The login behind the account that opened the connection; NULL for everybody who is none of ours, and for accounts
-- that would see past row security.
CREATE FUNCTION me() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RETURN (
                SELECT l.id
                FROM lotsenbuch.login AS l
                JOIN pg_roles AS r ON r.rolname = l.account
                JOIN pg_namespace AS n ON n.nspname = 'lotsenbuch'
                WHERE l.account = session_user AND l.removed IS NULL
                  AND NOT (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication OR r.rolcreatedb)
                  AND NOT pg_has_role(r.oid, n.nspowner, 'MEMBER')
            );
        END
    $$;

CREATE FUNCTION my_role() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RETURN (
                SELECT role FROM lotsenbuch.login WHERE id = lotsenbuch.me()
            );
        END
    $$;

CREATE FUNCTION my_municipalities() RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RETURN (
                SELECT coalesce(array_agg(municipality ORDER BY municipality), '{}')
                FROM lotsenbuch.assignment WHERE login = lotsenbuch.me()
            );
        END
    $$;

-- Who replaces keys and takes them away: the officer, and a manager of all municipalities, who sees everything anyway.
CREATE FUNCTION in_office() RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RETURN (
                SELECT coalesce(
                    lotsenbuch.my_role() = 'protection'
                    OR lotsenbuch.my_role() = 'manager' AND '*' = ANY (lotsenbuch.my_municipalities()), false)
            );
        END
    $$;

-- --- which rows: a subquery without outer columns is answered once a statement, not once a row

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = 'lotsenbuch' AND c.relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE lotsenbuch.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    END LOOP;
END
$$;

-- What row security itself stands on, and the writers' row: for our functions alone.
CREATE POLICY ours ON setting TO :"owner" USING (true);
CREATE POLICY ours ON login TO :"owner" USING (true);
CREATE POLICY ours ON assignment TO :"owner" USING (true);
CREATE POLICY ours ON counter TO :"owner" USING (true);

CREATE POLICY own ON class_key FOR SELECT USING (login = (SELECT me()) OR (SELECT in_office()));
CREATE POLICY given ON class_key FOR INSERT WITH CHECK ((SELECT in_office()));
CREATE POLICY rotated ON class_key FOR DELETE USING ((SELECT in_office()));

CREATE POLICY seen ON voucher FOR SELECT
    USING (name LIKE 'class key %' OR name = 'holder ' || (SELECT me()) OR (SELECT in_office()));
CREATE POLICY given ON voucher FOR INSERT WITH CHECK ((SELECT in_office()));
CREATE POLICY renewed ON voucher FOR UPDATE USING ((SELECT in_office()));

CREATE POLICY seen ON form FOR SELECT USING ((SELECT me()) IS NOT NULL);
CREATE POLICY frozen ON form FOR INSERT
    WITH CHECK ((SELECT my_role()) IN ('manager', 'protection', 'administrator'));
CREATE POLICY seen ON form_list FOR SELECT USING ((SELECT me()) IS NOT NULL);
CREATE POLICY frozen ON form_list FOR INSERT
    WITH CHECK ((SELECT my_role()) IN ('manager', 'protection', 'administrator'));

CREATE POLICY seen ON event FOR SELECT USING (
    (SELECT my_role()) IN ('auditor', 'protection')
    OR ((SELECT my_role()) = 'manager' OR ((SELECT my_role()) = 'evaluator' AND kind IN ('submission', 'restriction')))
       AND ARRAY[municipality, '*'] && (SELECT my_municipalities()));
CREATE POLICY appended ON event FOR INSERT WITH CHECK (
    actor = (SELECT me())
    AND CASE WHEN kind = 'submission' THEN (SELECT my_role()) = 'manager' ELSE true END
    AND (ARRAY[municipality, '*'] && (SELECT my_municipalities())
         OR kind <> 'submission' AND (municipality = '' OR (SELECT my_role()) = 'protection')));

-- The officer reads why something was done, never what was answered.
CREATE POLICY seen ON part FOR SELECT USING (
    (SELECT my_role()) IN ('manager', 'evaluator', 'protection')
    AND EXISTS (SELECT 1 FROM event AS e WHERE e.number = part.event
                AND ((SELECT my_role()) <> 'protection' OR e.kind <> 'submission'))
    AND ((SELECT my_role()) <> 'evaluator' OR class = 'general'));
CREATE POLICY appended ON part FOR INSERT
    WITH CHECK ((SELECT my_role()) IN ('manager', 'evaluator', 'protection'));
CREATE POLICY seen ON attachment FOR SELECT USING (
    (SELECT my_role()) IN ('manager', 'evaluator')
    AND EXISTS (SELECT 1 FROM event AS e WHERE e.number = attachment.event)
    AND ((SELECT my_role()) <> 'evaluator' OR class = 'general'));
CREATE POLICY appended ON attachment FOR INSERT WITH CHECK ((SELECT my_role()) = 'manager');

CREATE POLICY seen ON head FOR SELECT USING (
    (SELECT my_role()) IN ('auditor', 'protection') OR municipality = ''
    OR ARRAY[municipality, '*'] && (SELECT my_municipalities()));
CREATE POLICY begun ON head FOR INSERT TO :"owner" WITH CHECK ((SELECT me()) IS NOT NULL);
CREATE POLICY moved ON head FOR UPDATE TO :"owner" USING ((SELECT me()) IS NOT NULL);

CREATE POLICY seen ON departure FOR SELECT USING (
    (SELECT my_role()) IN ('manager', 'evaluator') AND ARRAY[municipality, '*'] && (SELECT my_municipalities()));
CREATE POLICY begun ON departure FOR INSERT WITH CHECK ((SELECT my_role()) = 'manager');

CREATE POLICY seen ON subject_place FOR SELECT USING (
    (SELECT my_role()) = 'protection'
    OR (SELECT my_role()) IN ('manager', 'evaluator')
       AND ARRAY[municipality, '*'] && (SELECT my_municipalities()));
CREATE POLICY begun ON subject_place FOR INSERT WITH CHECK (
    (SELECT my_role()) = 'protection'
    OR (SELECT my_role()) = 'manager' AND ARRAY[municipality, '*'] && (SELECT my_municipalities()));

-- The subject of nobody (32 zeros) is everybody's.
CREATE POLICY seen ON subject FOR SELECT USING (
    (SELECT my_role()) = 'protection'
    OR key = repeat('0', 32) AND (SELECT me()) IS NOT NULL
    OR EXISTS (SELECT 1 FROM subject_place AS p WHERE p.subject = subject.key));
CREATE POLICY begun ON subject FOR INSERT WITH CHECK ((SELECT my_role()) = 'manager');

CREATE POLICY seen ON person FOR SELECT USING (
    (SELECT my_role()) = 'protection'
    OR (SELECT my_role()) = 'manager' AND EXISTS (SELECT 1 FROM subject_place AS p WHERE p.subject = person.subject));
CREATE POLICY begun ON person FOR INSERT WITH CHECK ((SELECT my_role()) = 'manager');
CREATE POLICY erased ON person FOR DELETE USING ((SELECT in_office()));

CREATE POLICY seen ON person_key FOR SELECT USING (
    (SELECT my_role()) = 'protection'
    OR ((SELECT my_role()) = 'manager' OR (SELECT my_role()) = 'evaluator' AND name = 'general')
       AND (subject = repeat('0', 32)
            OR EXISTS (SELECT 1 FROM subject_place AS p WHERE p.subject = person_key.subject)));
CREATE POLICY begun ON person_key FOR INSERT WITH CHECK ((SELECT my_role()) = 'manager');
CREATE POLICY rewrapped ON person_key FOR UPDATE USING ((SELECT in_office()));
CREATE POLICY erased ON person_key FOR DELETE USING ((SELECT in_office()));

-- A draft of no municipality is of whoever began it. The officer deletes drafts and wraps their keys anew.
CREATE POLICY seen ON draft FOR SELECT USING (
    (SELECT my_role()) = 'protection'
    OR (SELECT my_role()) = 'manager'
       AND (actor = (SELECT me()) OR ARRAY[municipality, '*'] && (SELECT my_municipalities())));
CREATE POLICY begun ON draft FOR INSERT WITH CHECK (
    (SELECT my_role()) = 'manager' AND actor = (SELECT me())
    AND (municipality = '' OR ARRAY[municipality, '*'] && (SELECT my_municipalities())));
CREATE POLICY rewrapped ON draft FOR UPDATE USING (
    (SELECT my_role()) = 'protection'
    OR (SELECT my_role()) = 'manager'
       AND (actor = (SELECT me()) OR ARRAY[municipality, '*'] && (SELECT my_municipalities())));
CREATE POLICY closed ON draft FOR DELETE USING (
    (SELECT my_role()) = 'protection'
    OR (SELECT my_role()) = 'manager'
       AND (actor = (SELECT me()) OR ARRAY[municipality, '*'] && (SELECT my_municipalities())));

CREATE POLICY seen ON operation FOR SELECT
    USING ((SELECT my_role()) IN ('manager', 'protection')
           AND EXISTS (SELECT 1 FROM draft AS d WHERE d.id = operation.draft));
CREATE POLICY kept ON operation FOR INSERT
    WITH CHECK ((SELECT my_role()) = 'manager' AND actor = (SELECT me())
                AND EXISTS (SELECT 1 FROM draft AS d WHERE d.id = operation.draft));
CREATE POLICY closed ON operation FOR DELETE
    USING ((SELECT my_role()) IN ('manager', 'protection')
           AND EXISTS (SELECT 1 FROM draft AS d WHERE d.id = operation.draft));
CREATE POLICY seen ON draft_attachment FOR SELECT
    USING ((SELECT my_role()) IN ('manager', 'protection')
           AND EXISTS (SELECT 1 FROM draft AS d WHERE d.id = draft_attachment.draft));
CREATE POLICY kept ON draft_attachment FOR INSERT
    WITH CHECK ((SELECT my_role()) = 'manager'
                AND EXISTS (SELECT 1 FROM draft AS d WHERE d.id = draft_attachment.draft));
CREATE POLICY closed ON draft_attachment FOR DELETE
    USING ((SELECT my_role()) IN ('manager', 'protection')
           AND EXISTS (SELECT 1 FROM draft AS d WHERE d.id = draft_attachment.draft));
CREATE POLICY seen ON closed_draft FOR SELECT USING (
    (SELECT my_role()) = 'manager'
    AND (actor = (SELECT me()) OR ARRAY[municipality, '*'] && (SELECT my_municipalities())));
CREATE POLICY closed ON closed_draft FOR INSERT WITH CHECK ((SELECT my_role()) IN ('manager', 'protection'));

CREATE POLICY seen ON safe_table FOR SELECT
    USING ((SELECT my_role()) IN ('manager', 'evaluator', 'publisher'));
CREATE POLICY given ON safe_table FOR INSERT
    WITH CHECK ((SELECT my_role()) IN ('manager', 'evaluator') AND actor = (SELECT me()));

-- --- append-only

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, lotsenbuch, pg_temp
    AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'LB001', MESSAGE = 'store.append_only'; END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['event', 'part', 'attachment', 'form', 'form_list', 'subject', 'subject_place',
                                'departure', 'closed_draft', 'safe_table'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON lotsenbuch.%I FOR EACH ROW'
                       ' EXECUTE FUNCTION lotsenbuch.refuse_change()', name);
        EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON lotsenbuch.%I FOR EACH STATEMENT'
                       ' EXECUTE FUNCTION lotsenbuch.refuse_change()', name);
    END LOOP;
END
$$;
