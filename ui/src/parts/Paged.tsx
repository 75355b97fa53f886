import { Button, Skeleton, Table } from "@mantine/core";
import { type QueryKey, useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Trouble } from "./Trouble";

const PAGE = 100;

type Asked = { cursor: string | undefined; limit: number };
type Page<Item> = { items: Item[]; next: string | null };

/** Ask for a long list page by page; `cursor` is the `next` of the page before. */
export function usePaged<Item>(queryKey: QueryKey, ask: (page: Asked) => Promise<Page<Item>>, refetchInterval: number | false = false) {
  const found = useInfiniteQuery({
    queryKey,
    refetchInterval,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => ask({ cursor: pageParam, limit: PAGE }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  return { found, items: found.data?.pages.flatMap((page) => page.items) ?? [] };
}

/** Return the cursor of a list whose places are numbers. */
export const numberOf = ({ cursor }: Asked): number | undefined => (cursor === undefined ? undefined : Number(cursor));

type Props<Item> = {
  paged: ReturnType<typeof usePaged<Item>>;
  /** What stands over the columns, how wide they are where that is fixed, and which a phone has no room for. */
  columns: (string | [text: string, width?: number, only?: "wide"])[];
  /** What stands there when nothing was found. */
  empty: ReactNode;
  children: (item: Item) => ReactNode;
  layout?: "fixed";
  /** Whether a phone shows each line as a block of its own. */
  stacked?: boolean;
};

/** A long list as a table, with a way to more of it. */
export function Paged<Item>({ paged: { found, items }, columns, empty, children, layout, stacked }: Props<Item>) {
  return (
    <>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Skeleton height={240} />}
      {found.data && (
        <div className="panel scroll-x fits">
          <Table highlightOnHover miw={680} layout={layout} className={stacked ? "stacked" : undefined}>
            <Table.Thead>
              <Table.Tr>
                {columns.map((column) => {
                  const [text, width, only] = [column].flat() as [string, number | undefined, "wide" | undefined];
                  return (
                    <Table.Th key={text} w={width} className={only}>
                      {text}
                    </Table.Th>
                  );
                })}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map(children)}
              {items.length === 0 && (
                <Table.Tr>
                  <Table.Td colSpan={columns.length} c="dimmed">
                    {empty}
                  </Table.Td>
                </Table.Tr>
              )}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <More paged={{ found }} />
    </>
  );
}

/** The way to the next page, where there is one. */
export function More({ paged: { found } }: { paged: { found: Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"> } }) {
  if (!found.hasNextPage) return null;
  return (
    <Button variant="default" mt="md" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
      More
    </Button>
  );
}
