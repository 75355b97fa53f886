import { MultiSelect, NumberInput, Select, SimpleGrid, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Telling } from "../alerts/Telling";
import { project } from "../api/queries";
import { GUARDS } from "../parts/guardWords";
import { scheduleWords, useCronWords } from "../parts/ScheduleWords";
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

/** What is told of a field under it, so that fields beside each other stand in one line. */
const UNDER: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];

type Props = { draft: Draft; errors?: Record<string, string>; onChange: (draft: Draft) => void };

/** When the sync runs, what it may do without a person, and who is told that something is wrong. */
export function Running({ slug, hasAmount, draft, errors = {}, onChange }: Props & { slug: string; hasAmount: boolean }) {
  const { data: all = [] } = useQuery(project);
  const others = all.filter((each) => each.kind === "syncs" && each.slug !== slug).map((each) => each.slug);
  return (
    <Stack>
      <Schedule draft={draft} errors={errors} onChange={onChange} syncs={others} />
      <Guards hasAmount={hasAmount} draft={draft} errors={errors} onChange={onChange} />
      <Telling draft={draft} onChange={onChange} />
    </Stack>
  );
}

function Schedule({ draft, errors = {}, onChange, syncs }: Props & { syncs: string[] }) {
  const schedule = asObject(draft.schedule);
  const way = WAYS.find(({ value }) => value in schedule)?.value ?? (Object.keys(schedule).length > 0 ? null : "manual");
  const set = (key: string, value: unknown) => onChange({ ...draft, schedule: withKey(schedule, key, value) });
  const words = useCronWords(schedule.cron);
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
          error={errors["schedule.every"]}
          onChange={(event) => set("every", event.currentTarget.value)}
        />
      )}
      {way === "at" && (
        <TagsInput label="Times" description="Such as 06:30, each with Enter." value={list("at")} error={within(errors, "schedule.at")} onChange={(value) => set("at", value)} />
      )}
      {way === "cron" && (
        <TextInput label="Expression" description={words ?? "Minute, hour, day of the month, month, weekday."} value={String(schedule.cron)} error={errors["schedule.cron"]} onChange={(event) => set("cron", event.currentTarget.value)} />
      )}
      {way === "after" && <MultiSelect label="Syncs" data={syncs} value={list("after")} error={within(errors, "schedule.after")} onChange={(value) => set("after", value)} />}
      {(way === "at" || way === "cron") && (
        <TextInput
          label="Time zone"
          value={String(schedule.timezone ?? "UTC")}
          error={errors["schedule.timezone"]}
          onChange={(event) => set("timezone", event.currentTarget.value)}
        />
      )}
    </SimpleGrid>
  );
}

function Guards({ hasAmount, draft, errors = {}, onChange }: Props & { hasAmount: boolean }) {
  const guards = asObject(draft.guards);
  const set = (key: string, value: unknown) => {
    const next = withKey(guards, key, value === "" ? undefined : value);
    onChange(withKey(draft, "guards", Object.keys(next).length > 0 ? next : undefined));
  };
  return (
    <div role="group" aria-label="Guards">
      <Text size="sm" mb={6}>
        <b>Guards</b>: a run that goes beyond one of these waits for approval.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberInput
          label={GUARDS.max_changes}
          inputWrapperOrder={UNDER}
          description="Records that a run creates, changes and removes."
          placeholder="No limit"
          min={0}
          allowDecimal={false}
          thousandSeparator=","
          value={(guards.max_changes as number | undefined) ?? ""}
          error={errors["guards.max_changes"]}
          onChange={(value) => set("max_changes", value)}
        />
        <TextInput
          label={GUARDS.max_removals}
          inputWrapperOrder={UNDER}
          description="Records that it archives, voids or deletes: a number, or a share such as 5%."
          placeholder="No limit"
          value={String(guards.max_removals ?? "")}
          error={errors["guards.max_removals"]}
          onChange={({ currentTarget: { value } }) => set("max_removals", /^\d+$/.test(value) ? Number(value) : value)}
        />
        {(hasAmount || guards.max_amount !== undefined) && (
          <TextInput
            label={GUARDS.max_amount}
            inputWrapperOrder={UNDER}
            description="By how much documents and payments come to more or less: in one currency, without tax."
            placeholder="No limit"
            inputMode="decimal"
            value={String(guards.max_amount ?? "")}
            error={errors["guards.max_amount"]}
            onChange={(event) => set("max_amount", event.currentTarget.value)}
          />
        )}
      </SimpleGrid>
    </div>
  );
}

/** Return what is wrong with a list, or with one of its entries. */
const within = (errors: Record<string, string>, field: string): string | undefined =>
  Object.entries(errors).find(([at]) => at === field || at.startsWith(`${field}.`))?.[1];
