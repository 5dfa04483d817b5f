-- What people may do: call these. Each runs as the owner, under row security that asks who came in (see 0001).
--
-- Refusals are codes of the catalogue; no message of the server ever names a value. Columns are always named with their
-- table, arguments begin with an underscore.

CREATE FUNCTION refuse(_code text, _fields jsonb DEFAULT '{}') RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RAISE EXCEPTION USING ERRCODE = 'LB001', MESSAGE = _code, DETAIL = _fields::text;
        END
    $$;

-- The server's time. Only a store made for synthetic data (`clock` is 'client') believes the client's.
CREATE FUNCTION moment(_told text) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RETURN (
                SELECT CASE WHEN (SELECT s.value FROM setting AS s WHERE s.name = 'clock') = 'client' THEN _told
                       ELSE to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00' END
            );
        END
    $$;

-- As `intake.store.chain.digest_of`.
CREATE FUNCTION digest_of(_labels text[], _sealed bytea[]) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RETURN (
                SELECT sha256(coalesce(string_agg(int4send(octet_length(c.label)) || c.label || c.code, ''::bytea
                                                  ORDER BY c.label, c.code), ''::bytea))
                FROM (SELECT convert_to(u.label, 'UTF8') AS label, sha256(u.sealed) AS code
                      FROM unnest(_labels, _sealed) AS u (label, sealed)) AS c
            );
        END
    $$;

