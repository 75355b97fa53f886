import { expect, test } from "vitest";

import { Refusal } from "../src/api/client";
import { stillWrong } from "../src/parts/problems";
import { zonedMoment } from "../src/parts/words";
import { zones } from "../src/parts/ZoneSelect";

test("a moment is told with its weekday in the zone that is asked for, without seconds", () => {
  expect(zonedMoment("2026-11-29T18:00:00Z", "Pacific/Auckland")).toBe("Mon 30 Nov 07:00");
  expect(zonedMoment("2026-11-29T18:00:00Z", "UTC")).toBe("Sun 29 Nov 18:00");
  expect(zonedMoment("2026-11-29T00:05:00Z", "UTC")).toBe("Sun 29 Nov 00:05");
});

test("zones are found by words, and the one of the file is among them", () => {
  const found = zones("Europe/Atlantis");
  expect(found).toContainEqual({ value: "America/New_York", label: "America/New York" });
  expect(found.map(({ value }) => value)).toEqual(expect.arrayContaining(["UTC", "Europe/Atlantis", "Pacific/Auckland"]));
});

test("what was wrong with a value that is gone is wrong no more", () => {
  const said = (field: string, message = "It is none.") => ({ message, remedy: null, path: "syncs/a.yaml", line: 1, field });
  const sent = { schedule: { every: "soon" }, fields: { Name: "name" } };
  const error = new Refusal(422, "edit_refused", "…", "", [said("schedule.every"), said("fields.Name"), said("fields.Type")] as never);
  const fieldsIn = (found: unknown) => (found as Refusal).problems.map(({ field }) => field);
  expect(stillWrong(error, sent, sent)).toBe(error);
  expect(fieldsIn(stillWrong(error, sent, { ...sent, schedule: { at: ["06:00"] } }))).toEqual(["fields.Name", "fields.Type"]);
  const only = new Refusal(422, "edit_refused", "…", "", [said("schedule.every")] as never);
  expect(stillWrong(only, sent, { fields: {} })).toBeNull();
});
