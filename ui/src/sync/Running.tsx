import { MultiSelect, NumberInput, Select, SimpleGrid, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { project } from "../api/queries";
import { scheduleWords } from "../parts/ScheduleWords";
import { asObject, type Draft, withKey } from "./draft";

const WAYS = [
  { value: "manual", label: "By hand" },
  { value: "every", label: "Every so often" },
  { value: "at", label: "At times of day" },
  { value: "cron", label: "By a cron expression" },
  { value: "after", label: "After other syncs" },
];
const BEGINNINGS: Record<string, unknown> = {
  every: { every: "1h" },
  at: { at: ["06:00"], timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  cron: { cron: "0 6 * * 1-5", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  after: { after: [] },
};

type Props = { draft: Draft; onChange: (draft: Draft) => void };

/** When the sync runs, what it may do without a person, and who is told that something is wrong. */
export function Running({ slug, hasAmount, draft, onChange }: Props & { slug: string; hasAmount: boolean }) {
  const { data: all = [] } = useQuery(project);
  const slugs = (kind: string) => all.filter((each) => each.kind === kind && each.slug !== slug).map((each) => each.slug);
  const alerts = [draft.alerts ?? []].flat().map(String);
  return (
    <Stack>
      <Schedule draft={draft} onChange={onChange} syncs={slugs("syncs")} />
      <Guards hasAmount={hasAmount} draft={draft} onChange={onChange} />
      <MultiSelect
        label="Alerts"
        description="Who is told that something is wrong, beside those whom the destination and the project name."
        placeholder={alerts.length > 0 ? "" : "None"}
        data={[...new Set([...slugs("alerts"), ...alerts])]}
        value={alerts}
        onChange={(chosen) => onChange(withKey(draft, "alerts", chosen.length > 0 ? chosen : undefined))}
      />
    </Stack>
  );
}

function Schedule({ draft, onChange, syncs }: Props & { syncs: string[] }) {
  const schedule = asObject(draft.schedule);
  const way = WAYS.find(({ value }) => value in schedule)?.value ?? (Object.keys(schedule).length > 0 ? null : "manual");
  const set = (key: string, value: unknown) => onChange({ ...draft, schedule: withKey(schedule, key, value) });
  const list = (key: string) => [schedule[key] ?? []].flat().map(String);
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <Select
        label="It runs"
        allowDeselect={false}
        data={WAYS}
        value={way}
        placeholder={scheduleWords(draft.schedule)}
        onChange={(chosen) => onChange(withKey(draft, "schedule", chosen ? BEGINNINGS[chosen] : undefined))}
      />
      {way === "every" && (
        <TextInput
          label="Interval"
          description="Such as 15m, 2h or 1d."
          value={String(schedule.every)}
          onChange={(event) => set("every", event.currentTarget.value)}
        />
      )}
      {way === "at" && (
        <TagsInput label="Times" description="Such as 06:30, each with Enter." value={list("at")} onChange={(value) => set("at", value)} />
      )}
      {way === "cron" && (
        <TextInput label="Expression" value={String(schedule.cron)} onChange={(event) => set("cron", event.currentTarget.value)} />
      )}
      {way === "after" && <MultiSelect label="Syncs" data={syncs} value={list("after")} onChange={(value) => set("after", value)} />}
      {(way === "at" || way === "cron") && (
        <TextInput
          label="Time zone"
          value={String(schedule.timezone ?? "UTC")}
          onChange={(event) => set("timezone", event.currentTarget.value)}
        />
      )}
    </SimpleGrid>
  );
}

function Guards({ hasAmount, draft, onChange }: Props & { hasAmount: boolean }) {
  const guards = asObject(draft.guards);
  const set = (key: string, value: unknown) => {
    const next = withKey(guards, key, value === "" ? undefined : value);
    onChange(withKey(draft, "guards", Object.keys(next).length > 0 ? next : undefined));
  };
  return (
    <div>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberInput
          label="At most changes"
          placeholder="No limit"
          min={0}
          allowDecimal={false}
          thousandSeparator=","
          value={(guards.max_changes as number | undefined) ?? ""}
          onChange={(value) => set("max_changes", value)}
        />
        <TextInput
          label="At most removals"
          placeholder="No limit"
          value={String(guards.max_removals ?? "")}
          onChange={({ currentTarget: { value } }) => set("max_removals", /^\d+$/.test(value) ? Number(value) : value)}
        />
        {(hasAmount || guards.max_amount !== undefined) && (
          <TextInput
            label="At most money"
            placeholder="No limit"
            inputMode="decimal"
            value={String(guards.max_amount ?? "")}
            onChange={(event) => set("max_amount", event.currentTarget.value)}
          />
        )}
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt={4}>
        Beyond these a run waits for approval. Removals may be a share of the rows, such as 5%.
      </Text>
    </div>
  );
}
