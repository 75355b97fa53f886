import { expect, test } from "vitest";

import { saysOf } from "../src/parts/operationWords";

test("what is found is equal, or left as it is where a sync only creates", () => {
  expect(saysOf("adopt", "upsert")).toMatch(/equal already/);
  expect(saysOf("adopt", "insert")).toMatch(/left as they are/);
  expect(saysOf("insert", "insert")).toBe("records to create");
});
