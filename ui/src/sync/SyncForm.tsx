import { Stack, TextInput } from "@mantine/core";

import type { Schemas } from "../api/client";
import { atFields, problemsOf } from "../parts/problems";
import { SaveBar } from "../parts/SaveBar";
import { useEditing } from "../parts/useEditing";
import { said, withKey } from "./draft";
import { Mapping, Section } from "./Mapping";
import { Running } from "./Running";
import { useParts } from "./useParts";

/** A sync's file as a form; what the form cannot express stays in the file as it is. */
export function SyncForm({ file }: { file: Schemas["FileShape"] }) {
  const editing = useEditing(
    file,
    ({ values }) => values ?? {},
    (values) => ({ values }),
  );
  const { draft, setDraft } = editing;
  const { object, coming } = useParts(draft);
  return (
    <Stack gap="lg">
      <Mapping slug={file.slug} draft={draft} onChange={setDraft} />
      {!coming && ( // else it would be far from where it was once the fields are there
        <Section title="When it runs">
          <Running slug={file.slug} hasAmount={object?.has_amount ?? false} draft={draft} errors={atFields(problemsOf(editing.error))} onChange={setDraft} />
        </Section>
      )}
      <Section title="What it is called">
        <TextInput
          label="Name"
          description="What people call it. Its slug is changed by Rename."
          inputWrapperOrder={["label", "input", "description", "error"]}
          maw={420}
          placeholder={file.slug}
          value={said(draft, "title")}
          onChange={(event) => setDraft(withKey(draft, "title", event.currentTarget.value || undefined))}
        />
      </Section>
      <SaveBar editing={editing} />
    </Stack>
  );
}
