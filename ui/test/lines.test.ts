import { expect, test } from "vitest";

import { proposedLines } from "../src/parts/lines";

const columns = (...ofLine: string[]) =>
  ["number", "customer", "what", "line_no", "price"].map((name) => ({ name, of_line: ofLine.includes(name) }));
const COLUMNS = columns();
const ROWS = [
  { number: "A", customer: "Ann", what: "x", line_no: 1, price: "1.00" },
  { number: "A", customer: "Ann", what: "y", line_no: 2, price: "1.00" },
  { number: "B", customer: "Bob", what: "x", line_no: 1, price: "2.00" },
];

test("what differs within a key is of the lines, and what counts them orders them", () => {
  expect(proposedLines(ROWS, ["number"], COLUMNS)).toEqual({ order_by: ["line_no"], columns: ["what"] });
});

test("rows that the key tells apart have no lines", () => {
  expect(proposedLines(ROWS, ["number", "line_no"], COLUMNS)).toBeNull();
});

test("lines that nothing puts in order are left for a person to say", () => {
  const rows = [ROWS[0]!, { ...ROWS[0]!, price: "3.00" }, ROWS[0]!];
  expect(proposedLines(rows, ["number"], COLUMNS)).toEqual({ order_by: [], columns: ["price"] });
});

test("what says something of a line is of the lines, though it does not differ in these rows", () => {
  expect(proposedLines(ROWS, ["number"], columns("price"))).toEqual({ order_by: ["line_no"], columns: ["what", "price"] });
  expect(proposedLines(ROWS, ["number", "line_no"], columns("price"))).toBeNull();
});
