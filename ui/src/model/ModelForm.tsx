import { Alert, Code, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { isSame } from "../api/exact";
import { project, queries } from "../api/queries";
import { settingsAtTop, settingsIn } from "../connect/schema";
import { SettingsForm, type Values } from "../connect/SettingsForm";
import { FileProblems } from "../parts/FileProblems";
import { type Lines, proposedLines } from "../parts/lines";
import { atFields, errorsIn, problemsOf } from "../parts/problems";
import { SaveBar } from "../parts/SaveBar";
import { Trouble } from "../parts/Trouble";
import { useEditing } from "../parts/useEditing";
import { asObject, withKey } from "../sync/draft";
import { Section } from "../sync/Mapping";
import { type Draft, draftOf, EMPTY, isSameOrigin, keyOf, linesOf, originIn, withOrigin, writtenKey } from "./draft";
import { KeyFields } from "./KeyFields";
import { isCheckable, isSound, keyCheck } from "./keys";
import { Origin } from "./Origin";
import { useRows } from "./useRows";
import { useSources } from "./useSources";

type File = Schemas["FileShape"];

/** What the form asks for in its own way; all else that a file of a model can say is asked for as its schema tells. */
const OWN = ["source", "primary_key", "table", "sql"];
const LISTED = ["model", "target", "job", "git"];
const IN_GIT = ["target", "job"];

const schema = {
  queryKey: ["schemas", "models"],
  staleTime: Infinity,
  queryFn: () => bodyOf(api.GET("/api/v1/schemas/{kind}", { params: { path: { kind: "models" } } })),
};

/** The key does not tell the rows apart: what is wrong stands at the key. */
class KeyUnsound extends Error {}

/** A model's file as a form, with the parts of the one that adds a model. */
export function ModelForm({ file }: { file: File }) {
  const described = useQuery(schema);
  if (!described.data) {
    return described.error ? <Trouble error={described.error} onRetry={() => void described.refetch()} /> : <Skeleton height={360} />;
  }
  return <Form file={file} schema={described.data} />;
}

function Form({ file, schema }: { file: File; schema: unknown }) {
  const { slug } = file;
  const { sources, lookers } = useSources();
  const [last, setLast] = useState<Draft>(EMPTY); // what was said under one method is there when it is chosen again
  const [leftOut, setLeftOut] = useState<Values | null>(null);
  const leavesOut = (values: Values) => leftOut !== null && hasSameRows(values, leftOut);
  const isToCheck = (values: Values, seen: File) => !hasSameRows(values, seen.values ?? {}) && isCheckable(keyOf(values), linesOf(values));
  const editing = useEditing<Values>(
    file,
    ({ values }) => values ?? {},
    async (values, seen) => {
      if (isToCheck(values, seen) && !isSound(await queries.fetchQuery(keyCheck(slug, values)), leavesOut(values))) throw new KeyUnsound();
      return { values };
    },
  );
  const { draft: values, setDraft: setValues, seen, refused } = editing;
  const before = seen.values ?? {};
  const [key, lines] = [keyOf(values), linesOf(values)];
  const known = draftOf(values, last);
  const draft = { ...known, looker: known.looker ?? lookers[0] ?? null };
  const rows = useRows(slug, { source: values.source, primary_key: ["id"], ...originIn(values) });
  const isChecked = isToCheck(values, seen);
  const isSettled = isSameOrigin(values, before) || rows.columns.length > 0; // else somebody may be writing the query
  const checking = useQuery({ ...keyCheck(slug, values), enabled: isChecked && isSettled && !editing.isSaving });
  const found = isChecked ? checking.data : undefined;
  const error = editing.error instanceof KeyUnsound ? null : editing.error;
  const wrongKey = isChecked && !error ? checking.error : null;
  const errors = atFields(refused?.problems ?? file.problems);
  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setLast(next);
    const changed = withOrigin(values, next);
    setValues(next.key.length > 0 ? { ...changed, primary_key: writtenKey(next.key) } : changed);
  };
  const set = (name: string, value: unknown) => setValues((now) => withKey(now, name, value ?? undefined));
  const gather = (said: Lines | null) => {
    set("lines", said);
    if (said && rows.columns.length === 0) void rows.look().then((read) => read && setValues((now) => withProposedLines(now, read)));
  };
  const ofDbt = settingsIn(schema, "dbt").filter(({ name }) => !(draft.git === null ? LISTED : IN_GIT).includes(name));
  return (
    <Stack gap="lg">
      {!refused && <FileProblems problems={file.problems} />}
      <Section title="What it returns">
        <Stack>
          <Origin
            draft={draft}
            sources={sources}
            lookers={lookers}
            rows={rows}
            problems={problemsOf(error ?? rows.error ?? wrongKey).filter(({ path }) => !path?.endsWith(".yaml"))}
            error={errors.source}
            onChange={change}
          />
          {draft.method === "dbt" && (
            <SettingsForm settings={ofDbt} values={asObject(values.dbt)} kept={asObject(before.dbt)} errors={errorsIn(errors, "dbt")} onChange={(dbt) => set("dbt", dbt)} />
          )}
        </Stack>
      </Section>
      <Section title="What tells its rows apart">
        <Stack maw={860}>
          <KeyFields
            value={key}
            lines={lines}
            columns={[...new Set([...rows.columns, ...key, ...(lines ? [...lines.order_by, ...lines.columns] : [])])]}
            read={rows.read}
            checking={{ data: found, error: wrongKey, isFetching: isChecked && checking.isFetching }}
            leavesOut={leavesOut(values)}
            errors={errors}
            onOpen={() => void rows.look()}
            onChange={(chosen) => set("primary_key", writtenKey(chosen))}
            onLines={gather}
            onLeavesOut={(isAllowed) => setLeftOut(isAllowed ? values : null)}
          />
          <FormerKey model={slug} former={keyOf(before)} now={key} />
        </Stack>
      </Section>
      <Section title="About it">
        <SettingsForm
          settings={settingsAtTop(schema).filter(({ name }) => !OWN.includes(name))}
          values={values}
          kept={{ title: "", description: "", ...before }}
          errors={errors}
          onChange={setValues}
        />
      </Section>
      <SaveBar editing={{ ...editing, error }} blocked={found !== undefined && !isSound(found, leavesOut(values))} />
    </Stack>
  );
}

