import { Text } from "@mantine/core";

import { zonedMoment } from "./words";
import { ownZone } from "./ZoneSelect";

/** When a sync runs next, in its schedule's zone; where the reader's differs, theirs stands behind it. */
export function NextRuns({ times, schedule }: { times: string[]; schedule: unknown }) {
  const { at, cron, timezone = "UTC" } = (schedule ?? {}) as Record<string, unknown>;
  const zone = at || cron ? String(timezone) : ownZone();
  if (times.length === 0) return null;
  return (
    <section aria-label="Next runs">
      <Text size="xs" c="dimmed" mt={6}>
        Next runs
      </Text>
      {times.map((each) => {
        const there = zonedMoment(each, zone);
        const here = zonedMoment(each, ownZone());
        return (
          <Text key={each} size="sm" className="figures">
            <time dateTime={each}>{there}</time>
            {here !== there && (
              <Text span size="xs" c="dimmed">
                {" "}
                {here} where you are
              </Text>
            )}
          </Text>
        );
      })}
    </section>
  );
}
