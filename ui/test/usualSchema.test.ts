import { expect, test } from "vitest";

import { usualSchema } from "../src/parts/usualSchema";

test("tables of the usual schema need not be named with it", () => {
  expect(usualSchema(["finance.invoices", "main.users"])).toBe("main");
  expect(usualSchema(["public.users"])).toBe("public");
  expect(usualSchema(['"PUBLIC".users'])).toBe("PUBLIC");
  expect(usualSchema(["finance.invoices", "mainframe.users", "users"])).toBeUndefined();
});