/** What another key means for syncs that have written rows under the former one. */
function FormerKey({ model, former, now }: { model: string; former: string[]; now: string[] }) {
  const { data: all = [] } = useQuery(project);
  const syncs = all.filter(({ kind, about }) => kind === "syncs" && about.model === model).map((each) => each.slug);
  if (syncs.length === 0 || isSame(former, now)) return null;
  return (
    <Alert color="orange" role="status" title={`What was synced is known by ${former.join(", ")}`}>
      {syncs.length === 1 ? `Sync ${syncs[0]} reads` : `Syncs ${syncs.join(", ")} read`} this model. After rows were written, the next plan or run stops with another key, and nothing
      is sent, until the former key is put back or somebody says <Code>{`bookward run ${syncs.length === 1 ? syncs[0] : "SYNC"} --new-key`}</Code>: every row then finds its record anew
      by what the sync matches by.
    </Alert>
  );
}

/** Return a file with the lines that its first rows propose, where none are named yet. */
function withProposedLines(values: Values, { rows, columns }: Schemas["PreviewShape"]): Values {
  const lines = linesOf(values);
  if (!lines || lines.order_by.length + lines.columns.length > 0) return values;
  return withKey(values, "lines", proposedLines(rows, keyOf(values), columns) ?? lines);
}

/** Return whether two files' rows are the same, and told apart alike. */
const hasSameRows = (one: Values, other: Values): boolean =>
  isSameOrigin(one, other) && isSame([keyOf(one), linesOf(one)], [keyOf(other), linesOf(other)]);
