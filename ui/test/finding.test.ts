import { expect, test } from "vitest";

import { found } from "../src/shell/finding";

const actions = [
  { group: "This project", actions: [{ id: "1", label: "nz-invoices", description: "sync" }, { id: "2", label: "users" }] },
  { group: "Add", actions: [{ id: "3", label: "Add sync", keywords: "new create" }] },
];
const ids = (query: string) => found(query, actions).flatMap((each) => ("actions" in each ? each.actions.map(({ id }) => id) : []));

test("words are found whatever stands between them, in any order", () => {
  expect(ids("nz inv")).toEqual(["1"]);
  expect(ids("invoices NZ")).toEqual(["1"]);
  expect(ids("sync")).toEqual(["1", "3"]);
});

test("other words for it find it, no words find all, and a group without anything is left out", () => {
  expect(ids("create")).toEqual(["3"]);
  expect(ids(" ")).toEqual(["1", "2", "3"]);
  expect(found("users", actions)).toHaveLength(1);
});
