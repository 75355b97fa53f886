import { expect, test } from "vitest";

import { inApp, remedyOf, valuesOf, waysOf } from "../src/parts/remedies";

test("a remedy without a command is said as it is", () => {
  expect(remedyOf("key_null", "Filter such rows out.")).toBe("Filter such rows out.");
});

test("a remedy that names a command is said for the app", () => {
  const says = remedyOf("booking_uncertain", "It waits: `bookward settle SYNC` shows the records.");
  expect(says).toMatch(/^Look in Xero/);
  expect(remedyOf("guard_tripped", "Look at it with `bookward plan a --show 1`.")).toMatch(/^Look at the plan that waits/);
});

test.each([
  ["Ask for it with `bookward retry`.", "Ask for it with Retry under the rows of the sync."],
  ["Run `bookward connect xero` to sign in.", "Press Connect on the page of the destination to sign in."],
  ["Sign in again: `bookward connect xero`.", "Sign in again: the button on the page of the destination."],
  ["Correct it; `bookward preview` tries it.", "Correct it; Preview on the page of the model tries it."],
  ["`bookward rows 7 --rejected` shows them.", "The page of the run shows them."],
  ["Wait; `bookward history` shows it.", "Wait; the page Runs shows it."],
  ["Open it, or run `bookward connect` there.", "Open it, or run `bookward connect` there."],
  ["Say `bookward run users --new-key`.", "Say `bookward run users --new-key`."],
])("%s is said as: %s", (said, says) => {
  expect(remedyOf("new_code", said)).toBe(says);
});

test("what stands in a file is in the settings of a form", () => {
  expect(inApp("Check user and password in the source's file.")).toBe("Check user and password in the source's settings.");
});

test("the ways lead to what there is, and to what one may do", () => {
  const texts = (whose: object) => waysOf("field_invalid", whose as never).map(({ text }) => text);
  expect(texts({ sync: "s", model: "users", mayEdit: true })).toEqual(["Mapping", "Model users"]);
  expect(texts({ sync: "s", mayEdit: false })).toEqual([]);
  expect(waysOf("unheard_of", { sync: "s", mayEdit: true })).toEqual([]);
});

test("a way into the books leads to where the destination has them, and nowhere while that is not known", () => {
  const ways = (books?: string) => waysOf("record_archived", { sync: "s", books, mayEdit: false }).map(({ to }) => to);
  expect(ways("http://127.0.0.1:8085/")).toEqual(["http://127.0.0.1:8085/"]);
  expect(ways()).toEqual([]);
});

test("the values of a reason are told with how many rows have each", () => {
  expect(valuesOf({ values: { 205: 5, 210: 3 }, rows: 8 })).toBe("205 ×5, 210 ×3");
  expect(valuesOf({ values: { Acme: 2 }, rows: 9 })).toBe("Acme ×2, …");
});

test("what is looked up in vain may need another look-up in the sync", () => {
  const ways = waysOf("look_up_failed", { sync: "invoices", model: "sales", mayEdit: true });
  expect(ways.map(({ to, tab }) => `${to} ${tab ?? ""}`.trim())).toContain("/syncs/invoices mapping");
});
