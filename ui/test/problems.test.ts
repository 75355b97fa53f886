import { expect, test } from "vitest";

import { Refusal } from "../src/api/client";
import { aboutName, atFields, labelOf, placeOf, saidOf } from "../src/parts/problems";

test.each([
  ["client_id", "Client ID"],
  ["schedule.cron", "Schedule, Cron"],
  ["fields.LineItems.0.UnitAmount", "LineItems, 1, UnitAmount"],
  ["guards.max_changes", "Guards, Most changes"],
])("%s is called %s", (field, label) => {
  expect(labelOf(field)).toBe(label);
});

test("a field that is not said has no value, and a form knows no keys", () => {
  expect(saidOf({ field: null, message: "The key 'secret' is missing.", remedy: "Add 'secret: ...'." })).toBe("It has no value yet.");
  expect(saidOf({ field: "a.users", message: "'users' must be more.", remedy: "" })).toBe("Must be more.");
  expect(saidOf({ field: null, message: "Too long.", remedy: "Shorten it." })).toBe("Too long. Shorten it.");
});

test("what is wrong stands at its field, and the file in small print", () => {
  const problems = [
    { field: "url", message: "No address.", remedy: "", path: "sources/a.yaml", line: 3 },
    { field: null, message: "Broken.", remedy: "", path: null },
  ];
  expect(atFields(problems)).toEqual({ url: "No address." });
  expect(problems.map(placeOf)).toEqual(["sources/a.yaml, line 3", ""]);
});

test("an error about the name is told from others", () => {
  const taken = new Refusal(409, "files_in_the_way", "There is a source 'a' already.", "");
  expect(aboutName(taken)).toBe("There is a source 'a' already. Choose another name.");
  expect(aboutName(new Refusal(422, "edit_refused", "The url is wrong.", "", [{ field: "url", message: "Wrong.", remedy: "" }]))).toBeUndefined();
  expect(aboutName(new Error("slug"))).toBeUndefined();
});
