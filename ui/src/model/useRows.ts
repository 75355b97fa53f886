import { useMutation } from "@tanstack/react-query";

import { api, bodyOf, type Schemas } from "../api/client";
import { isSame, read } from "../api/exact";

type Values = Record<string, unknown>;
type Preview = Schemas["PreviewShape"];
type Asked = { values: Values; isShown: boolean };

const NOTHING: Pick<Preview, "rows" | "columns"> = { rows: [], columns: [] };

/** The first rows that a model would return; what was read for other values is not shown. */
export function useRows(slug: string, values: Values) {
  const reading = useMutation({
    mutationFn: async ({ values: body }: Asked) => {
      const params = { path: { slug } };
      const found = read<Preview>(await bodyOf(api.POST("/api/v1/models/{slug}/preview", { params, body: { values: body }, parseAs: "text" })));
      return { ...found, seconds: Number(String(found.seconds)) };
    },
  });
  const { variables: asked, data } = reading;
  const isOfThese = asked !== undefined && isSame(asked.values, values);
  const known = isOfThese ? data : undefined;
  return {
    preview: isOfThese && asked.isShown ? known : undefined,
    columns: known?.columns.map(({ name }) => name) ?? [],
    read: known ?? NOTHING,
    error: isOfThese ? reading.error : null,
    isReading: isOfThese && reading.isPending,
    show: () => reading.mutate({ values, isShown: true }),
    /** Get to know the rows and their columns; the page stays as it is. */
    look: async (): Promise<Preview | null> => {
      if (isOfThese && !reading.isError) return data ?? null;
      return reading.mutateAsync({ values, isShown: false }).catch(() => null); // said where rows are shown
    },
  };
}

export type Rows = ReturnType<typeof useRows>;
