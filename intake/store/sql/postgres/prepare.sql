-- What the database itself must be like before there is a table. Run by its administrator, again and again if need be.
--
-- A login of ours may call our functions and read the catalogue, and make nothing: no table, not even a temporary one,
-- no function, no operator that would look on while rows are filtered, no large object, no lock that others would feel.

REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database"
    TO :"manager", :"evaluator", :"publisher", :"auditor", :"protection", :"administrator";
ALTER DATABASE :"database" SET idle_in_transaction_session_timeout = '60s';  -- a forgotten writer holds up all others
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE USAGE ON LANGUAGE sql, plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE sql, plpgsql TO :"owner";
CREATE SCHEMA IF NOT EXISTS lotsenbuch AUTHORIZATION :"owner";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Large objects are in no schema; advisory locks and statistics would say what others do; files are nobody's business.
DO $$
DECLARE
    name regprocedure;
BEGIN
    FOR name IN
        SELECT p.oid::regprocedure FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND p.proname ~ '^(lo_|lowrite$|loread$|pg_(try_)?advisory_|pg_stat_get_|pg_notify$|pg_ls_|pg_read_)'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
    FOR name IN
        SELECT p.oid::regprocedure FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND p.proname ~ '^pg_(table|indexes|relation|total_relation|database|tablespace)_size$'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
END
$$;
