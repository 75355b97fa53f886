-- The sample warehouse. Everything follows from ids by integer arithmetic, so that any machine and any
-- version of DuckDB makes the same rows; hash() and random() promise nothing of that kind.
-- Given: the variable `users` and the word lists as views (place from 0, and what sample_data.py says).

-- A number from 0 to 2,147,483,646 that looks random but is always the same for an id and a salt.
CREATE TEMP MACRO mixed(n, salt) AS (n::BIGINT * 48271 + salt::BIGINT * 69621) % 2147483647;
CREATE TEMP MACRO squared(n, salt) AS (n * n + salt) % 2147483647;
CREATE TEMP MACRO roll(id, salt) AS squared(squared(mixed(id, salt), salt) + id, salt) % 2147483647;

-- Digits in the places of a pattern: one for "@", three for "###".
CREATE TEMP MACRO digits(pattern, number) AS replace(
    replace(pattern, '###', lpad((number % 1000)::VARCHAR, 3, '0')),
    '@', (number // 1000 % 10)::VARCHAR
);

CREATE TABLE accounts AS
SELECT code, name, type, tax_type FROM account_list ORDER BY place;

CREATE TABLE plans AS
SELECT place + 1 AS id, code, name, (cents * 0.01)::DECIMAL(12, 2) AS price_per_seat, 'month' AS billed_every
FROM plan_list ORDER BY place;

CREATE TABLE products AS
SELECT place + 1 AS id, code, name, (price * 0.0001)::DECIMAL(12, 4) AS unit_price, account AS account_code
FROM product_list ORDER BY place;

-- Five users a company, on average. 77,773 and the number of names, 216,000, have no common divisor, so no
-- name comes twice.
CREATE TEMP TABLE companies AS
WITH chosen AS (
    SELECT
        id,
        id * 77773 % 216000 AS words,
        roll(id, 11) % (SELECT count(*) FROM place_list) AS place,
        roll(id, 12) AS address,
        roll(id, 13) AS tax,
        CASE WHEN id % 15 = 7 THEN id // 15 % (SELECT count(*) FROM special_list) END AS special
    FROM (SELECT range AS id FROM range(1, getvariable('users')::BIGINT // 5 + 2))
)
SELECT
    chosen.id,
    CASE
        WHEN special_list.name IS NULL THEN concat_ws(' ', a.word, b.word, c.word)
        ELSE concat(special_list.name, ' ', chosen.id)
    END AS name,
    CASE
        WHEN special_list.name IS NULL THEN concat(a.letters, b.letters, c.letters, '.example')
        ELSE concat('company', chosen.id, '.example')
    END AS domain,
    concat(1 + address % 240, ' ', street_list.word, CASE WHEN address % 3 = 0 THEN ' Road' ELSE ' Street' END)
        AS street,
    city,
    nullif(region, '') AS region,
    nullif(digits(postal_code, address), '') AS postal_code,
    country,
    country_code,
    area_code,
    digits(tax_number, tax) AS tax_number,
    currency
FROM chosen
JOIN company_first AS a ON a.place = words % 60
JOIN company_second AS b ON b.place = words // 60 % 60
JOIN company_third AS c ON c.place = words // 3600
JOIN place_list ON place_list.place = chosen.place
JOIN street_list ON street_list.place = address // 240 % (SELECT count(*) FROM street_list)
LEFT JOIN special_list ON special_list.place = special;

-- The names are walked through in steps of a prime, so that each comes once.
CREATE TABLE users AS
WITH chosen AS (
    SELECT
        id,
        id * 769231 % ((SELECT count(*) FROM first_names) * 26 * (SELECT count(*) FROM last_names)) AS words,
        1 + (id - 1) % (getvariable('users')::BIGINT // 5 + 1) AS company_id,
        roll(id, 21) % 100 AS of_plan,
        roll(id, 22) AS phone,
        roll(id, 23) % 100 AS of_contact,
        roll(id, 24) AS moment
    FROM (SELECT range AS id FROM range(1, getvariable('users')::BIGINT + 1))
),
named AS (
    SELECT
        chosen.*,
        f.word AS first_name,
        chr((65 + words // (SELECT count(*) FROM first_names) % 26)::INTEGER) AS middle,
        l.word AS last_name,
        concat(f.letters, '.', l.letters) AS letters
    FROM chosen
    JOIN first_names AS f ON f.place = words % (SELECT count(*) FROM first_names)
    JOIN last_names AS l ON l.place = words // ((SELECT count(*) FROM first_names) * 26)
)
SELECT
    named.id,
    concat(first_name, ' ', middle, '. ', last_name) AS name,
    first_name,
    last_name,
    CASE WHEN of_contact >= 3 THEN concat(letters, named.id, '@', domain) END AS email,
    CASE WHEN of_contact < 92 THEN country_code END AS phone_country,
    CASE WHEN of_contact < 92 THEN area_code END AS phone_area,
    CASE WHEN of_contact < 92 THEN concat('555 ', lpad((phone % 10000)::VARCHAR, 4, '0')) END AS phone_number,
    companies.name AS company,
    street,
    city,
    region,
    postal_code,
    country,
    tax_number,
    CASE
        WHEN of_plan < 40 THEN 'starter' WHEN of_plan < 75 THEN 'team' WHEN of_plan < 95 THEN 'business'
        ELSE 'enterprise'
    END AS plan,
    -- From January 2021 to October 2026, in the order of the ids.
    to_timestamp(1609711200 + named.id * 183000000 // getvariable('users')::BIGINT + moment % 3600)
        AS created_at,
    roll(named.id, 25) % 100 < 92 AS active
FROM named
JOIN companies ON companies.id = company_id
ORDER BY named.id;

CREATE TABLE subscriptions AS
SELECT
    id,
    id AS user_id,
    plan,
    1 + roll(id, 31) % CASE plan WHEN 'starter' THEN 3 WHEN 'team' THEN 15 ELSE 120 END AS seats,
    created_at::DATE AS started_on,
    CASE WHEN NOT active THEN created_at::DATE + (30 + roll(id, 32) % 300)::INTEGER END AS ended_on,
    CASE WHEN active THEN 'active' ELSE 'cancelled' END AS status
FROM users
WHERE roll(id, 33) % 100 < 85
ORDER BY id;

-- One to three invoices a subscription, thirty days apart.
CREATE TEMP TABLE heads AS
SELECT
    s.id * 4 + turn AS id,
    s.id AS subscription_id,
    s.started_on + (turn * 30)::INTEGER AS issued_on,
    s.plan,
    s.seats,
    u.country = 'New Zealand' AS domestic,
    p.currency,
    roll(s.id * 4 + turn, 41) % 100 AS fate
FROM subscriptions AS s
JOIN users AS u ON u.id = s.user_id
JOIN (SELECT DISTINCT country, currency FROM place_list) AS p ON p.country = u.country
JOIN (SELECT range AS turn FROM range(0, 3)) ON turn <= roll(s.id, 42) % 3
WHERE s.started_on + (turn * 30)::INTEGER <= DATE '2026-10-31';

CREATE TABLE invoice_lines AS
WITH planned AS (
    SELECT
        heads.id AS invoice_id,
        line_no,
        seats,
        domestic,
        roll(heads.id * 4 + line_no, 51) AS amount_of,
        CASE
            WHEN line_no = 1 THEN concat('PLAN-', upper(heads.plan))
            ELSE (['API-CALLS', 'STORAGE', 'SUPPORT', 'TRAINING'])[1 + roll(heads.id, 50 + line_no) % 4]
        END AS product_code
    FROM heads
    JOIN (SELECT range AS line_no FROM range(1, 4)) ON line_no <= 1 + roll(heads.id, 52) % 3
),
priced AS (
    SELECT
        planned.*,
        products.name AS description,
        unit_price,
        account_code,
        CASE
            WHEN line_no = 1 THEN seats * 1.0000
            WHEN product_code IN ('SUPPORT', 'TRAINING') THEN (1 + amount_of % 16) * 0.2500
            ELSE (1000 + amount_of % 5000000) * 0.0010
        END::DECIMAL(12, 4) AS quantity
    FROM planned
    JOIN products ON products.code = product_code
),
totalled AS (
    SELECT priced.*, round(quantity * unit_price, 2)::DECIMAL(12, 2) AS amount FROM priced
)
SELECT
    invoice_id * 4 + line_no AS id,
    invoice_id,
    line_no,
    product_code,
    description,
    quantity,
    unit_price,
    amount,
    CASE WHEN domestic THEN round(amount * 0.15, 2) ELSE 0 END::DECIMAL(12, 2) AS tax_amount,
    account_code,
    CASE WHEN domestic THEN 'OUTPUT2' ELSE 'ZERORATEDOUTPUT' END AS tax_type
FROM totalled
ORDER BY id;

CREATE TABLE invoices AS
WITH totals AS (
    SELECT invoice_id, sum(amount) AS subtotal, sum(tax_amount) AS tax FROM invoice_lines GROUP BY invoice_id
),
paid AS (
    SELECT
        heads.*,
        subtotal,
        tax,
        CASE WHEN fate < 60 THEN subtotal + tax WHEN fate < 70 THEN round((subtotal + tax) * 0.5, 2) ELSE 0 END
            AS amount_paid
    FROM heads
    JOIN totals ON totals.invoice_id = heads.id
)
SELECT
    id,
    concat('INV-', lpad(id::VARCHAR, 7, '0')) AS invoice_number,
    subscription_id AS user_id,
    subscription_id,
    issued_on,
    issued_on + 20 AS due_on,
    currency,
    CASE WHEN fate < 60 THEN 'paid' WHEN fate < 90 THEN 'authorised' WHEN fate < 96 THEN 'draft' ELSE 'voided' END
        AS status,
    CASE WHEN id % 3 = 0 THEN concat('PO ', 10000 + roll(id, 61) % 90000) END AS reference,
    subtotal::DECIMAL(12, 2) AS subtotal,
    tax::DECIMAL(12, 2) AS tax,
    (subtotal + tax)::DECIMAL(12, 2) AS total,
    amount_paid::DECIMAL(12, 2) AS amount_paid
FROM paid
ORDER BY id;

CREATE TABLE payments AS
SELECT
    id,
    id AS invoice_id,
    issued_on + (3 + roll(id, 71) % 40)::INTEGER AS paid_on,
    amount_paid AS amount,
    currency,
    concat('PAY-', invoice_number) AS reference,
    '090' AS account_code
FROM invoices
WHERE amount_paid > 0
ORDER BY id;
