import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, Refusal, type Schemas } from "../api/client";
import { isSame } from "../api/exact";
import { file as fileQuery, queries } from "../api/queries";
import { stillWrong } from "./problems";
import { useLeaving } from "./useLeaving";

type File = Schemas["FileShape"];
type Written = { values: Record<string, unknown>; secrets?: Record<string, string> } | { text: string; sql?: string | null };

/**
 * Change a file by a draft of it: nobody's change is overwritten, and nothing that was written here is lost.
 *
 * What others save meanwhile is taken over while the draft says nothing else; afterwards the save is refused, and
 * `reload` shows what is there.
 *
 * @param file as it is now.
 * @param draftOf makes the draft of a file.
 * @param write makes what is sent of the draft, and of the file that was seen.
 */
export function useEditing<Draft>(
  file: File,
  draftOf: (file: File) => Draft,
  write: (draft: Draft, seen: File) => Written | Promise<Written>,
) {
  const [seen, setSeen] = useState(file);
  const [draft, setDraft] = useState(() => draftOf(file));
  const changed = !isSame(draft, draftOf(seen));
  const show = (now: File) => {
    setSeen(now);
    setDraft(draftOf(now));
  };
  if (!changed && seen.etag !== file.etag) show(file);
  useLeaving(changed, "What you changed is not saved. Leave it?");
  const { kind, slug } = file;
  const fetched = () => queries.fetchQuery({ ...fileQuery(kind, slug), staleTime: 0 });
  const reload = async () => show(await fetched());
  const saving = useMutation({
    mutationFn: async (sent: Draft) => {
      const params = { path: { kind, slug }, header: { "if-match": `"${seen.etag}"` } };
      return bodyOf(api.PUT("/api/v1/files/{kind}/{slug}", { params, body: await write(sent, seen) }));
    },
    onSuccess: async ({ commit }, sent) => {
      notifications.show({ message: commit ? `Saved and committed as ${commit.slice(0, 8)}` : "Saved" });
      const now = await fetched();
      setSeen(now);
      setDraft((last) => (isSame(last, sent) ? draftOf(now) : last)); // what was written meanwhile stays
      await queries.invalidateQueries();
    },
  });
  const error = stillWrong(saving.error, saving.variables, draft);
  const reset = (then: () => unknown) => () => {
    saving.reset();
    void then();
  };
  return {
    draft,
    setDraft,
    seen,
    changed,
    save: () => {
      if (changed && !saving.isPending) saving.mutate(draft);
    },
    undo: reset(() => setDraft(draftOf(seen))),
    reload: reset(reload),
    isSaving: saving.isPending,
    error,
    refused: error instanceof Refusal ? error : null,
  };
}

export type Editing = Omit<ReturnType<typeof useEditing<unknown>>, "draft" | "setDraft">;
