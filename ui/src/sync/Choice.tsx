import { Group, Radio, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Schemas } from "../api/client";
import { Called } from "../parts/Called";
import { connection } from "../parts/Connection";

type Glance = Schemas["GlanceShape"];
type Props = { kind: "models" | "destinations"; all: Glance[]; value: unknown; onChange: (slug: string) => void };

/** A choice among the models or the destinations of the project. */
export function Choice({ kind, all, value, onChange }: Props) {
  const items = all.filter((each) => each.kind === kind);
  const one = kind.replace(/s$/, "");
  return (
    <Radio.Group aria-label={`The ${one}`} value={typeof value === "string" ? value : null} onChange={onChange}>
      <Stack gap="xs" maw={560}>
        {items.map((each) => (
          <Radio.Card key={each.slug} value={each.slug} className="choice" aria-label={each.slug}>
            <Group wrap="nowrap">
              <Radio.Indicator />
              <div>
                <Text size="sm" fw={500}>
                  <Called slug={each.slug} about={each.about} />
                </Text>
                <Text size="xs" c="dimmed" component="div">
                  {kind === "destinations" && <Books slug={each.slug} />}
                  {String(each.about.description ?? "") || String(each.about.source ?? each.about.type ?? "")}
                </Text>
              </div>
            </Group>
          </Radio.Card>
        ))}
        {items.length === 0 && <Text c="dimmed">There is no {one} yet: add one first.</Text>}
      </Stack>
    </Radio.Group>
  );
}

/** Whose books a destination writes. */
function Books({ slug }: { slug: string }) {
  const { data } = useQuery(connection(slug));
  if (!data) return null;
  return <div>{data.organisation ? `Writes to ${data.organisation.name || data.organisation.id}` : "Not connected yet"}</div>;
}
