import { expect, test } from "vitest";

import { completed, foundIn, nameOf, quoted } from "../src/model/names";

const table = (schema: string, name: string, ...columns: string[]) => ({
  schema,
  name,
  columns: columns.map((each) => ({ name: each, type: "text", nullable: true })),
  primary_key: [],
});
const TABLES = [table("main", "users", "id", "e-mail"), table("finance", "Invoices", "id", "user_id"), table("main", "plans", "id")];
const found = (letters: string) =>
  [...foundIn(TABLES, letters)].map(([schema, tables]) => [schema, tables.map((each) => [each.table.name, each.columns.map(({ name }) => name)])]);

test("a name is quoted where SQL would not take it as it is", () => {
  expect(["users", "Users", "e-mail", 'a"b'].map((name) => quoted(name))).toEqual(["users", '"Users"', '"e-mail"', '"a""b"']);
  expect(TABLES.map((each) => nameOf(each))).toEqual(["main.users", 'finance."Invoices"', "main.plans"]);
});

test("a name is quoted in the way of its source", () => {
  expect(["users", "CustomerName", "a`b"].map((name) => quoted(name, "``"))).toEqual(["users", "`CustomerName`", "`a``b`"]);
  expect(["Order Lines", "a]b"].map((name) => quoted(name, "[]"))).toEqual(["[Order Lines]", "[a]]b]"]);
  expect(nameOf(table("finance", "Invoices"), "``")).toEqual("finance.`Invoices`");
});

test("tables are completed by their exact names", () => {
  expect(completed([table("", "Users", "Id"), table("main", "a.b", "id")])).toEqual({ Users: ["Id"], "main.a\\.b": ["id"] });
});

test("tables stand by their schema, all of them while nothing is looked for", () => {
  expect(found(" ")).toEqual([
    ["main", [["users", ["id", "e-mail"]], ["plans", ["id"]]]],
    ["finance", [["Invoices", ["id", "user_id"]]]],
  ]);
});

test("letters find tables with all their columns, and columns alone", () => {
  expect(found("USER")).toEqual([
    ["main", [["users", ["id", "e-mail"]]]],
    ["finance", [["Invoices", ["user_id"]]]],
  ]);
  expect(found("finance.")).toEqual([["finance", [["Invoices", ["id", "user_id"]]]]]);
  expect(found("nothing")).toEqual([]);
});
