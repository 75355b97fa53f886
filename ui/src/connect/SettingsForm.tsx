import { Checkbox, Collapse, MultiSelect, NumberInput, Select, Stack, TagsInput, TextInput, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

import { wordsOf } from "../parts/problems";
import { type Setting, withRequired } from "./schema";
import { SecretSetting } from "./SecretSetting";
import { referenceIn } from "./sealing";

export type Values = Record<string, unknown>;

/** Whose secret it is belongs beside it. */
const SIGN_IN = ["user", "username"];

type Props = {
  settings: Setting[];
  values: Values;
  /** What the file says now, where there is one. */
  kept?: Values;
  /** What is wrong, by the setting's name. */
  errors?: Record<string, string>;
  onChange: (values: Values) => void;
};

/** The settings of a kind of source, destination or alert: those that say where it is first, the finer ones folded away. */
export function SettingsForm({ settings: all, values, kept = {}, errors = {}, onChange }: Props) {
  const [open, { toggle }] = useDisclosure(false);
  const settings = withRequired(all, values);
  const isFirst = isFirstOf(settings);
  const isPlain = (each: Setting) => each.required || each.name in kept || each.name in errors || isFirst(each);
  const plain = settings.filter(isPlain).sort((one, other) => (one.first ?? settings.length) - (other.first ?? settings.length));
  const rest = settings.filter((each) => !isPlain(each));
  const one = (setting: Setting) => (
    <OneSetting
      key={setting.name}
      setting={setting}
      value={values[setting.name]}
      kept={kept[setting.name]}
      error={errors[setting.name]}
      onChange={(value) => onChange({ ...values, [setting.name]: value })}
    />
  );
  return (
    <Stack gap="md">
      {plain.map(one)}
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

/** Return which settings most people need: those that the kind names, or else what signs in, and where. */
function isFirstOf(settings: Setting[]): (setting: Setting) => boolean {
  if (settings.some((each) => each.first !== undefined)) return ({ first }) => first !== undefined;
  const someRequired = settings.some((each) => each.required);
  const hasSecret = settings.some((each) => each.kind === "secret");
  return ({ name, kind, usual }) => kind === "secret" || (hasSecret && SIGN_IN.includes(name)) || (!someRequired && kind === "text" && usual === null);
}

type One = { setting: Setting; value: unknown; kept: unknown; error?: string; onChange: (value: unknown) => void };

function OneSetting({ setting, value, kept, error, onChange }: One) {
  const { name, kind, about, required, usual, choices, title } = setting;
  const shared = { label: title ? `${title} (${name})` : wordsOf(name), description: about.replaceAll("`", ""), required, error };
  const placeholder = usual === null || usual === undefined ? undefined : String(usual);
  const text = value === undefined || value === null ? "" : String(value);
  if (kind === "secret") return <SecretSetting {...shared} value={text} kept={kept} onChange={onChange} />;
  const list = [value ?? usual ?? []].flat().map(String);
  if (kind === "choices") {
    return <MultiSelect {...shared} placeholder={list.length > 0 ? "" : "All"} data={choices} value={list} onChange={(chosen) => onChange(chosen.length > 0 ? chosen : undefined)} />;
  }
  if (kind === "list") {
    return <TagsInput {...shared} value={list} onChange={(chosen) => onChange(chosen.length > 0 ? chosen : undefined)} />;
  }
  if (kind === "choice" && referenceIn(value) === null) {
    return <Select {...shared} placeholder={placeholder} data={choices} clearable={!required} value={text || null} onChange={(chosen) => onChange(chosen ?? undefined)} />;
  }
  if (kind === "boolean" && referenceIn(value) === null) {
    return <Checkbox label={shared.label} description={shared.description} error={error} checked={(value ?? usual) === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  if (kind === "number" && referenceIn(value) === null) {
    return <NumberInput {...shared} placeholder={placeholder} value={text} onChange={(number) => onChange(number === "" ? undefined : number)} />;
  }
  return <TextInput {...shared} placeholder={placeholder} value={text} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
}

/** Return what has to be said and is not, by the setting's name. */
export const missing = (settings: Setting[], values: Values): Record<string, string> =>
  Object.fromEntries(withRequired(settings, values).filter(({ name, required }) => required && (values[name] ?? "") === "").map(({ name }) => [name, "It has no value yet."]));
