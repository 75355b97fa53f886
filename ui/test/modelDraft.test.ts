import { expect, test } from "vitest";

import { draftOf, EMPTY, isSameOrigin, keyOf, linesOf, valuesOf, withOrigin } from "../src/model/draft";

const DBT = { source: "w", dbt: { model: "customers", job: 7, tests: "ignore" }, primary_key: "id" };

test.each([
  ["a query", { source: "w", primary_key: "id", sql: "SELECT 1" }],
  ["a table", { source: "w", primary_key: ["a", "b"], table: "shop.users" }],
  ["a dbt model", { source: "w", primary_key: "id", dbt: { model: "customers", target: "dbt/target" } }],
  ["one of a job", { source: "w", primary_key: "id", dbt: { model: "customers", job: 7 } }],
  ["one in git", { source: "w", primary_key: "id", dbt: { model: "customers", git: "docs" } }],
  ["a Look", { source: "w", primary_key: "id", look: { url: "looks/42", looker: "l" } }],
  ["a Look that Looker reads", { source: "l", primary_key: "id", look: { url: "looks/42" } }],
])("what a file says of %s is read and written alike", (_, values) => {
  const draft = draftOf(values);
  expect(valuesOf(draft, keyOf(values))).toEqual(values);
  expect(withOrigin(values, draft)).toEqual(values);
});

test("another origin leaves what else the file says, in its order", () => {
  const values = { description: "d", source: "w", table: "users", primary_key: ["id"], lines: { order_by: "n", columns: ["x"] } };
  const now = withOrigin(values, { ...draftOf(values), method: "sql", sql: "SELECT 1" });
  expect(Object.entries(now)).toEqual([
    ["description", "d"],
    ["source", "w"],
    ["primary_key", ["id"]],
    ["lines", { order_by: "n", columns: ["x"] }],
    ["sql", "SELECT 1"],
  ]);
  expect(isSameOrigin(values, now)).toBe(false);
  expect(isSameOrigin(values, { ...values, description: "e" })).toBe(true);
});

test("another model of dbt keeps how its tests are taken, another place replaces the former", () => {
  expect(withOrigin(DBT, { ...draftOf(DBT), dbt: "orders" }).dbt).toEqual({ model: "orders", job: 7, tests: "ignore" });
  expect(withOrigin(DBT, { ...draftOf(DBT), target: "s3://b/t" }).dbt).toEqual({ model: "customers", target: "s3://b/t", tests: "ignore" });
});

test("what was written under another method is there when it is chosen again", () => {
  const was = { ...EMPTY, sql: "SELECT 1" };
  expect(draftOf({ source: "w", table: null }, was)).toMatchObject({ method: "table", table: null, sql: "SELECT 1" });
});

test("a column alone stands for a list of one", () => {
  expect(linesOf({ lines: { order_by: "n", columns: ["x"] } })).toEqual({ order_by: ["n"], columns: ["x"] });
  expect(linesOf({})).toBeNull();
  expect(keyOf({ primary_key: "id" })).toEqual(["id"]);
});
