-- What the data protection officer and the administrator do: logins, keys, erasure; and protected tables.
--
-- The officer holds the keys of every class to be able to replace them, and is given nothing to open with them: rows
-- with answers stay closed (0001). A manager of all municipalities may do the same. The administrator gives out and
-- ends logins and holds no key; into office lets only who is in office: what takes keys away needs none.

CREATE FUNCTION only_office(_administrator boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            IF NOT in_office() AND NOT coalesce(_administrator AND my_role() = 'administrator', false) THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            PERFORM writing();
        END
    $$;

-- A login without keys; whoever holds them gives them with `give_keys`.
CREATE FUNCTION add_login(_id text, _name text, _role text, _public bytea, _account text, _municipalities text[],
                          _told text)
    RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM only_office(_role <> 'protection' AND NOT (_role = 'manager' AND '*' = ANY (_municipalities)));
            IF EXISTS (SELECT 1 FROM login AS l WHERE l.account = _account AND l.removed IS NULL) THEN
                PERFORM refuse('store.account_taken', jsonb_build_object('account', _account));
            END IF;
            INSERT INTO login (id, name, role, public, account, added)
            VALUES (_id, _name, _role, _public, _account, moment(_told));
            INSERT INTO assignment (login, municipality)
            SELECT DISTINCT _id, u.name FROM unnest(_municipalities) AS u (name);
        END
    $$;

-- Whose rows a login sees from now on. Nobody does this for themselves.
CREATE FUNCTION assign(_login text, _municipalities text[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM only_office(NOT '*' = ANY (_municipalities) OR EXISTS (  -- also where it is not committed yet
                SELECT 1 FROM login AS l WHERE l.id = _login AND l.role <> 'manager'));
            IF _login = me() THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            DELETE FROM assignment AS a WHERE a.login = _login;
            INSERT INTO assignment (login, municipality)
            SELECT DISTINCT _login, u.name FROM unnest(_municipalities) AS u (name);
        END
    $$;

-- It sees nothing from this commit on. The keys it held are replaced by `rotate`.
CREATE FUNCTION end_login(_login text, _told text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM only_office(true);
            IF _login = me() THEN
                PERFORM refuse('store.own_login');
            END IF;
            UPDATE login AS l SET removed = moment(_told) WHERE l.id = _login AND l.removed IS NULL;
            IF NOT FOUND THEN
                PERFORM refuse('store.unknown_login');
            END IF;
        END
    $$;

CREATE FUNCTION give_keys(_login text, _names text[], _generations integer[], _wrapped bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM only_office(false);
            IF NOT EXISTS (SELECT 1 FROM login AS l WHERE l.id = _login AND l.removed IS NULL) THEN
                PERFORM refuse('store.unknown_login');
            END IF;
            INSERT INTO class_key (name, generation, login, wrapped)
            SELECT u.name, u.generation, _login, u.wrapped
            FROM unnest(_names, _generations, _wrapped) AS u (name, generation, wrapped);
        END
    $$;

-- Codes of logins and class keys; of others' only for who is in office.
CREATE FUNCTION vouchers() RETURNS TABLE (name text, code text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY SELECT v.name, v.code FROM voucher AS v WHERE me() IS NOT NULL;
        END
    $$;

CREATE FUNCTION vouch(_names text[], _codes text[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM only_office(false);
            INSERT INTO voucher (name, code) SELECT u.name, u.code FROM unnest(_names, _codes) AS u (name, code)
            ON CONFLICT (name) DO UPDATE SET code = excluded.code;
        END
    $$;

-- Which keys a login holds.
CREATE FUNCTION held_by(_login text) RETURNS TABLE (name text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT DISTINCT k.name FROM class_key AS k
            WHERE k.login = _login AND in_office();
        END
    $$;

-- Every subject's keys of some classes, to be wrapped anew.
CREATE FUNCTION key_rows(_names text[]) RETURNS TABLE (subject text, name text, generation integer, wrapped bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT k.subject, k.name, k.generation, k.wrapped FROM person_key AS k
            WHERE k.name = ANY (_names) AND in_office() ORDER BY k.subject, k.name;
        END
    $$;

CREATE FUNCTION draft_keys() RETURNS TABLE (draft text, wrapped bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT d.id, d.wrapped FROM draft AS d WHERE in_office() ORDER BY d.id;
        END
    $$;

-- New keys of classes: the old ones go in the same transaction. Every subject's key and every draft's must come along
-- wrapped anew; one that was left behind would be lost, so the whole is refused then.
CREATE FUNCTION rotate(_names text[], _generations integer[], _logins text[], _wrapped bytea[], _subjects text[],
                       _subject_names text[], _subject_wrapped bytea[], _drafts text[], _draft_wrapped bytea[])
    RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        DECLARE
            _rotated text[] := ARRAY(SELECT DISTINCT u.name FROM unnest(_names) AS u (name));
            _count bigint;
        BEGIN
            PERFORM only_office(false);
            IF EXISTS (SELECT 1 FROM unnest(_names, _generations) AS u (name, generation)
                       WHERE u.generation <> 1 + (
                           SELECT max(k.generation) FROM class_key AS k WHERE k.name = u.name)) THEN
                PERFORM refuse('store.keys_changed');
            END IF;
            DELETE FROM class_key AS k WHERE k.name = ANY (_rotated);
            INSERT INTO class_key (name, generation, login, wrapped)
            SELECT u.name, u.generation, u.login, u.wrapped
            FROM unnest(_names, _generations, _logins, _wrapped) AS u (name, generation, login, wrapped);
            UPDATE person_key AS k SET wrapped = u.wrapped, generation = g.generation
            FROM unnest(_subjects, _subject_names, _subject_wrapped) AS u (subject, name, wrapped)
            JOIN (SELECT DISTINCT n.name, n.generation FROM unnest(_names, _generations) AS n (name, generation)) AS g
              ON g.name = u.name
            WHERE k.subject = u.subject AND k.name = u.name;
            IF EXISTS (SELECT 1 FROM person_key AS k WHERE k.name = ANY (_rotated)
                       AND k.generation <> (SELECT max(c.generation) FROM class_key AS c WHERE c.name = k.name)) THEN
                PERFORM refuse('store.keys_changed');
            END IF;
            UPDATE draft AS d SET wrapped = u.wrapped, generation = d.generation + 1
            FROM unnest(_drafts, _draft_wrapped) AS u (draft, wrapped) WHERE d.id = u.draft;
            GET DIAGNOSTICS _count = ROW_COUNT;
            IF 'draft' = ANY (_rotated) AND _count <> (SELECT count(*) FROM draft) THEN
                PERFORM refuse('store.keys_changed');
            END IF;
            UPDATE setting AS s SET value = (s.value::integer + 1)::text WHERE s.name = 'rotations';
        END
    $$;

-- Takes keys of subjects away for good. What they sealed cannot be opened by anybody any more.
CREATE FUNCTION forget(_subjects text[], _names text[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM only_office(false);
            IF repeat('0', 32) = ANY (_subjects) THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            DELETE FROM person_key AS k WHERE k.subject = ANY (_subjects) AND k.name = ANY (_names);
            IF 'identity' = ANY (_names) THEN
                DELETE FROM person AS p WHERE p.subject = ANY (_subjects);
            END IF;
        END
    $$;

CREATE FUNCTION drop_drafts(_drafts text[], _told text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        BEGIN
            PERFORM only_office(false);
            INSERT INTO closed_draft (draft, submission, closed, municipality, actor)
            SELECT d.id, NULL, moment(_told), d.municipality, d.actor FROM draft AS d WHERE d.id = ANY (_drafts);
            DELETE FROM draft_attachment AS f WHERE f.draft = ANY (_drafts);
            DELETE FROM operation AS o WHERE o.draft = ANY (_drafts);
            DELETE FROM draft AS d WHERE d.id = ANY (_drafts);
        END
    $$;

-- A protected table, as it is printed, for whoever publishes.
-- Drafts that are about one of these codes.
CREATE FUNCTION drafts_about(_about bytea[]) RETURNS TABLE (draft text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT d.id FROM draft AS d WHERE d.about && _about AND in_office() ORDER BY d.id;
        END
    $$;

-- What was handed in about subjects, latest first, for finding drafts that revise it and where an erasure belongs.
CREATE FUNCTION submissions_of(_subjects text[])
    RETURNS TABLE (number bigint, submission text, municipality text, subject text)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT e.number, e.submission, e.municipality, e.subject FROM event AS e
            WHERE e.subject = ANY (_subjects) AND e.kind = 'submission' AND in_office() ORDER BY e.number DESC;
        END
    $$;

CREATE FUNCTION keep_table(_name text, _content bytea, _told text) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        DECLARE
            _number integer;
        BEGIN
            IF my_role() IS NULL OR my_role() <> ALL ('{manager, evaluator}') THEN
                PERFORM refuse('store.not_allowed');
            END IF;
            INSERT INTO safe_table (name, content, actor, made) VALUES (_name, _content, me(), moment(_told))
            RETURNING safe_table.number INTO _number;
            RETURN _number;
        END
    $$;

CREATE FUNCTION safe_tables() RETURNS TABLE (number integer, name text, made text, content bytea)
    LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on
    AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT t.number, t.name, t.made, t.content FROM safe_table AS t ORDER BY t.number;
        END
    $$;

-- --- who may call what; nobody else may

GRANT USAGE ON SCHEMA lotsenbuch TO :"manager", :"evaluator", :"publisher", :"auditor", :"protection", :"administrator";

GRANT EXECUTE ON FUNCTION
    me(), my_role(), my_municipalities(), in_office(), whoami(), class_keys(), vouchers(), logins(), form_rows(text),
    form_file(text, text), writing(), append, draw_moment(text)
    TO :"manager", :"evaluator", :"publisher", :"auditor", :"protection", :"administrator";

GRANT EXECUTE ON FUNCTION
    publish(text, text, text, text, text, bytea, text, text[], bytea[])
    TO :"manager", :"protection", :"administrator";

GRANT EXECUTE ON FUNCTION
    add_subject, add_keys, versions(text), carried(bigint[]),
    draft_rows(text), draft_begin,
    draft_last(text), draft_record, draft_operations(text, integer),
    draft_files(text), draft_file(text, integer), draft_put(text, integer, bytea, bytea, text),
    draft_close(text, text, text), draft_closed(text)
    TO :"manager";

GRANT EXECUTE ON FUNCTION
    find_person(bytea), persons(text[])
    TO :"manager", :"protection";

GRANT EXECUTE ON FUNCTION
    chosen(text, text, text), entries(bigint), files_of(text), file_content(bigint, integer),
    keep_table(text, bytea, text)
    TO :"manager", :"evaluator";

GRANT EXECUTE ON FUNCTION
    person_keys(text[]), content(bigint[])
    TO :"manager", :"evaluator", :"protection";

GRANT EXECUTE ON FUNCTION
    last_received(), heads()
    TO :"manager", :"evaluator", :"auditor", :"protection";

GRANT EXECUTE ON FUNCTION
    event_rows
    TO :"manager", :"auditor", :"protection";

GRANT EXECUTE ON FUNCTION
    evaluated
    TO :"evaluator";

GRANT EXECUTE ON FUNCTION
    add_login, assign(text, text[]), end_login(text, text)
    TO :"manager", :"protection", :"administrator";

GRANT EXECUTE ON FUNCTION
    give_keys, vouch(text[], text[]), held_by(text), key_rows(text[]), draft_keys(), rotate, forget(text[], text[]),
    drop_drafts(text[], text), drafts_about(bytea[]), submissions_of(text[])
    TO :"manager", :"protection";

GRANT EXECUTE ON FUNCTION
    safe_tables()
    TO :"manager", :"evaluator", :"publisher";
