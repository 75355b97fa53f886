import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";

type Props = { label: string; placeholder: string; value: string; onChange: (text: string) => void };

/** A few letters of what is looked for. */
export function SearchBox({ label, placeholder, value, onChange }: Props) {
  return (
    <TextInput
      w={300}
      maw="100%"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={15} />}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
