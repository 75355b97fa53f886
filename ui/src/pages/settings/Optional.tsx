import { Select, Stack } from "@mantine/core";

import type { SourceKind } from "../../connect/schema";
import { SettingsForm, type Values } from "../../connect/SettingsForm";
import { asObject } from "../../sync/draft";

type Props = {
  name: string;
  label: string;
  /** What it is called where nothing is said. */
  none: string;
  /** What there is to choose from; one that has no type is all there is. */
  kinds: SourceKind[];
  draft: Values;
  kept: Values;
  errors: Record<string, string>;
  onChange: (said: Values | undefined) => void;
};

/** A group of settings that a file may have or not. */
export function Optional({ name, label, none, kinds, draft, kept, errors, onChange }: Props) {
  const said = draft[name] === null || draft[name] === undefined ? null : asObject(draft[name]);
  const type = said === null ? null : String(said.type ?? "");
  const chosen = kinds.find((each) => each.type === type);
  const choose = (to: string | null) => onChange(to === "none" || to === null ? undefined : to === "is:" ? {} : { type: to.slice(3) });
  return (
    <Stack>
      <Select
        label={label}
        maw={360}
        allowDeselect={false}
        data={[{ value: "none", label: none }, ...kinds.map((each) => ({ value: `is:${each.type}`, label: each.title }))]}
        value={type === null ? "none" : `is:${type}`}
        onChange={(to) => choose(to)}
      />
      {chosen && said && (
        <SettingsForm settings={chosen.settings} values={said} kept={asObject(kept[name])} errors={errors} onChange={onChange} />
      )}
    </Stack>
  );
}
