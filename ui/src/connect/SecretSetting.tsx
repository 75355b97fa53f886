import { Button, Code, Group, Input, PasswordInput, Text } from "@mantine/core";

import { referenceIn } from "./sealing";

type Props = {
  label: string;
  description: string;
  required: boolean;
  error?: string;
  value: string;
  kept: unknown;
  onChange: (value: unknown) => void;
};

/** A secret: nobody sees it; one that is set stays until somebody replaces it. */
export function SecretSetting({ value, kept, onChange, ...shared }: Props) {
  const description = shared.description.replace(/,? as \$\{\w+\}/, "");
  if (kept !== undefined && value === kept) {
    const name = referenceIn(kept);
    return (
      <Input.Wrapper {...shared} description={description} labelElement="div">
        <Group gap="xs" mt={4}>
          <Text size="sm">{name === null ? "set, in part or whole in the file itself" : <>set, as <Code>{String(kept)}</Code></>}</Text>
          <Button size="compact-xs" variant="default" aria-label={`Replace ${shared.label}`} onClick={() => onChange("")}>
            Replace
          </Button>
        </Group>
      </Input.Wrapper>
    );
  }
  return (
    <Group align="flex-end" gap="xs">
      <PasswordInput
        {...shared}
        flex={1}
        description={description}
        autoComplete="off"
        placeholder={kept === undefined ? undefined : "None"}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {kept !== undefined && (
        <Button variant="default" aria-label={`Keep ${shared.label}`} onClick={() => onChange(kept)}>
          Keep
        </Button>
      )}
    </Group>
  );
}
