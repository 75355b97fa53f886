import { expect, test } from "vitest";

import { cronWords } from "../src/parts/cronWords";
import { scheduleWords } from "../src/parts/ScheduleWords";

test("every way to be scheduled has words", () => {
  expect(scheduleWords(undefined)).toBe("By hand");
  expect(scheduleWords({ every: "15m" })).toBe("Every 15 minutes");
  expect(scheduleWords({ every: "1h" })).toBe("Every hour");
  expect(scheduleWords({ at: ["07:00", "18:30"], timezone: "Europe/Berlin" })).toBe("Every day at 07:00, 18:30 Europe/Berlin");
  expect(scheduleWords({ at: "07:00", days: ["mon", "fri"] })).toBe("Monday, Friday at 07:00 UTC");
  expect(scheduleWords({ after: ["contacts"] })).toBe("After contacts");
  expect(scheduleWords({ after_dbt_cloud: { job: 4711 } })).toBe("After job 4711 of dbt Cloud");
});

test("a cron expression is told as Bookward takes it", () => {
  expect(cronWords("0 7 * * *")).toBe("At 07:00, every day");
  expect(cronWords("0 6 * * 1-5")).toBe("At 06:00, Monday through Friday");
  expect(cronWords("0 6 * * 0")).toBe("At 06:00, only on Sunday");
  expect(cronWords("0 18 L * *")).toBe("At 18:00, on the last day of the month");
  expect(cronWords("seven o'clock")).toBeUndefined();
});
