import { expect, test } from "vitest";

import { sorted, triedOf } from "../src/parts/rowWords";

const row = (key: string, state = "accepted") => ({ key, state });

test("rows that wait come first, and numbers in the order of numbers", () => {
  const rows = [row("144"), row("184"), row("40"), row("41"), row("7-2", "rejected"), row("7-10", "parked")];
  expect(sorted(rows).map(({ key }) => key)).toEqual(["7-2", "7-10", "40", "41", "144", "184"]);
});

test("a row that waits says when it is tried again", () => {
  expect(triedOf(row("1", "rejected"))).toBe("by the next run");
  expect(triedOf(row("1", "parked"))).toContain("with Retry");
  expect(triedOf(row("1", "uncertain"))).toContain("somebody says");
  expect(triedOf(row("1"))).toBe("");
});
