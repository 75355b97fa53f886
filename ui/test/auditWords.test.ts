import { expect, test } from "vitest";

import { endOf, moreOf, planOf, whatOf } from "../src/pages/settings/auditWords";

const entry = { action: "run.approve", target: "syncs/bills", about: "bills", before: null, after: null, outcome: "done" };

test("an approval says the sums that were seen, and leads to its plan", () => {
  const before = { wishes: { plan: "p1", approved: true }, sums: { NZD: "1500.00", USD: "3.00" } };
  expect(whatOf(entry)).toBe("Approved a plan of sync");
  expect(moreOf({ ...entry, before })).toBe("1500.00 NZD, 3.00 USD");
  expect(planOf({ ...entry, before })).toBe("p1");
  expect(planOf(entry)).toBeUndefined();
});

test("an invitation says the role, a change of a person only a change of it", () => {
  expect(moreOf({ ...entry, action: "link.make", after: { email: "a@b.nz", role: "approver" } })).toBe("as approver");
  const person = { ...entry, action: "person.change", before: { role: "viewer" } };
  expect(moreOf({ ...person, after: { role: "editor" } })).toBe("now editor");
  expect(moreOf({ ...person, after: { role: "viewer" } })).toBe("");
});

test("what did not happen is told from what did", () => {
  expect(endOf(entry)).toBeNull();
  expect(endOf({ ...entry, outcome: "project_invalid" })?.text).toBe("refused");
  expect(endOf({ ...entry, outcome: "begun" })?.text).toMatch(/not known/);
});

test("what it was done to is called by its kind, once", () => {
  expect(whatOf({ ...entry, action: "file.create", target: "models/a" })).toBe("Created model");
  expect(whatOf({ ...entry, action: "sync.rename" })).toBe("Renamed sync");
  expect(whatOf({ ...entry, action: "link.make", target: "links/1" })).toBe("Made an invitation link for");
});

test("an action without words says its code", () => expect(whatOf({ ...entry, action: "new.thing", target: "secrets/A" })).toBe("new.thing"));
