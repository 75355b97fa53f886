import { Box, Group, Radio, SimpleGrid, Text } from "@mantine/core";
import { useState } from "react";

import { SearchBox } from "../parts/SearchBox";
import type { SourceKind } from "./schema";

const MANY = 6; // fewer are seen at a glance

/** Return the kinds that some letters mean, in the order of the names that people see. */
export function kindsFor(kinds: SourceKind[], sought: string): SourceKind[] {
  const letters = sought.trim().toLowerCase();
  const isMeant = ({ type, title, about }: SourceKind) => [type, title, about].some((text) => text.toLowerCase().includes(letters));
  return kinds.filter(isMeant).sort((one, other) => one.title.localeCompare(other.title));
}

/** The kinds that are installed, to choose one of. */
export function Catalogue({ label, kinds, chosen, onChoose }: { label: string; kinds: SourceKind[]; chosen: string | null; onChoose: (type: string) => void }) {
  const [sought, setSought] = useState("");
  const found = kindsFor(kinds, sought);
  return (
    <Radio.Group aria-label={label} value={chosen} onChange={onChoose}>
      {kinds.length > MANY && (
        <Box mb="md">
          <SearchBox label="Find a kind" placeholder="Search by name" value={sought} onChange={setSought} />
        </Box>
      )}
      {found.length === 0 && <Text c="dimmed">There is none of that name.</Text>}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {found.map(({ type, title, about }) => (
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
