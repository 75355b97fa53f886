import { expect, test } from "vitest";

import { DESTINATION, firstStepOf, MAPPING, MODEL, NAME, stepOf } from "../src/sync/steps";

test.each([
  ["model", MODEL],
  ["destination", DESTINATION],
  ["fields.LineItems.0.UnitAmount", MAPPING],
  ["look_up.Contact.by", MAPPING],
  ["schedule.every", NAME],
  [null, NAME],
])("%s is put right at step %i", (field, step) => expect(stepOf({ field })).toBe(step));

test("the first step with a problem is the one to go back to", () => {
  expect(firstStepOf([{ field: "guards.max_changes" }, { field: "match" }])).toBe(MAPPING);
  expect(firstStepOf([])).toBeNull();
});
