import { expect, test } from "vitest";

import { isSame, read, write } from "../src/api/exact";

test.each(["1.10", "0.0200", "12345678901234567890.12", "1e400", "100000000000000000001", "-0.0"])("%s keeps its digits", (digits) => {
  const text = `{"rate":${digits},"list":[${digits}]}`;
  expect(write(read(text))).toBe(text);
  expect(String(read<{ rate: unknown }>(text).rate)).toBe(digits);
});

test("a number that a browser writes as it was written is one", () => {
  expect(read('{"a":5,"b":0.5,"c":-3}')).toEqual({ a: 5, b: 0.5, c: -3 });
});

test("values are the same that are written the same", () => {
  expect(isSame(read("[1.10]"), read("[1.10]"))).toBe(true);
  expect(isSame(read("[1.10]"), read("[1.1]"))).toBe(false);
  expect(isSame({ a: undefined, b: 1 }, { b: 1 })).toBe(true);
});