-- One row for a login of this store, none for anybody else.
CREATE FUNCTION whoami(OUT login text, OUT name text, OUT role text, OUT public bytea, OUT municipalities text[],
                       OUT store text, OUT schema integer, OUT clock text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT l.id, l.name, l.role, l.public, my_municipalities(),
                   (SELECT s.value FROM setting AS s WHERE s.name = 'store'),
                   (SELECT s.value::integer FROM setting AS s WHERE s.name = 'schema'),
                   (SELECT s.value FROM setting AS s WHERE s.name = 'clock')
            FROM login AS l WHERE l.id = me();
        END
    $$;

CREATE FUNCTION class_keys() RETURNS TABLE (name text, generation integer, login text, wrapped bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT k.name, k.generation, k.login, k.wrapped FROM class_key AS k WHERE k.login = me();
        END
    $$;

-- A manager sees colleagues of the own municipalities, an evaluator and a publisher only themselves.
CREATE FUNCTION logins()
    RETURNS TABLE (id text, name text, role text, public bytea, account text, municipalities text[])
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT l.id, l.name, l.role, l.public, l.account,
                   coalesce((SELECT array_agg(a.municipality ORDER BY a.municipality)
                             FROM assignment AS a WHERE a.login = l.id), '{}')
            FROM login AS l
            WHERE l.removed IS NULL
              AND (my_role() IN ('auditor', 'protection', 'administrator') OR l.id = me()
                   OR my_role() = 'manager' AND (
                       '*' = ANY (my_municipalities())
                       OR EXISTS (SELECT 1 FROM assignment AS a WHERE a.login = l.id
                                  AND a.municipality = ANY (my_municipalities()))))
            ORDER BY l.added, l.id;
        END
    $$;

-- --- forms: no secret

CREATE FUNCTION form_rows(_hash text DEFAULT NULL)
    RETURNS TABLE (form_id text, version text, hash text, xform text, workbook bytea, workbook_name text,
                   lists text[])
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT f.form_id, f.version, f.hash, f.xform, f.workbook, f.workbook_name,
                   coalesce((SELECT array_agg(i.name ORDER BY i.name COLLATE "C") FROM form_list AS i
                             WHERE i.form = f.hash), '{}')
            FROM form AS f WHERE _hash IS NULL OR f.hash = _hash ORDER BY f.number;
        END
    $$;

CREATE FUNCTION form_file(_hash text, _name text) RETURNS TABLE (content bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT i.content FROM form_list AS i WHERE i.form = _hash AND i.name = _name;
        END
    $$;

CREATE FUNCTION publish(_hash text, _form_id text, _version text, _told text, _xform text, _workbook bytea,
                        _workbook_name text, _names text[], _contents bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM writing();
            IF EXISTS (SELECT 1 FROM form AS f WHERE f.hash = _hash) THEN
                RETURN;
            END IF;
            IF EXISTS (SELECT 1 FROM form AS f WHERE f.form_id = _form_id AND f.version = _version) THEN
                PERFORM refuse('store.version_taken', jsonb_build_object('form', _form_id, 'version', _version));
            END IF;
            INSERT INTO form (hash, form_id, version, published, xform, workbook, workbook_name)
            VALUES (_hash, _form_id, _version, moment(_told), _xform, _workbook, _workbook_name);
            INSERT INTO form_list (form, name, content)
            SELECT _hash, u.name, u.content FROM unnest(_names, _contents) AS u (name, content);
        END
    $$;

-- --- writing

-- From here to the end of the transaction nobody else writes events, subjects or keys. How often keys were replaced:
-- who holds other ones must fetch them first.
CREATE FUNCTION writing() RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            IF me() IS NULL THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            PERFORM 1 FROM counter AS c FOR UPDATE;
            RETURN (SELECT s.value::integer FROM setting AS s WHERE s.name = 'rotations');
        END
    $$;

-- Keys of a subject that has none of these classes. They must be wrapped with the newest class keys: else somebody
-- removed since could open them.
CREATE FUNCTION add_keys(_subject text, _names text[], _generations integer[], _wrapped bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM writing();
            IF my_role() IS DISTINCT FROM 'manager' THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            IF EXISTS (SELECT 1 FROM unnest(_names, _generations) AS u (name, generation)
                       WHERE u.generation IS DISTINCT FROM (
                           SELECT max(k.generation) FROM class_key AS k WHERE k.name = u.name AND k.login = me())) THEN
                PERFORM refuse('store.keys_changed');
            END IF;
            IF NOT EXISTS (SELECT 1 FROM subject AS s WHERE s.key = _subject) OR _subject = repeat('0', 32) THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            INSERT INTO person_key (subject, name, generation, wrapped, since)
            SELECT _subject, u.name, u.generation, u.wrapped, (SELECT c.number + 1 FROM counter AS c)
            FROM unnest(_names, _generations, _wrapped) AS u (name, generation, wrapped);
        END
    $$;

-- A subject with its keys, and the person behind it where there is one.
CREATE FUNCTION add_subject(_key text, _tag bytea, _sealed bytea, _municipality text, _told text, _names text[],
                            _generations integer[], _wrapped bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM writing();
            INSERT INTO subject (key, added) VALUES (_key, moment(_told));
            INSERT INTO subject_place (subject, municipality) VALUES (_key, _municipality);
            IF _tag IS NOT NULL THEN
                INSERT INTO person (subject, tag, sealed) VALUES (_key, _tag, _sealed);
            END IF;
            PERFORM add_keys(_key, _names, _generations, _wrapped);
        END
    $$;

-- The time of what is written next in this transaction, for whoever seals under it.
CREATE FUNCTION draw_moment(_told text) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM writing();
            UPDATE counter AS c SET moment = moment(_told), drawn_by = pg_current_xact_id();
            RETURN (SELECT c.moment FROM counter AS c);
        END
    $$;

-- Which kinds of events a role writes, and where: in the own municipalities, and about the study as a whole.
CREATE FUNCTION may_write(_kind text, _municipality text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RETURN (
                SELECT coalesce(_kind = ANY (CASE my_role()
                    WHEN 'manager' THEN ARRAY['submission', 'review', 'query', 'export', 'access', 'restriction',
                                              'handover', 'backup', 'anchor']
                        || CASE WHEN in_office() THEN ARRAY['reseal', 'erasure', 'withdrawal', 'login', 'key'] END
                    WHEN 'evaluator' THEN ARRAY['review', 'query', 'export', 'access']
                    WHEN 'publisher' THEN ARRAY['export']
                    WHEN 'auditor' THEN ARRAY['export', 'access', 'anchor']
                    WHEN 'protection' THEN ARRAY['review', 'query', 'export', 'access', 'erasure', 'withdrawal',
                                                 'restriction', 'login', 'key', 'handover', 'backup', 'anchor']
                    WHEN 'administrator' THEN ARRAY['login', 'export', 'backup'] END)
                    AND (ARRAY[_municipality, '*'] && my_municipalities()
                         OR _kind <> 'submission' AND (_municipality = '' OR my_role() = 'protection')), false)
            );
        END
    $$;

-- The only way in for an event. Place, predecessor, digest, hash, time and actor are the server's; a municipality, a
-- subject or a submission of others is refused, and the refusal does not say whether it exists. An event 0 of a part or
-- a file is the new one; others are written anew (kind 'reseal').
CREATE FUNCTION append(_kind text, _submission text, _version integer, _form text, _municipality text, _subject text,
                       _about text, _told text, _events bigint[], _classes text[], _sealed bytea[],
                       _file_events bigint[], _places integer[], _file_classes text[], _heads bytea[], _files bytea[],
                       OUT number bigint, OUT received text)
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        DECLARE
            _place bigint;
            _head bytea;
            _digest bytea;
            _metadata text;
            _hash bytea;
            _before event%ROWTYPE;
        BEGIN
            PERFORM writing();
            IF NOT may_write(_kind, _municipality) THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            IF NOT EXISTS (SELECT 1 FROM subject AS s WHERE s.key = _subject) THEN
                PERFORM refuse('store.no_person');
            END IF;
            IF EXISTS (SELECT 1 FROM unnest(_events || _file_events) AS u (event)
                       WHERE u.event <> 0 AND (_kind <> 'reseal' OR NOT EXISTS (
                           SELECT 1 FROM event AS e WHERE e.number = u.event))) THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            IF _kind = 'submission' THEN
                SELECT e.* INTO _before FROM event AS e
                WHERE e.submission = _submission AND e.kind = 'submission' ORDER BY e.version DESC LIMIT 1;
                IF _version <> coalesce(_before.version, 0) + 1 THEN
                    PERFORM refuse('store.stale', jsonb_build_object(
                        'submission', _submission, 'latest', coalesce(_before.version, 0), 'offered', _version));
                END IF;
                IF NOT EXISTS (SELECT 1 FROM form AS f WHERE f.hash = _form) THEN
                    PERFORM refuse('store.unknown_form', jsonb_build_object('hash', left(_form, 12)));
                END IF;
            END IF;
            UPDATE counter AS c SET number = c.number + 1 RETURNING c.number INTO append.number;
            SELECT h.place, h.hash INTO _place, _head FROM head AS h WHERE h.municipality = _municipality;
            IF NOT FOUND THEN
                _place := 0;
                _head := decode(repeat('00', 32), 'hex');
                INSERT INTO head (municipality, place, hash) VALUES (_municipality, 0, _head);
            END IF;
            _place := _place + 1;
            append.received := CASE WHEN _kind = 'submission' THEN moment(_told) ELSE coalesce(
                (SELECT c.moment FROM counter AS c WHERE c.drawn_by = pg_current_xact_id()), moment(_told)) END;
            _digest := (
                SELECT digest_of(array_agg(c.label), array_agg(c.sealed)) FROM (
                    SELECT concat_ws(' ', 'part', nullif(u.event, 0), u.class), u.sealed
                    FROM unnest(_events, _classes, _sealed) AS u (event, class, sealed)
                    UNION ALL
                    SELECT concat_ws(' ', 'attachment', nullif(u.event, 0), u.place, u.class, l.last), l.sealed
                    FROM unnest(_file_events, _places, _file_classes, _heads, _files)
                         AS u (event, place, class, head, sealed),
                         LATERAL (VALUES (NULL, u.sealed), ('head', u.head)) AS l (last, sealed)
                ) AS c (label, sealed));
            _metadata := concat_ws(chr(31), '1', _municipality, _place, _kind, _submission, _version, _form, _subject,
                                   _about, me(), append.received);
            IF translate(_metadata, chr(31), '') ~ '[\x01-\x1f]'
               OR length(_metadata) - length(translate(_metadata, chr(31), '')) <> 10 THEN
                PERFORM refuse('store.control_character');
            END IF;
            _hash := sha256(_head || sha256(convert_to(_metadata, 'UTF8')) || _digest);
            BEGIN
                INSERT INTO event (number, kind, submission, version, form, municipality, subject, about, actor,
                                   received, place, digest, previous, hash)
                VALUES (append.number, _kind, _submission, _version, _form, _municipality, _subject, _about, me(),
                        append.received, _place, _digest, _head, _hash);
            EXCEPTION WHEN unique_violation OR insufficient_privilege THEN
                PERFORM refuse('store.not_allowed');  -- one answer, whether others hold it or nobody may
            END;
            UPDATE head AS h SET place = _place, hash = _hash WHERE h.municipality = _municipality;
            INSERT INTO part (event, class, written_by, sealed)
            SELECT coalesce(nullif(u.event, 0), append.number), u.class, append.number, u.sealed
            FROM unnest(_events, _classes, _sealed) AS u (event, class, sealed);
            INSERT INTO attachment (event, place, class, written_by, head, sealed)
            SELECT coalesce(nullif(u.event, 0), append.number), u.place, u.class, append.number, u.head, u.sealed
            FROM unnest(_file_events, _places, _file_classes, _heads, _files) AS u (event, place, class, head, sealed);
            IF _kind = 'submission' THEN
                IF NOT EXISTS (SELECT 1 FROM subject_place AS p
                               WHERE p.subject = _subject AND p.municipality = _municipality) THEN
                    INSERT INTO subject_place (subject, municipality) VALUES (_subject, _municipality);
                END IF;
                IF _before.municipality <> _municipality THEN
                    INSERT INTO departure (submission, municipality, version, received)
                    VALUES (_submission, _before.municipality, _version, append.received);
                END IF;
            END IF;
        END
    $$;

-- --- reading

CREATE FUNCTION find_person(_tag bytea) RETURNS TABLE (subject text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT p.subject FROM person AS p JOIN subject AS s ON s.key = p.subject
            WHERE p.tag = _tag AND my_role() IN ('manager', 'protection') ORDER BY s.added, s.key;
        END
    $$;

CREATE FUNCTION persons(_subjects text[]) RETURNS TABLE (subject text, sealed bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT p.subject, p.sealed FROM person AS p WHERE p.subject = ANY (_subjects);
        END
    $$;

CREATE FUNCTION person_keys(_subjects text[])
    RETURNS TABLE (subject text, name text, generation integer, wrapped bytea, since bigint)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT k.subject, k.name, k.generation, k.wrapped, k.since FROM person_key AS k
            WHERE k.subject = ANY (_subjects);
        END
    $$;

CREATE FUNCTION versions(_submission text)
    RETURNS TABLE (number bigint, version integer, form text, form_id text, municipality text, subject text,
                   received text, has_keys boolean, has_person boolean)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT e.number, e.version, e.form, f.form_id, e.municipality, e.subject, e.received,
                   EXISTS (SELECT 1 FROM person_key AS k WHERE k.subject = e.subject),
                   EXISTS (SELECT 1 FROM person AS p WHERE p.subject = e.subject)
            FROM event AS e JOIN form AS f ON f.hash = e.form
            WHERE e.submission = _submission AND e.kind = 'submission' ORDER BY e.version;
        END
    $$;

-- The latest version of each submission as known at a time, in the order of the first versions. What went to a
-- municipality that the caller does not see is not the caller's any more; what nobody can open is left out.
CREATE FUNCTION chosen(_form_id text, _municipality text, _known_at text) RETURNS TABLE (number bigint, subject text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT l.number, l.subject
            FROM (
                SELECT DISTINCT ON (v.submission) v.* FROM (
                    SELECT e.number, e.form, e.municipality, e.subject, e.submission, e.version, e.received,
                           min(e.number) OVER (PARTITION BY e.submission) AS first  -- also where a clock went back
                    FROM event AS e WHERE e.kind = 'submission'
                ) AS v
                WHERE _known_at IS NULL OR v.received COLLATE "C" <= _known_at
                ORDER BY v.submission, v.version DESC
            ) AS l
            JOIN form AS f ON f.hash = l.form
            WHERE (_form_id IS NULL OR f.form_id = _form_id)
              AND (_municipality IS NULL OR l.municipality = _municipality)
              AND EXISTS (SELECT 1 FROM person_key AS k WHERE k.subject = l.subject AND k.since <= l.number)
              AND NOT EXISTS (SELECT 1 FROM departure AS d
                              WHERE d.submission = l.submission AND d.version > l.version
                                AND (_known_at IS NULL OR d.received COLLATE "C" <= _known_at))
            ORDER BY l.first;
        END
    $$;

-- Events with what they carry, sealed: one row for each part as it was written last.
CREATE FUNCTION content(_numbers bigint[])
    RETURNS TABLE (number bigint, submission text, version integer, form text, municipality text, subject text,
                   received text, class text, written_by bigint, sealed bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT e.number, e.submission, e.version, e.form, e.municipality, e.subject, e.received, p.class,
                   p.written_by, p.sealed
            FROM event AS e
            LEFT JOIN LATERAL (
                SELECT DISTINCT ON (q.class) q.class, q.written_by, q.sealed FROM part AS q
                WHERE q.event = e.number ORDER BY q.class, q.written_by DESC
            ) AS p ON true
            WHERE e.number = ANY (_numbers)
            ORDER BY e.number, p.class;
        END
    $$;

CREATE FUNCTION entries(_after bigint)
    RETURNS TABLE (number bigint, submission text, version integer, form_id text, form text, municipality text,
                   subject text, received text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT e.number, e.submission, e.version, f.form_id, e.form, e.municipality, e.subject, e.received
            FROM event AS e JOIN form AS f ON f.hash = e.form
            WHERE e.kind = 'submission' AND e.number > _after AND my_role() IN ('manager', 'evaluator')
              AND EXISTS (SELECT 1 FROM person_key AS k WHERE k.subject = e.subject AND k.since <= e.number)
            ORDER BY e.number;
        END
    $$;

CREATE FUNCTION last_received() RETURNS text
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            RETURN (
                SELECT max(e.received COLLATE "C") FROM event AS e WHERE e.kind = 'submission'
            );
        END
    $$;

-- The log: every event that is seen, with its link of the chain; those of the kinds, up to the last, so many.
CREATE FUNCTION event_rows(_after bigint, _kinds text[] DEFAULT NULL, _last bigint DEFAULT 9223372036854775807,
                           _limit integer DEFAULT NULL)
    RETURNS TABLE (number bigint, kind text, submission text, version integer, form text, municipality text,
                   subject text, about text, actor text, received text, place bigint, digest bytea, previous bytea,
                   hash bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT e.number, e.kind, e.submission, e.version, e.form, e.municipality, e.subject, e.about, e.actor,
                   e.received, e.place, e.digest, e.previous, e.hash
            FROM event AS e
            WHERE e.number > _after AND e.number <= _last AND (_kinds IS NULL OR e.kind = ANY (_kinds))
              AND my_role() IN ('manager', 'auditor', 'protection')
            ORDER BY e.number LIMIT _limit;
        END
    $$;

-- What an evaluator is told of events: which submissions there are and whose processing is restricted, by nobody.
CREATE FUNCTION evaluated(_after bigint, _kinds text[], _last bigint)
    RETURNS TABLE (number bigint, kind text, submission text, version integer, form text, municipality text,
                   subject text, about text, actor text, received text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT e.number, e.kind, e.submission, e.version, e.form, e.municipality, e.subject, e.about, '',
                   e.received
            FROM event AS e
            WHERE e.number > _after AND e.number <= _last AND (_kinds IS NULL OR e.kind = ANY (_kinds))
              AND my_role() = 'evaluator'
            ORDER BY e.number;
        END
    $$;

-- What events carry now, for comparing with their digest.
CREATE FUNCTION carried(_numbers bigint[]) RETURNS TABLE (number bigint, label text, sealed bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT p.written_by, concat_ws(' ', 'part', nullif(p.event, p.written_by), p.class), p.sealed
            FROM part AS p WHERE p.written_by = ANY (_numbers) AND my_role() = 'manager'
            UNION ALL
            SELECT a.written_by, concat_ws(' ', 'attachment', nullif(a.event, a.written_by), a.place, a.class, l.last),
                   l.sealed
            FROM attachment AS a, LATERAL (VALUES (NULL, a.sealed), ('head', a.head)) AS l (last, sealed)
            WHERE a.written_by = ANY (_numbers) AND my_role() = 'manager';
        END
    $$;

CREATE FUNCTION heads() RETURNS TABLE (municipality text, place bigint, hash bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT h.municipality, h.place, h.hash FROM head AS h
            WHERE h.place > 0 AND my_role() IN ('manager', 'evaluator', 'auditor', 'protection')
            ORDER BY h.municipality COLLATE "C";
        END
    $$;

CREATE FUNCTION files_of(_submission text)
    RETURNS TABLE (event bigint, version integer, place integer, class text, written_by bigint, head bytea,
                   subject text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT DISTINCT ON (a.event, a.place) a.event, e.version, a.place, a.class, a.written_by, a.head, e.subject
            FROM event AS e JOIN attachment AS a ON a.event = e.number
            WHERE e.submission = _submission AND e.kind = 'submission'
            ORDER BY a.event, a.place, a.written_by DESC;
        END
    $$;

CREATE FUNCTION file_content(_event bigint, _place integer) RETURNS TABLE (sealed bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT a.sealed FROM attachment AS a WHERE a.event = _event AND a.place = _place
            ORDER BY a.written_by DESC LIMIT 1;
        END
    $$;

-- --- drafts

-- Drafts, oldest first; `last_actor` and `changed` say who did the last thing in it and when.
CREATE FUNCTION draft_rows(_draft text DEFAULT NULL)
    RETURNS TABLE (id text, form text, municipality text, actor text, started text, generation integer, wrapped bytea,
                   head bytea, sequence integer, changed text, last_actor text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT d.id, d.form, d.municipality, d.actor, d.started, d.generation, d.wrapped, d.head,
                   coalesce(o.sequence, 0), coalesce(o.recorded, d.started), coalesce(o.actor, d.actor)
            FROM draft AS d
            LEFT JOIN LATERAL (SELECT p.sequence, p.recorded, p.actor FROM operation AS p WHERE p.draft = d.id
                               ORDER BY p.sequence DESC LIMIT 1) AS o ON true
            WHERE my_role() = 'manager' AND (_draft IS NULL OR d.id = _draft)
            ORDER BY d.started COLLATE "C", d.id COLLATE "C";
        END
    $$;

-- False where this draft of this form is open already.
CREATE FUNCTION draft_begin(_draft text, _form text, _municipality text, _told text, _generation integer,
                            _wrapped bytea, _head bytea, _about bytea[], _ops text[], _sealed bytea[], _heads bytea[],
                            _files bytea[])
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        DECLARE
            _there text;
        BEGIN
            PERFORM writing();  -- the key that wraps the draft's must not be replaced meanwhile
            IF _generation IS DISTINCT FROM (SELECT max(k.generation) FROM class_key AS k
                                             WHERE k.name = 'draft' AND k.login = me()) THEN
                PERFORM refuse('store.keys_changed');
            END IF;
            IF NOT EXISTS (SELECT 1 FROM form AS f WHERE f.hash = _form) THEN
                PERFORM refuse('store.unknown_form', jsonb_build_object('hash', left(_form, 12)));
            END IF;
            SELECT d.form INTO _there FROM draft AS d WHERE d.id = _draft;
            IF EXISTS (SELECT 1 FROM closed_draft AS c WHERE c.draft = _draft) OR _there <> _form THEN
                PERFORM refuse('store.no_draft');
            END IF;
            IF _there IS NOT NULL THEN
                RETURN false;
            END IF;
            BEGIN
                INSERT INTO draft (id, form, municipality, actor, started, generation, wrapped, head, about)
                VALUES (_draft, _form, _municipality, me(), moment(_told), _generation, _wrapped, _head, _about);
            EXCEPTION WHEN unique_violation OR insufficient_privilege THEN
                PERFORM refuse('store.not_allowed');
            END;
            INSERT INTO operation (draft, sequence, op, sealed, recorded, actor)
            SELECT _draft, u.sequence, u.op, u.sealed, moment(_told), me()
            FROM unnest(_ops, _sealed) WITH ORDINALITY AS u (op, sealed, sequence);
            INSERT INTO draft_attachment (draft, place, head, sealed, added)
            SELECT _draft, u.place, u.head, u.sealed, moment(_told)
            FROM unnest(_heads, _files) WITH ORDINALITY AS u (head, sealed, place);
            RETURN true;
        END
    $$;

-- The last operation's number. Nobody else writes in the draft until the transaction ends.
CREATE FUNCTION draft_last(_draft text) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM 1 FROM draft AS d WHERE d.id = _draft AND my_role() = 'manager' FOR UPDATE;
            IF NOT FOUND THEN
                PERFORM refuse('store.no_draft');
            END IF;
            RETURN coalesce((SELECT max(o.sequence) FROM operation AS o WHERE o.draft = _draft), 0);
        END
    $$;

-- Keep an operation; `kept` is what is there already under this id, NULL where it is new.
-- `_about` says whom the draft is about from now on, NULL as before.
CREATE FUNCTION draft_record(_draft text, _op text, _sequence integer, _sealed bytea, _told text,
                             _about bytea[], OUT sequence integer, OUT kept bytea)
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        DECLARE
            _last integer := draft_last(_draft);
        BEGIN
            SELECT o.sequence, o.sealed INTO draft_record.sequence, draft_record.kept
            FROM operation AS o WHERE o.draft = _draft AND o.op = _op;
            IF FOUND THEN
                RETURN;
            END IF;
            IF _sequence <> _last + 1 THEN
                PERFORM refuse('store.stale_draft', jsonb_build_object('last', _last, 'offered', _sequence));
            END IF;
            INSERT INTO operation (draft, sequence, op, sealed, recorded, actor)
            VALUES (_draft, _sequence, _op, _sealed, moment(_told), me());
            UPDATE draft AS d SET about = _about WHERE d.id = _draft AND _about IS NOT NULL;
            draft_record.sequence := _sequence;
        END
    $$;

CREATE FUNCTION draft_operations(_draft text, _after integer)
    RETURNS TABLE (op text, sequence integer, sealed bytea, recorded text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT o.op, o.sequence, o.sealed, o.recorded FROM operation AS o
            WHERE o.draft = _draft AND o.sequence > _after AND my_role() = 'manager' ORDER BY o.sequence;
        END
    $$;

CREATE FUNCTION draft_files(_draft text) RETURNS TABLE (place integer, head bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT f.place, f.head FROM draft_attachment AS f
            WHERE f.draft = _draft AND my_role() = 'manager' ORDER BY f.place;
        END
    $$;

CREATE FUNCTION draft_file(_draft text, _place integer) RETURNS TABLE (sealed bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT f.sealed FROM draft_attachment AS f
            WHERE f.draft = _draft AND f.place = _place AND my_role() = 'manager';
        END
    $$;

CREATE FUNCTION draft_put(_draft text, _place integer, _head bytea, _sealed bytea, _told text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM draft_last(_draft);
            INSERT INTO draft_attachment (draft, place, head, sealed, added)
            VALUES (_draft, _place, _head, _sealed, moment(_told));
        END
    $$;

CREATE FUNCTION draft_close(_draft text, _submission text, _told text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        DECLARE
            _municipality text;
            _actor text;
        BEGIN
            PERFORM draft_last(_draft);
            SELECT d.municipality, d.actor INTO _municipality, _actor FROM draft AS d WHERE d.id = _draft;
            INSERT INTO closed_draft (draft, submission, closed, municipality, actor)
            VALUES (_draft, _submission, moment(_told), _municipality, _actor);
            DELETE FROM draft_attachment AS f WHERE f.draft = _draft;
            DELETE FROM operation AS o WHERE o.draft = _draft;
            DELETE FROM draft AS d WHERE d.id = _draft;
        END
    $$;

CREATE FUNCTION draft_closed(_draft text) RETURNS TABLE (submission text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT c.submission FROM closed_draft AS c WHERE c.draft = _draft;
        END
    $$;
