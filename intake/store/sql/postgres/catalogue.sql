-- What the catalogue is asked, one question for each kind of fact: its name, and what is so (see `catalogue.py`).
--
-- `@made` stands for schemas that somebody made, `@acl(list, kind, owner)` for privileges that were granted, without
-- those of the owner; a missing list stands for the default one.

-- == schema
SELECT n.nspname, concat_ws('; ', 'owner ' || r.rolname, @acl(n.nspacl, n, n.nspowner))
FROM pg_namespace AS n JOIN pg_roles AS r ON r.oid = n.nspowner WHERE @made

-- == database
SELECT 'this one', @acl(d.datacl, d, d.datdba) FROM pg_database AS d WHERE d.datname = current_database()

-- == relation
SELECT n.nspname || '.' || c.relname, concat_ws('; ', c.relkind, c.relpersistence, 'owner ' || r.rolname,
       CASE WHEN c.relrowsecurity THEN 'row security' ELSE 'no row security' END,
       CASE WHEN c.relforcerowsecurity THEN 'forced' ELSE 'not forced' END, c.reloptions::text,
       CASE WHEN c.relkind = 'S' THEN @acl(c.relacl, s, c.relowner)
            ELSE @acl(c.relacl, r, c.relowner) END)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_roles AS r ON r.oid = c.relowner
WHERE @made AND c.relkind <> 'i'

-- == column
SELECT n.nspname || '.' || c.relname || '.' || a.attname, concat_ws('; ', format_type(a.atttypid, a.atttypmod),
       CASE WHEN a.attnotnull THEN 'not null' END, nullif(a.attidentity, ''),
       pg_get_expr(d.adbin, d.adrelid),
       CASE WHEN a.attacl IS NULL THEN '' ELSE @acl(a.attacl, c, c.relowner) END)
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE @made AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped

-- == constraint
SELECT n.nspname || '.' || c.relname || '.' || k.conname,
       pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' not validated' END
FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE @made AND k.contype <> 'n'

-- == index
SELECT n.nspname || '.' || c.relname,
       pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE @made

