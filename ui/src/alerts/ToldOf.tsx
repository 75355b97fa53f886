import { MultiSelect, Radio, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { project } from "../api/queries";
import { unnamedOf } from "../connect/unnamed";
import type { Told } from "./naming";

type Props = { told: Told; mayAll: boolean; onChange: (told: Told) => void };

/** What an alert is told of; the project's own file, which says everything, is an admin's. */
export function ToldOf({ told, mayAll, onChange }: Props) {
  const { data: all = [] } = useQuery(project);
  const of = (kind: string) => all.filter((each) => each.kind === kind && !unnamedOf(all).includes(each.slug)).map(({ slug }) => ({ value: `${kind}/${slug}`, label: slug }));
  return (
    <Radio.Group label="What it is told of" value={told.way} onChange={(way) => onChange({ ...told, way: way as Told["way"] })}>
      <Stack gap="sm" mt="xs">
        <Radio
          value="everything"
          label="Everything in the project"
          description={mayAll ? "Every sync, source and destination, also those that are added later." : "Only an admin can say this: it stands in the settings of the project."}
          disabled={!mayAll}
        />
        <Radio value="some" label="These syncs and destinations" description="A destination stands for all syncs that write to it." />
        {told.way === "some" && (
          <MultiSelect
            ml={32}
            aria-label="These syncs and destinations"
            placeholder={told.files.length > 0 ? "" : "Choose at least one"}
            searchable
            data={[
              { group: "Syncs", items: of("syncs") },
              { group: "Destinations", items: of("destinations") },
            ]}
            value={told.files}
            onChange={(files) => onChange({ ...told, files })}
          />
        )}
        <Radio value="nothing" label="Nothing yet" description="Nobody hears by it that something is wrong." />
      </Stack>
    </Radio.Group>
  );
}

/** Return whether it is said what an alert is told of. */
export const isSaid = ({ way, files }: Told): boolean => way !== "some" || files.length > 0;
