-- One SELECT, in the source's own SQL. Every row becomes one contact in Xero.
SELECT
    *
FROM
    users