-- == policy
SELECT n.nspname || '.' || c.relname || '.' || p.polname, concat_ws('; ', p.polcmd,
       CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
       (SELECT string_agg(coalesce(r.rolname, 'PUBLIC'), ', ' ORDER BY r.rolname COLLATE "C")
        FROM unnest(p.polroles) AS u (oid) LEFT JOIN pg_roles AS r ON r.oid = u.oid),
       'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE @made

-- == trigger
SELECT n.nspname || '.' || c.relname || '.' || CASE WHEN t.tgisinternal THEN coalesce(k.conname, '') || ' '
       || t.tgtype::text ELSE t.tgname END, concat_ws('; ', 'enabled ' || t.tgenabled::text,
       CASE WHEN NOT t.tgisinternal THEN pg_get_triggerdef(t.oid) END)
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint AS k ON k.oid = t.tgconstraint
WHERE @made

-- == rule
SELECT n.nspname || '.' || c.relname || '.' || w.rulename,
       'enabled ' || w.ev_enabled::text || '; ' || pg_get_ruledef(w.oid)
FROM pg_rewrite AS w JOIN pg_class AS c ON c.oid = w.ev_class JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE @made

-- == child
SELECT i.inhrelid::regclass::text, 'of ' || n.nspname || '.' || c.relname
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhparent JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE @made AND c.relkind <> 'i'

-- == function
SELECT n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       concat_ws('; ', 'owner ' || r.rolname, l.lanname, pg_get_function_result(p.oid),
       'volatility ' || p.provolatile::text,
       CASE WHEN p.prosecdef THEN 'as owner' ELSE 'as caller' END,
       CASE WHEN p.proleakproof THEN 'leakproof' END, p.proconfig::text,
       'body ' || encode(sha256(convert_to(p.prosrc || coalesce(pg_get_function_sqlbody(p.oid), ''), 'UTF8')), 'hex'),
       @acl(p.proacl, f, p.proowner))
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace JOIN pg_roles AS r ON r.oid = p.proowner
JOIN pg_language AS l ON l.oid = p.prolang WHERE @made

-- == language
SELECT l.lanname, @acl(l.lanacl, l, l.lanowner) FROM pg_language AS l

-- == built-in function that says or keeps too much
SELECT p.oid::regprocedure::text, 'PUBLIC execute'
FROM pg_proc AS p
JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a ON a.grantee = 0
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (
      p.proname ~ '^(lo_|lowrite$|loread$|pg_(try_)?advisory_|pg_stat_get_|pg_notify$|pg_ls_|pg_read_)'
      OR p.proname ~ '^pg_(table|indexes|relation|total_relation|database|tablespace)_size$')

-- == default privileges
SELECT r.rolname || ' ' || d.defaclobjtype::text || ' ' || coalesce(n.nspname, '*'), coalesce((
       SELECT string_agg(coalesce(g.rolname, 'PUBLIC') || ' ' || lower(a.privilege_type), ', '
                         ORDER BY g.rolname COLLATE "C", a.privilege_type)
       FROM aclexplode(d.defaclacl) AS a LEFT JOIN pg_roles AS g ON g.oid = a.grantee), '')
FROM pg_default_acl AS d JOIN pg_roles AS r ON r.oid = d.defaclrole
LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace

-- == something else that was made
SELECT * FROM (
    SELECT 'extension ' || extname, extversion FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL SELECT 'event trigger ' || evtname, evtevent FROM pg_event_trigger
    UNION ALL SELECT 'foreign server ' || srvname, '' FROM pg_foreign_server
    UNION ALL SELECT 'foreign data wrapper ' || fdwname, '' FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'publication ' || pubname, '' FROM pg_publication
    UNION ALL SELECT 'cast ' || oid::text, '' FROM pg_cast WHERE oid >= 16384
    UNION ALL SELECT 'operator ' || o.oid::regoperator::text, '' FROM pg_operator AS o
        JOIN pg_namespace AS n ON n.oid = o.oprnamespace WHERE @made
    UNION ALL SELECT 'type ' || n.nspname || '.' || t.typname, '' FROM pg_type AS t
        JOIN pg_namespace AS n ON n.oid = t.typnamespace
        WHERE @made AND t.typrelid = 0 AND t.typelem = 0
    UNION ALL SELECT 'large object ' || oid::text, '' FROM pg_largeobject_metadata
    UNION ALL SELECT 'statistics ' || stxname, '' FROM pg_statistic_ext
) AS made (name, detail)

-- == role
SELECT r.rolname, concat_ws('; ', CASE WHEN r.rolsuper THEN 'superuser' END,
       CASE WHEN r.rolbypassrls THEN 'bypasses row security' END, CASE WHEN r.rolcreaterole THEN 'makes roles' END,
       CASE WHEN r.rolcreatedb THEN 'makes databases' END, CASE WHEN r.rolreplication THEN 'replicates' END,
       CASE WHEN r.rolcanlogin THEN 'login' ELSE 'no login' END, CASE WHEN NOT r.rolinherit THEN 'inherits not' END,
       (SELECT 'member of ' || string_agg(g.rolname || CASE WHEN m.admin_option THEN '*' ELSE '' END, ', '
                                          ORDER BY g.rolname COLLATE "C")
        FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid WHERE m.member = r.oid))
FROM pg_roles AS r
WHERE r.rolname = ANY (%(names)s) OR EXISTS (
    SELECT 1 FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
    WHERE m.member = r.oid AND g.rolname = ANY (%(groups)s))

-- == setting of a role or the database
SELECT coalesce(r.rolname, 'everybody') || CASE WHEN d.oid IS NULL THEN '' ELSE ' in this database' END, s.setconfig::text
FROM pg_db_role_setting AS s LEFT JOIN pg_roles AS r ON r.oid = s.setrole
LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
WHERE (s.setdatabase = 0 OR d.datname = current_database())
  AND (s.setrole = 0 OR r.rolname = ANY (%(names)s))
