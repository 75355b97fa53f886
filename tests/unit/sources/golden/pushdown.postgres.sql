-- model
SELECT ROW_NUMBER() OVER (ORDER BY NULL) AS "row", "id" AS "k0", "a ""b""" AS "k1", HASHTEXTEXTENDED(CAST(ROW("id", "a ""b""", "note", "doc", "raw", "flag", "moment") AS TEXT) COLLATE "C", 0) AS "hash", "id" AS "c0", "a ""b""" AS "c1", "note" AS "c2", "doc" AS "c3", "raw" AS "c4", "flag" AS "c5", "moment" AS "c6" FROM (
SELECT * FROM customers
) AS "model";
-- differing
SELECT "n"."k0" AS "n0", "n"."k1" AS "n1", "o"."k0" AS "o0", "o"."k1" AS "o1" FROM (SELECT "m"."k0", "m"."k1", SUM(CAST("m"."hash" AS DECIMAL(38, 0))) AS "hash" FROM "_bookward_model" AS "m" WHERE "m"."k0" IS NOT NULL AND "m"."k1" IS NOT NULL GROUP BY "m"."k0", "m"."k1") AS "n" FULL JOIN "bookward"."rows_of_it" AS "o" ON "n"."k0" = "o"."k0" AND "n"."k1" = "o"."k1" WHERE "n"."k0" IS NULL OR "o"."k0" IS NULL OR "o"."hash" IS NULL OR "n"."hash" <> "o"."hash";
-- counts
SELECT COUNT(*) - COUNT("n0") AS "gone", COALESCE(SUM(CASE WHEN NOT "n0" IS NULL AND NOT "o0" IS NULL THEN 1 ELSE 0 END), 0) AS "other" FROM "_bookward_differing";
-- staged, whole
SELECT "m"."row" - 1 AS "place", "m"."row" AS "row", "m"."k0", "m"."k1", "m"."hash" AS "hash" FROM "_bookward_model" AS "m";
-- staged
SELECT ROW_NUMBER() OVER (ORDER BY "s"."part", "s"."row") - 1 AS "place", "s"."row" AS "row", "s"."k0", "s"."k1", "s"."hash" AS "hash" FROM (SELECT 0 AS "part", "m"."row" AS "row", "m"."k0", "m"."k1", "m"."hash" AS "hash" FROM "_bookward_model" AS "m" JOIN "_bookward_differing" AS "d" ON "d"."n0" = "m"."k0" AND "d"."n1" = "m"."k1" UNION ALL SELECT 0 AS "part", "m"."row" AS "row", "m"."k0", "m"."k1", "m"."hash" AS "hash" FROM "_bookward_model" AS "m" WHERE NOT ("m"."k0" IS NOT NULL AND "m"."k1" IS NOT NULL) UNION ALL SELECT 1 AS "part", CAST(NULL AS BIGINT) AS "row", "d"."o0" AS "k0", "d"."o1" AS "k1", CAST(NULL AS BIGINT) AS "hash" FROM "_bookward_differing" AS "d" WHERE "d"."n0" IS NULL) AS "s";
-- read_rows
SELECT "m"."c0" AS "id", "m"."c1" AS "a ""b""", "s"."place" FROM "_bookward_model" AS "m" JOIN "bookward"."plan_1" AS "s" ON "s"."row" = "m"."row" ORDER BY "s"."place";
-- read_gone
SELECT "s"."k0" AS "id", "s"."k1" AS "a ""b""", "s"."place" FROM "bookward"."plan_1" AS "s" WHERE "s"."row" IS NULL ORDER BY "s"."place";
-- opened
SELECT "s"."place" AS "place", "r"."held" AS "held" FROM "bookward"."plan_1" AS "s" JOIN "bookward"."ranges_1" AS "r" ON "s"."place" BETWEEN "r"."first" AND "r"."last";
-- accepted
SELECT "s"."k0", "s"."k1", CASE WHEN COUNT("o"."place") = 0 THEN SUM(CAST("s"."hash" AS DECIMAL(38, 0))) END AS "hash" FROM "bookward"."plan_1" AS "s" LEFT JOIN "_bookward_open" AS "o" ON "o"."place" = "s"."place" WHERE "s"."k0" IS NOT NULL AND "s"."k1" IS NOT NULL GROUP BY "s"."k0", "s"."k1" HAVING (COUNT("o"."place") = 0 AND COUNT("s"."row") > 0) OR MAX(CASE WHEN "o"."held" THEN 1 ELSE 0 END) = 1;
-- left
SELECT "r"."k0", "r"."k1", "r"."hash" AS "hash" FROM "bookward"."rows_of_it" AS "r" WHERE NOT EXISTS(SELECT 1 FROM "bookward"."plan_1" AS "s" WHERE "s"."k0" = "r"."k0" AND "s"."k1" = "r"."k1");
-- leave
DELETE FROM "bookward"."rows_of_it" AS "r" WHERE EXISTS(SELECT 1 FROM "bookward"."plan_1" AS "s" WHERE "s"."k0" = "r"."k0" AND "s"."k1" = "r"."k1");
-- strays
INSERT INTO "bookward"."rows_of_it" ("k0", "k1", "hash") SELECT CAST("s"."k0" AS BIGINT) AS "k0", CAST("s"."k1" AS DATE) AS "k1", CAST(NULL AS DECIMAL(38, 0)) AS "hash" FROM "_bookward_strays" AS "s";
