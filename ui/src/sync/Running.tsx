import { NumberInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Telling } from "../alerts/Telling";
import { project } from "../api/queries";
import { asObject, type Draft, withKey } from "./draft";
import { Schedule } from "./Schedule";

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
    <div>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberInput
          label="At most changes"
          placeholder="No limit"
          min={0}
          allowDecimal={false}
          thousandSeparator=","
          value={(guards.max_changes as number | undefined) ?? ""}
          error={errors["guards.max_changes"]}
          onChange={(value) => set("max_changes", value)}
        />
        <TextInput
          label="At most removals"
          placeholder="No limit"
          value={String(guards.max_removals ?? "")}
          error={errors["guards.max_removals"]}
          onChange={({ currentTarget: { value } }) => set("max_removals", /^\d+$/.test(value) ? Number(value) : value)}
        />
        {(hasAmount || guards.max_amount !== undefined) && (
          <TextInput
            label="At most money"
            placeholder="No limit"
            inputMode="decimal"
            value={String(guards.max_amount ?? "")}
            error={errors["guards.max_amount"]}
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
