import { NumberInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Telling } from "../alerts/Telling";
import { project } from "../api/queries";
import { GUARDS } from "../parts/guardWords";
import { asObject, type Draft, withKey } from "./draft";
import { Schedule } from "./Schedule";

/** What is told of a field under it, so that fields beside each other stand in one line. */
const UNDER: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];

type Props = { draft: Draft; errors?: Record<string, string>; onChange: (draft: Draft) => void };

/** When the sync runs, what it may do without a person, and who is told that something is wrong. */
export function Running({ slug, hasAmount, draft, errors = {}, onChange }: Props & { slug: string; hasAmount: boolean }) {
  const { data: all = [] } = useQuery(project);
  const others = all.filter((each) => each.kind === "syncs" && each.slug !== slug).map((each) => each.slug);
  return (
    <Stack>
      <Schedule slug={slug} draft={draft} errors={errors} onChange={onChange} syncs={others} />
      <Guards hasAmount={hasAmount} draft={draft} errors={errors} onChange={onChange} />
      <Telling draft={draft} onChange={onChange} />
    </Stack>
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
            description="By how much documents and payments come to more or less: in one currency, without added tax."
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
