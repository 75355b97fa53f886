import { Checkbox, Collapse, NumberInput, PasswordInput, Select, Stack, TagsInput, TextInput, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

import type { Setting } from "./schema";

export type Values = Record<string, unknown>;

/** The settings of a kind of source or destination: those that say where it is first, the finer ones folded away. */
export function SettingsForm({ settings, values, onChange }: { settings: Setting[]; values: Values; onChange: (values: Values) => void }) {
  const [open, { toggle }] = useDisclosure(false);
  const someRequired = settings.some((each) => each.required);
  const isPlain = (each: Setting) =>
    each.required || each.kind === "secret" || (!someRequired && each.kind === "text" && each.usual === null);
  const rest = settings.filter((each) => !isPlain(each));
  const one = (setting: Setting) => (
    <OneSetting
      key={setting.name}
      setting={setting}
      value={values[setting.name]}
      onChange={(value) => onChange({ ...values, [setting.name]: value })}
    />
  );
  return (
    <Stack gap="md">
      {settings.filter(isPlain).map(one)}
      {rest.length > 0 && (
        <>
          <UnstyledButton onClick={toggle} aria-expanded={open} fz="sm" c="var(--mantine-color-ink-light-color)" w="fit-content">
            {open ? "Fewer settings" : "More settings"}
          </UnstyledButton>
          <Collapse expanded={open}>
            <Stack gap="md">{rest.map(one)}</Stack>
          </Collapse>
        </>
      )}
    </Stack>
  );
}

function OneSetting({ setting, value, onChange }: { setting: Setting; value: unknown; onChange: (value: unknown) => void }) {
  const { name, kind, about, required, usual, choices } = setting;
  const shared = { label: wordsOf(name), description: about.replaceAll("`", ""), required };
  const placeholder = usual === null || usual === undefined ? undefined : String(usual);
  const text = value === undefined ? "" : String(value);
  if (kind === "secret") {
    return <PasswordInput {...shared} autoComplete="off" description={shared.description.replace(/,? as \$\{NAME\}/, "")} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  if (kind === "choice") {
    return <Select {...shared} placeholder={placeholder} data={choices} clearable={!required} value={text || null} onChange={(chosen) => onChange(chosen ?? undefined)} />;
  }
  if (kind === "boolean") {
    return <Checkbox label={shared.label} description={shared.description} checked={(value ?? usual) === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  if (kind === "number") {
    return <NumberInput {...shared} placeholder={placeholder} value={(value as number | undefined) ?? ""} onChange={(number) => onChange(number === "" ? undefined : number)} />;
  }
  if (kind === "list") {
    return <TagsInput {...shared} value={(value as string[] | undefined) ?? (usual as string[] | null) ?? []} onChange={(list) => onChange(list.length > 0 ? list : undefined)} />;
  }
  return <TextInput {...shared} placeholder={placeholder} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
}

const SHORT = /\b(id|url|ssl|sql|ca|db)\b/gi;

/** Return a setting's name as people read it. */
function wordsOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return (words[0]!.toUpperCase() + words.slice(1)).replace(SHORT, (word) => word.toUpperCase());
}
