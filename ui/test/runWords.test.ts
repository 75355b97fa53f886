import { expect, test } from "vitest";

import { becameOf, beganBy, isWaiting, partOf, restOf, stateOf } from "../src/parts/runWords";

const standing = (state: string, more = {}) => ({ state, run: null, by: null, at: null, why: null, ...more }) as never;
const run = (more = {}) => ({ state: "done", counts: {}, parked: null, ...more }) as never;

test("a run whose plan waited says what became of the plan", () => {
  const said = ["open", "executed", "discarded", "expired", "superseded"].map(
    (state) => stateOf(run({ state: "parked", parked: standing(state) }))[1],
  );
  expect(said).toEqual(["Waits for approval", "Approved", "Discarded", "Not approved in time", "Superseded"]);
  expect(isWaiting(run({ state: "parked", parked: standing("open") }))).toBe(true);
  expect(isWaiting(run({ state: "parked", parked: standing("executed") }))).toBe(false);
  expect(stateOf(run({ counts: { rows_rejected: 1 } }))[1]).toBe("Done in part");
});

test("what became of a plan is said with who and why", () => {
  expect(becameOf(standing("open"))).toBe("");
  expect(becameOf(standing("executed", { by: "ann@a.nz" }))).toBe("Executed by ann@a.nz");
  expect(becameOf(standing("executed", { by: "ann@a.nz" }), "Approved")).toBe("Approved by ann@a.nz");
  expect(becameOf(standing("discarded", { by: "ann@a.nz", why: "May is missing." }))).toBe("Discarded by ann@a.nz: May is missing");
  expect(becameOf(standing("superseded", { why: "The sync has run since." }))).toBe(
    "It can no longer be executed: the sync has run since",
  );
});

test("an approved run names its approver and the maker of its plan", () => {
  const began = (reason: string | null, who: string | null, maker: string | null) =>
    beganBy({ reason, asked_by: who, plan_made_by: maker });
  expect(began("approval", "ann@a.nz", "mia@a.nz")).toBe("approved by ann@a.nz, plan made by mia@a.nz");
  expect(began("by hand", "mia@a.nz", null)).toBe("by hand, mia@a.nz");
  expect(began("schedule", null, null)).toBe("schedule");
});

test("a run of some rows says of how many", () => {
  expect(partOf(run({ counts: { rows_left: 12, changes_added: 13, changes_same: 900 } }))).toBe("1 chosen row of 13 changes");
  expect(partOf(run({ counts: { changes_added: 13 } }))).toBe("");
});

test("a run that leaves the rest of a plan it was given says what to do about it", () => {
  const said = "3 of 10 records were sent. Plan again for the rest.";
  const given = { id: "2", plan: "1", state: "paused", counts: { rows_pending: 7 }, error: { remedy: said } };
  expect(restOf(run(given))).toBe(said);
  expect(restOf(run({ ...given, state: "cancelled" }))).toBe(said);
  expect(restOf(run({ ...given, plan: "2" }))).toBe("");
  expect(restOf(run({ ...given, state: "failed" }))).toBe("");
  expect(restOf(run({ ...given, counts: {} }))).toBe(said); // it was cut short before any row was written down
  expect(restOf(run({ ...given, plan: null }))).toBe("");
});
