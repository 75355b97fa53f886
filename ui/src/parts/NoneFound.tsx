import { Button, Text } from "@mantine/core";

type Props = { text: string; filter: string | null; onClear: () => void };

/** What stands in a list that shows nothing: whether a filter is on, for what, and the way to all. */
export function NoneFound({ text, filter, onClear }: Props) {
  if (filter === null) return <>{text}</>;
  return (
    <Text size="sm" inherit>
      {text} A filter is on: {filter}.{" "}
      <Button size="compact-sm" variant="default" onClick={onClear}>
        Clear the filter
      </Button>
    </Text>
  );
}
