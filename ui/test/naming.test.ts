import { expect, test } from "vitest";

import { slugFor, titled } from "../src/connect/Naming";

test("a name gives the slug, and is kept where it is another word", () => {
  expect(slugFor({ name: "Xero Production", slug: null })).toBe("xero-production");
  expect(titled({ name: " Xero Production ", slug: null })).toEqual({ title: "Xero Production" });
  expect(titled({ name: "users", slug: null })).toEqual({});
  expect(titled({ name: "", slug: "users" })).toEqual({});
});
