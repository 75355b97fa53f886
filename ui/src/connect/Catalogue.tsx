import { Group, Radio, SimpleGrid, Text } from "@mantine/core";

import type { SourceKind } from "./schema";

/** The kinds that are installed, to choose one of. */
export function Catalogue({ label, kinds, chosen, onChoose }: { label: string; kinds: SourceKind[]; chosen: string | null; onChoose: (type: string) => void }) {
  return (
    <Radio.Group aria-label={label} value={chosen} onChange={onChoose}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {kinds.map(({ type, title, about }) => (
          <Radio.Card key={type} value={type} className="choice" aria-label={title}>
            <Group wrap="nowrap" align="flex-start">
              <Radio.Indicator />
              <div>
                <Text size="sm" fw={500}>
                  {title}
                </Text>
                <Text size="xs" c="dimmed">
                  {about.split("\n\n")[0]}
                </Text>
              </div>
            </Group>
          </Radio.Card>
        ))}
      </SimpleGrid>
    </Radio.Group>
  );
}
