import { expect, test } from "vitest";

import { namingOf, toldOf, withAlert } from "../src/alerts/naming";

test("what names an alert says what it is told of, and the other way round", () => {
  expect(toldOf([])).toEqual({ way: "nothing", files: [] });
  expect(toldOf(["syncs/invoices"])).toEqual({ way: "some", files: ["syncs/invoices"] });
  expect(toldOf(["project", "syncs/invoices"])).toEqual({ way: "everything", files: ["syncs/invoices"] });
  for (const named of [[], ["syncs/invoices"], ["project", "syncs/invoices"]]) expect(namingOf(toldOf(named))).toEqual(named);
  expect(namingOf({ way: "nothing", files: ["syncs/invoices"] })).toEqual([]);
});

test("an alert is added to those that a file names, once, and taken out of them", () => {
  const values = { model: "invoices", alerts: "desk" };
  expect(withAlert(values, "team", true)).toEqual({ model: "invoices", alerts: ["desk", "team"] });
  expect(withAlert({ alerts: ["team", "desk"] }, "team", true)).toEqual({ alerts: ["team", "desk"] });
  expect(withAlert({ alerts: ["team", "desk"] }, "team", false)).toEqual({ alerts: ["desk"] });
  expect(withAlert({ model: "invoices", alerts: ["team"] }, "team", false)).toEqual({ model: "invoices" });
});
