import { Checkbox, Group, NumberInput, Stack } from "@mantine/core";

import type { Setting } from "../../connect/schema";
import { wordsOf } from "../../parts/problems";
import { withKey } from "../../sync/draft";

type Props = {
  settings: Setting[];
  said: Record<string, unknown>;
  errors: Record<string, string>;
  onChange: (said: Record<string, unknown> | undefined) => void;
};

/** How many days what is kept, or for ever; what is not said is as usual. */
export function Keeping({ settings, said, errors, onChange }: Props) {
  const set = (name: string, value: unknown) => {
    const next = withKey(said, name, value);
    onChange(Object.keys(next).length > 0 ? next : undefined);
  };
  return (
    <Stack>
      {settings.map(({ name, about, usual }) => {
        const value = name in said ? said[name] : usual;
        const forEver = value === null;
        return (
          <Group key={name} align="flex-end" wrap="nowrap">
            <NumberInput
              flex={1}
              label={wordsOf(name)}
              description={about}
              min={0}
              allowDecimal={false}
              disabled={forEver}
              placeholder={forEver ? "For ever" : undefined}
              value={forEver ? "" : String(value)}
              error={errors[name]}
              onChange={(days) => set(name, days === "" ? undefined : days)}
            />
            <Checkbox
              mb={8}
              label="For ever"
              aria-label={`${wordsOf(name)}: for ever`}
              checked={forEver}
              onChange={(event) => set(name, event.currentTarget.checked ? null : (usual ?? 400))}
            />
          </Group>
        );
      })}
    </Stack>
  );
}
