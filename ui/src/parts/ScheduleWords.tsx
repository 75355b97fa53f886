import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { many } from "./words";

/** The days of the week, by their names in a file. */
export const WEEK: Record<string, string> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};
const UNITS: Record<string, string> = { m: "minute", h: "hour", d: "day" };

/** A schedule in words, from the values of a sync's file; a cron expression stays one. */
export function scheduleWords(schedule: unknown): string {
  if (schedule === null || schedule === undefined || schedule === "manual") return "By hand";
  if (typeof schedule !== "object") return String(schedule);
  const { every, cron, timezone = "UTC", at, days, after, after_dbt_cloud: job } = schedule as Record<string, unknown>;
  if (every) return `Every ${interval(String(every))}`;
  if (cron) return `${String(cron)} ${String(timezone)}`;
  if (at) return `${days ? list(days, (day) => WEEK[day] ?? day) : "Every day"} at ${list(at)} ${String(timezone)}`;
  if (after) return `After ${list(after)}`;
  if (job) return `After job ${String((job as { job: unknown }).job)} of dbt Cloud`;
  return "Scheduled";
}

/** Return "15 minutes" for `15m`, and "hour" for `1h`. */
function interval(text: string): string {
  const [, number, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  if (!number || !unit) return text;
  return Number(number) === 1 ? UNITS[unit]! : many(Number(number), UNITS[unit]!);
}

const list = (value: unknown, said: (each: string) => string = (each) => each): string =>
  [value].flat().map(String).map(said).join(", ");

/** What a cron expression says, once the part of the app is there that knows. */
export function useCronWords(expression: unknown): string | undefined {
  const { data } = useQuery({
    queryKey: ["cron", expression],
    enabled: typeof expression === "string",
    staleTime: Infinity,
    queryFn: async () => (await import("./cronWords")).cronWords(String(expression)) ?? null,
  });
  return data ?? undefined;
}

/** When a sync runs, in words; of a cron expression these stand over it. */
export function ScheduleWords({ schedule }: { schedule: unknown }) {
  const { cron, timezone = "UTC" } = (schedule ?? {}) as Record<string, unknown>;
  const words = useCronWords(cron);
  if (!words) return <Text size="sm">{scheduleWords(schedule)}</Text>;
  return (
    <>
      <Text size="sm">
        {words}, {String(timezone)}
      </Text>
      <Text size="xs" c="dimmed" className="mono">
        {String(cron)}
      </Text>
    </>
  );
}
