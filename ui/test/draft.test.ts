import { expect, test } from "vitest";

import { beginning, type Field, inside, ofObject, originOf, proposedName, said, unset, withKey, withOrigin, withSaid } from "../src/sync/draft";

const field = (more: Partial<Field>): Field =>
  ({ name: "Name", kind: "text", required: false, choices: [], fields: [], max_length: null, clearable: true, ...more }) as Field;

test.each([
  ["column", "email"],
  ["column", { column: "email", when_null: "clear" }],
  ["value", { value: "MOBILE" }],
  ["template", { template: "{{ a }}" }],
  ["list", [{ PhoneNumber: "phone" }]],
  ["each", { each: "lines", fields: {} }],
  ["object", { Name: "name" }],
] as const)("the origin %s is known by how it is written", (origin, spec) => expect(originOf(spec)).toBe(origin));

test("a column alone is written as its bare name", () => {
  expect(withSaid("email", "when_null", "clear")).toEqual({ column: "email", when_null: "clear" });
  expect(withSaid({ column: "email", when_null: "clear" }, "when_null", undefined)).toBe("email");
  expect(withSaid("email", "column", "mail")).toBe("mail");
});

test("another origin keeps how null is treated, where that has a meaning", () => {
  const spec = { column: "email", when_null: "clear", only_on_create: true };
  expect(withOrigin(spec, "template")).toEqual({ template: "", when_null: "clear", only_on_create: true });
  expect(withOrigin(spec, "value")).toEqual({ value: "", only_on_create: true });
  expect(withOrigin({ value: "x" }, "column")).toBe("");
});

test("what a mapping says is text, and nothing where it says nothing", () => {
  expect(said("email", "column")).toBe("email");
  expect(said({ value: false }, "value")).toBe("false");
  expect(said({ value: null }, "value")).toBe("");
  expect(said([], "value")).toBe("");
});

test("a key goes with its value", () => {
  expect(withKey({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
  expect(withKey({ a: 1 } as Record<string, unknown>, "b", 2)).toEqual({ a: 1, b: 2 });
});

test("a field begins with what it requires, and chooses nothing unasked where it is not there", () => {
  const type = field({ name: "Type", required: true, choices: ["ACCREC", "ACCPAY"] });
  const lines = field({ kind: "list", fields: [type, field({ name: "Description" })] });
  expect(beginning(lines)).toEqual([{ Type: { value: "ACCREC" } }]);
  expect(beginning(field({ kind: "object", fields: [type] }))).toEqual({ Type: { value: "ACCREC" } });
  expect(unset(lines)).toEqual([]);
  expect(unset(type)).toEqual({ value: "" });
  expect(unset(field({}))).toBe("");
});

test("the columns of lines stand in a column", () => {
  const line = { name: "price", type: "decimal", inside: [] };
  const columns = [{ name: "lines", type: "json", inside: [line] }] as never;
  expect(inside(columns, "lines")).toEqual([line]);
  expect(inside(columns, "none")).toEqual([]);
});

test("a sync is called by what becomes what, and as none is called yet", () => {
  expect(proposedName({}, [])).toBe("");
  expect(proposedName({ model: "orders" }, [])).toBe("");
  expect(proposedName({ model: "orders", object: "credit-notes" }, ["other"])).toBe("orders to credit notes");
  expect(proposedName({ model: "users", object: "contacts" }, ["users-to-contacts"])).toBe("users to contacts 2");
  expect(proposedName({ model: "users", object: "contacts" }, ["users-to-contacts-2", "users-to-contacts"])).toBe("users to contacts 3");
});

test("another object takes its mode with it, where that has to be said", () => {
  const draft = { model: "paid", object: "contacts", match: { Name: "name" }, fields: { Name: "name" }, schedule: { every: "1h" } };
  const payments = ofObject(draft, { name: "payments", mode: "insert" });
  expect(payments).toEqual({ model: "paid", object: "payments", mode: "insert", schedule: { every: "1h" } });
  expect(ofObject(payments, { name: "items", mode: null })).toEqual({ model: "paid", object: "items", schedule: { every: "1h" } });
});
