import { Autocomplete, Group, Select, Text } from "@mantine/core";

import type { Draft } from "./draft";
import { useTables } from "./tables";

type Props = { draft: Draft; lookers: string[]; onChange: (part: Partial<Draft>) => void };

/** A Look of Looker's by its address, or chosen from the list. */
export function LookOrigin({ draft, lookers, onChange }: Props) {
  const { data = [] } = useTables(draft.looker);
  const looks = data.filter(({ name }) => name.startsWith("looks/"));
  return (
    <>
      <Group align="flex-start">
        <Select label="Looker" w={240} allowDeselect={false} data={lookers} value={draft.looker} onChange={(looker) => onChange({ looker })} />
        <Autocomplete
          label="Look"
          description="Its address, or looks/42. One of the list, or of an explore, with qid= in it."
          inputWrapperOrder={["label", "input", "description", "error"]}
          style={{ flex: 1 }}
          maw={520}
          data={looks.map(({ schema, name }) => `${name}${schema && ` (${schema})`}`)}
          value={draft.look}
          onChange={(look) => onChange({ look: addressOf(look, looks.length > 0) })}
        />
      </Group>
      <Text size="sm" c="dimmed">
        {draft.looker === draft.source
          ? "Looker itself gives the rows."
          : `Looker gives the SQL of the Look, and it runs on ${draft.source ?? "the source"}; who changes the Look changes the model.`}
      </Text>
    </>
  );
}

/** Return the address in a line of the list, `looks/42` of `looks/42 Invoices (Finance)`. */
export const addressOf = (said: string, listed: boolean): string => (listed ? (/^looks\/\d+(?= )/.exec(said)?.[0] ?? said) : said);
