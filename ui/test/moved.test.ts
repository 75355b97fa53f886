import { expect, test } from "vitest";

import { comesFrom, netOf } from "../src/parts/moved";

const moved = (before: number, after: number, up: number, down: number, unknown = 0) => ({ before, after, up, down, unknown, net: up - down });

test("what is all new is one sum", () => {
  const all = moved(0, 157.5, 157.5, 0);
  expect([netOf(all, "NZD"), comesFrom(all)]).toEqual(["157.50 NZD", undefined]);
});

test("a change has its sign, and what it comes from", () => {
  const both = moved(300, 350, 80, 30);
  expect(netOf(both, "NZD")).toBe("+50.00 NZD");
  expect(comesFrom(both)).toBe("300.00 before, 350.00 after; 80.00 up, 30.00 down");
  expect(netOf(moved(100, 0, 0, 100), "")).toBe("-100.00");
  expect(netOf(moved(100, 100, 0, 0), "")).toBe("0.00");
});

test("what is not known is said", () => {
  expect(comesFrom(moved(0, 10, 10, 0, 1))).toBe("0.00 before, 10.00 after; before is not known of 1 record");
});
