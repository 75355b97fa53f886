import { Alert, Button, Group, Select, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { Trouble } from "../parts/Trouble";
import { type Draft, jobOf } from "./draft";

type DbtModel = Schemas["DbtModelShape"];
type Props = { draft: Draft; onChange: (part: Partial<Draft>) => void };

/** A model that dbt builds, chosen from those that it has written down. */
export function DbtOrigin({ draft, onChange }: Props) {
  const [asked, setAsked] = useState(draft.target);
  const found = useQuery({
    queryKey: ["dbt", asked],
    enabled: asked !== "",
    staleTime: 60_000,
    retry: false,
    queryFn: () => listed(asked),
  });
  const models = found.data?.models ?? [];
  const chosen = models.find((each) => nameOf(each, models) === draft.dbt);
  return (
    <>
      <Group align="flex-end" wrap="nowrap" maw={720}>
        <TextInput
          label="Where dbt writes"
          description="Its target folder, from the project's folder on; its URL (https, s3, gs, abfs); or the number of a job of dbt Cloud."
          placeholder="dbt/target"
          style={{ flex: 1 }}
          value={draft.target}
          onChange={(event) => onChange({ target: event.currentTarget.value, dbt: null, key: [] })}
        />
        <Button variant="default" disabled={draft.target.trim() === ""} loading={found.isFetching} onClick={() => (asked === draft.target.trim() ? void found.refetch() : setAsked(draft.target.trim()))}>
          List models
        </Button>
      </Group>
      <Trouble error={found.error} />
      {found.data && asked === draft.target.trim() && (
        <Select
          label="dbt model"
          placeholder={models.length > 0 ? "Model" : "dbt has none there"}
          searchable
          maw={420}
          allowDeselect={false}
          data={models.map((each) => nameOf(each, models))}
          renderOption={({ option }) => <Option name={option.value} model={models.find((each) => nameOf(each, models) === option.value)} />}
          value={draft.dbt}
          onChange={(dbt) => onChange({ dbt, key: models.find((each) => nameOf(each, models) === dbt)?.primary_key ?? [] })}
        />
      )}
      {chosen?.description && <Text size="sm">{chosen.description}</Text>}
      {chosen?.trouble && (
        <Alert color="orange" title="Its last build did not go well: nothing is synced until it does">
          {chosen.trouble}
        </Alert>
      )}
    </>
  );
}

function Option({ name, model }: { name: string; model: DbtModel | undefined }) {
  return (
    <div>
      <Text size="sm">{name}</Text>
      <Text size="xs" c="dimmed" lineClamp={1}>
        {model?.description}
      </Text>
    </div>
  );
}

/** Return what a model is named by in a file: whole where another one has its name. */
const nameOf = ({ name, unique_id }: DbtModel, all: DbtModel[]): string => (all.filter((each) => each.name === name).length > 1 ? unique_id : name);

async function listed(target: string): Promise<Schemas["DbtShape"]> {
  const job = jobOf(target);
  if (job !== null) return bodyOf(api.GET("/api/v1/dbt/jobs/{job}/models", { params: { path: { job } } }));
  return bodyOf(api.GET("/api/v1/dbt/models", { params: { query: { target } } }));
}
