import { Select } from "@mantine/core";

/** The zone of who looks at the page. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All zones by their names, and the one that a file says, whatever it is. */
export function zones(said: string): { value: string; label: string }[] {
  const all = new Set([said, "UTC", ...Intl.supportedValuesOf("timeZone")]);
  return [...all].filter(Boolean).sort().map((value) => ({ value, label: value.replaceAll("_", " ") }));
}

type Props = {
  value: string;
  error?: string;
  /** What it is the zone of, where a form has several. */
  of?: string;
  width?: number;
  onChange: (zone: string) => void;
};

/** A time zone, found by a part of its name. */
export function ZoneSelect({ value, error, of, width, onChange }: Props) {
  return (
    <Select
      label="Time zone"
      aria-label={of && `Time zone, ${of}`}
      w={width}
      searchable
      allowDeselect={false}
      nothingFoundMessage="There is no such time zone: try the largest city in it."
      data={zones(value)}
      value={value || null}
      error={error}
      onChange={(zone) => zone && onChange(zone)}
    />
  );
}
