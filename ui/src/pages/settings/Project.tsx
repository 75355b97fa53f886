import { Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Telling } from "../../alerts/Telling";
import { api, bodyOf, type Schemas } from "../../api/client";
import { file, queries, secrets as secretsQuery } from "../../api/queries";
import { kindsIn, type Setting, settingsIn } from "../../connect/schema";
import { sealable } from "../../connect/sealing";
import { SettingsForm, type Values } from "../../connect/SettingsForm";
import { FileEditor } from "../../parts/FileEditor";
import { FileHistory } from "../../parts/FileHistory";
import { atFields, errorsIn } from "../../parts/problems";
import { SaveBar } from "../../parts/SaveBar";
import { Trouble } from "../../parts/Trouble";
import { useEditing } from "../../parts/useEditing";
import { asObject, withKey } from "../../sync/draft";
import { Section } from "../../sync/Mapping";
import { Keeping } from "./Keeping";
import { Optional } from "./Optional";

const schema = {
  queryKey: ["schemas", "project"],
  staleTime: Infinity,
  queryFn: () => bodyOf(api.GET("/api/v1/schemas/{kind}", { params: { path: { kind: "project" } } })),
};

/** The settings of the whole project: what it is called, what is kept, who is told, where its logs go. */
export function Project() {
  const found = useQuery(file("project", "project"));
  const described = useQuery(schema);
  const error = found.error ?? described.error;
  const trouble = <Trouble error={error} onRetry={() => void Promise.all([found.refetch(), described.refetch()])} />;
  if (!found.data || !described.data) return error ? trouble : <Skeleton height={360} />;
  if (found.data.values === null) return <FileEditor file={found.data} mayEdit />;
  return (
    <>
      {trouble}
      <Form file={found.data} schema={described.data} />
    </>
  );
}

const NAME: Setting = { name: "name", kind: "text", about: "What people call this project.", required: true, usual: null, choices: [] };

function Form({ file, schema }: { file: Schemas["FileShape"]; schema: unknown }) {
  const logs = kindsIn(schema, "logs");
  const dbt = settingsIn(schema, "dbt_cloud");
  const git = settingsIn(schema, "dbt_git");
  const editing = useEditing<Values>(
    file,
    ({ values }) => values ?? {},
    async (draft, seen) => {
      const sealed = (await queries.fetchQuery({ ...secretsQuery, staleTime: 0 })).map((each) => each.name);
      const groups = { logs: logs.find(({ type }) => type === asObject(draft.logs).type)?.settings ?? [], dbt_cloud: dbt, dbt_git: git };
      let values = draft;
      const secrets: Record<string, string> = {};
      for (const [group, settings] of Object.entries(groups)) {
        if (!draft[group]) continue;
        const kept = asObject(asObject(seen.values)[group]);
        const made = sealable(`project_${group}`, settings, asObject(draft[group]), kept, sealed);
        values = { ...values, [group]: made.values };
        Object.assign(secrets, made.secrets);
      }
      return { values, secrets };
    },
  );
  const { draft, setDraft, seen, error, refused } = editing;
  const errors = atFields(refused?.problems ?? (error ? [] : file.problems));
  const set = (group: string, value: unknown) => setDraft(withKey(draft, group, value));
  const part = { draft, kept: seen.values ?? {}, errors };
  return (
    <Stack maw={820} gap="lg">
      <Section title="The project">
        <SettingsForm settings={[NAME]} values={draft} errors={errors} onChange={setDraft} />
      </Section>
      <Section title="How long is kept" under="In days. What stands in the books, and where rows stand, is kept for ever.">
        <Keeping settings={settingsIn(schema, "keep")} said={asObject(draft.keep)} errors={errorsIn(errors, "keep")} onChange={(keep) => set("keep", keep)} />
      </Section>
      <Section title="Who is told" under="Of every sync, source and destination.">
        <Telling draft={draft} onChange={setDraft} />
      </Section>
      <Section title="Logs as tables" under="Runs, what became of their rows, and their calls, for SQL.">
        <Optional name="logs" label="They are written" none="Nowhere" kinds={logs} {...part} errors={errorsIn(errors, "logs")} onChange={(said) => set("logs", said)} />
      </Section>
      <Section title="dbt Cloud" under="The account whose jobs syncs can wait for.">
        <Optional
          name="dbt_cloud"
          label="Account"
          none="None"
          kinds={[{ type: "", title: "Connected", retired: false, about: "", settings: dbt }]}
          {...part}
          errors={errorsIn(errors, "dbt_cloud")}
          onChange={(said) => set("dbt_cloud", said)}
        />
      </Section>
      <Section title="dbt in git" under="The repository that has what dbt writes down, for models that name a folder in it.">
        <Optional
          name="dbt_git"
          label="Repository"
          none="None"
          kinds={[{ type: "", title: "Named", retired: false, about: "", settings: git }]}
          {...part}
          errors={errorsIn(errors, "dbt_git")}
          onChange={(said) => set("dbt_git", said)}
        />
      </Section>
      <SaveBar editing={editing} />
      <section aria-labelledby="past">
        <Title order={2} id="past" mb="sm">
          History
        </Title>
        <FileHistory file={file} mayEdit />
      </section>
    </Stack>
  );
}
