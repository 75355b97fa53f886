/** A schedule in words, from the values of a sync's file. */
export function scheduleWords(schedule: unknown): string {
  if (schedule === null || schedule === undefined || schedule === "manual") return "By hand";
  if (typeof schedule !== "object") return String(schedule);
  const { every, cron, timezone, times, days, after } = schedule as Record<string, unknown>;
  const zone = timezone ? ` ${String(timezone)}` : "";
  if (every) return `Every ${String(every)}`;
  if (cron) return `${String(cron)}${zone}`;
  if (times) return `${list(days) || "Every day"} at ${list(times)}${zone}`;
  if (after) return `After ${list(after)}`;
  return "Scheduled";
}

const list = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : value ? String(value) : "");
