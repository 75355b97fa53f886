import { ActionIcon, Button, Checkbox, Group, MultiSelect, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf } from "../api/client";
import { connection } from "../parts/Connection";
import { NextRuns } from "../parts/NextRuns";
import { scheduleWords, useCronWords, WEEK } from "../parts/ScheduleWords";
import { ownZone, ZoneSelect } from "../parts/ZoneSelect";
import { asObject, type Draft, withKey } from "./draft";

const WAYS = [
  { value: "manual", label: "By hand" },
  { value: "every", label: "Every so often" },
  { value: "at", label: "On days, at times" },
  { value: "cron", label: "By a cron expression" },
  { value: "after", label: "After other syncs" },
];
const BEGINNINGS: Record<string, Record<string, unknown>> = {
  every: { every: "1h" },
  at: { at: ["06:00"] },
  cron: { cron: "0 6 * * 1-5" },
  after: { after: [] },
};
const PAUSE = 300;

type Props = { slug: string; draft: Draft; errors: Record<string, string>; syncs: string[]; onChange: (draft: Draft) => void };

/** When the sync runs by itself, and when that would be next. */
export function Schedule({ slug, draft, errors, syncs, onChange }: Props) {
  const schedule = asObject(draft.schedule);
  const way = WAYS.find(({ value }) => value in schedule)?.value ?? (Object.keys(schedule).length > 0 ? null : "manual");
  const usual = useUsualZone(draft.destination);
  const [kept, setKept] = useState<unknown>(schedule.timezone);
  const zone = String(schedule.timezone ?? "UTC");
  const set = (key: string, value: unknown) => onChange({ ...draft, schedule: withKey(schedule, key, value) });
  const choose = (chosen: string | null) => {
    const timezone = schedule.timezone ?? kept ?? usual;
    setKept(timezone);
    const beginning = chosen ? BEGINNINGS[chosen] : undefined;
    const isZoned = chosen === "at" || chosen === "cron";
    onChange(withKey(draft, "schedule", beginning && isZoned ? { ...beginning, timezone } : beginning));
  };
  const words = useCronWords(schedule.cron);
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select label="It runs" allowDeselect={false} data={WAYS} value={way} placeholder={scheduleWords(draft.schedule)} onChange={choose} />
        {way === "every" && (
          <TextInput
            label="Interval"
            description="Such as 15m, 2h or 1d."
            value={String(schedule.every)}
            error={errors["schedule.every"]}
            onChange={(event) => set("every", event.currentTarget.value)}
          />
        )}
        {way === "cron" && (
          <TextInput label="Expression" description={words ?? "Minute, hour, day of the month, month, weekday."} value={String(schedule.cron)} error={errors["schedule.cron"]} onChange={(event) => set("cron", event.currentTarget.value)} />
        )}
        {way === "after" && <MultiSelect label="Syncs" data={syncs} value={listOf(schedule.after)} error={within(errors, "schedule.after")} onChange={(value) => set("after", value)} />}
        {(way === "at" || way === "cron") && <ZoneSelect value={zone} error={errors["schedule.timezone"]} onChange={(value) => set("timezone", value)} />}
      </SimpleGrid>
      {way === "at" && (
        <>
          <Days said={schedule.days} error={within(errors, "schedule.days")} onChange={(days) => set("days", days)} />
          <Times times={listOf(schedule.at)} error={within(errors, "schedule.at")} onChange={(times) => set("at", times)} />
        </>
      )}
      {(way === "every" || way === "at" || way === "cron") && <Coming slug={slug} schedule={schedule} destination={draft.destination} />}
    </Stack>
  );
}

/** The days of the week; all of them are what a file says by saying nothing. */
function Days({ said, error, onChange }: { said: unknown; error?: string; onChange: (days: string[] | undefined) => void }) {
  const all = Object.keys(WEEK);
  const days = said === undefined || said === null ? all : listOf(said);
  return (
    <Checkbox.Group
      label="Days"
      value={days}
      error={error}
      onChange={(chosen) => onChange(chosen.length === all.length ? undefined : all.filter((day) => chosen.includes(day)))}
    >
      <Group gap="md" mt={6}>
        {all.map((day) => (
          <Checkbox key={day} value={day} label={WEEK[day]!.slice(0, 3)} aria-label={WEEK[day]} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

function Times({ times, error, onChange }: { times: string[]; error?: string; onChange: (times: string[]) => void }) {
  return (
    <div role="group" aria-label="Times">
      <Text size="sm" fw={500} mb={4}>
        Times
      </Text>
      <Group gap="xs">
        {times.map((time, place) => (
          <Group key={place} gap={2} wrap="nowrap">
            <TextInput
              type="time"
              aria-label={times.length > 1 ? `Time ${place + 1}` : "Time"}
              value={time}
              error={error !== undefined}
              onChange={(event) => onChange(times.map((each, at) => (at === place ? event.currentTarget.value : each)))}
            />
            {times.length > 1 && (
              <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${time}`} onClick={() => onChange(times.filter((_, at) => at !== place))}>
                <IconTrash size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => onChange([...times, "18:00"])}>
          Add a time
        </Button>
      </Group>
      {error && (
        <Text size="xs" c="red" mt={4}>
          {error}
        </Text>
      )}
    </div>
  );
}

/** The next runs of a schedule while somebody sets it; nothing while it is none. */
function Coming({ slug, schedule, destination }: { slug: string; schedule: Record<string, unknown>; destination: unknown }) {
  const [said] = useDebouncedValue(schedule, PAUSE);
  const { data } = useQuery({
    queryKey: ["times", slug, said, destination],
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const body = { schedule: said, destination: destination ? String(destination) : null };
      return { said, ...(await bodyOf(api.POST("/api/v1/syncs/{slug}/times", { params: { path: { slug: slug || "new-sync" } }, body }))) };
    },
  });
  if (data?.next.length === 0) {
    return (
      <Text size="sm" c="red" mt={6}>
        No run is to come: whenever the sync is due, the books are closed.
      </Text>
    );
  }
  return <NextRuns times={data?.next ?? []} schedule={data?.said} />;
}

/** Return the zone in which the books are kept, as far as that is known, or else the reader's own. */
function useUsualZone(destination: unknown): string {
  const { data } = useQuery({ ...connection(String(destination)), enabled: Boolean(destination) });
  return data?.timezone ?? ownZone();
}

const listOf = (value: unknown): string[] => [value ?? []].flat().map(String);

/** Return what is wrong with a list, or with one of its entries. */
const within = (errors: Record<string, string>, field: string): string | undefined =>
  Object.entries(errors).find(([at]) => at === field || at.startsWith(`${field}.`))?.[1];
