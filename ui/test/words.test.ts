import { expect, test } from "vitest";

import { calledBy, money } from "../src/parts/words";

test("an amount keeps its cents however large it is", () => {
  expect(money("12345678901234567.89", "NZD")).toBe("12,345,678,901,234,567.89 NZD");
  expect(money(157.5, "")).toBe("157.50");
  expect(money("-0.1234", "USD")).toBe("-0.1234 USD");
});

test("something is called by its title, else by its slug", () => {
  expect(calledBy("nz-invoices", { title: "NZ invoices" })).toBe("NZ invoices");
  expect(calledBy("nz-invoices", { title: " " })).toBe("nz-invoices");
  expect(calledBy("nz-invoices", null)).toBe("nz-invoices");
});
