import { expect, test } from "vitest";

import type { Run } from "../src/api/queries";
import { failuresOf, lanesOf, roomOfHour, timelineOptions, wellOf } from "../src/charts/timeline";

const NOW = Date.parse("2026-11-02T12:00:00Z") / 1000;
let made = 0;
const run = (sync: string, from: string, to: string | null, state = "done", counts = {}) =>
  ({ id: `r${(made += 1)}`, sync, state, counts, started_at: from, finished_at: to }) as Run;

test("what ended within the last day, or runs still, has a line of its sync, the newest on top", () => {
  const lanes = lanesOf(
    [
      run("b", "2026-11-02T11:00:00Z", null),
      run("a", "2026-11-01T11:00:00Z", "2026-11-01T12:30:00Z"),
      run("c", "2026-11-01T10:00:00Z", "2026-11-01T11:59:00Z"),
      run("b", "2026-11-01T13:00:00Z", "2026-11-01T13:01:00Z"),
    ],
    NOW,
  );
  expect(lanes.names).toEqual(["b", "a"]);
  expect(lanes.runs.map(({ sync }) => sync)).toEqual(["b", "a", "b"]);
  expect(lanes.to - lanes.from).toBe(24 * 3600);
});

test("so many syncs as there is room for are shown", () => {
  const many = Array.from({ length: 30 }, (_, n) => run(`sync-${n}`, "2026-11-02T11:00:00Z", "2026-11-02T11:01:00Z"));
  expect(lanesOf(many, NOW).names).toHaveLength(12);
});

test("no good run hides a failed one, and its sync is shown before others", () => {
  const minute = (n: number): [string, string] => [`2026-11-02T11:0${n}:00Z`, `2026-11-02T11:0${n}:30Z`];
  const bad = run("late", ...minute(1), "failed");
  const others = Array.from({ length: 20 }, (_, n) => run(`sync-${n}`, ...minute(5)));
  const lanes = lanesOf([...others, run("late", ...minute(2)), bad, bad], NOW);
  expect(lanes.names[0]).toBe("late");
  expect(lanes.runs.at(-1)).toBe(bad);
  expect(lanes.runs.filter((each) => each === bad)).toHaveLength(1);
  expect(failuresOf([bad, bad, run("old", "2026-10-01T11:00:00Z", "2026-10-01T11:01:00Z", "failed")], NOW)).toBe(1);
});

test("a run that left rows behind is not drawn as a good one", () => {
  expect(wellOf({ state: "done", counts: { rows_rejected: 3 } })).toBe("soft");
  expect([wellOf({ state: "done", counts: {} }), wellOf({ state: "parked", counts: {} })]).toEqual(["good", "soft"]);
});

test("hours have the room that the reader's clock takes, and some between them", () => {
  const ctx = { font: "", save() {}, restore() {}, measureText: (text: string) => ({ width: text.length * 7 }) };
  const widest = Math.max(...[0, 12, 22].map((hour) => new Date(2000, 0, 1, hour).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }).length * 7));
  expect(roomOfHour({ ctx } as never)).toBe(widest + 16);
  const { axes } = timelineOptions(lanesOf([], NOW))({} as never);
  expect(axes![0]!.space).toBe(roomOfHour);
});
