import { Table, type TableTrProps } from "@mantine/core";
import type { KeyboardEvent } from "react";

const STEPS: Record<string, "nextElementSibling" | "previousElementSibling"> = {
  ArrowDown: "nextElementSibling",
  ArrowUp: "previousElementSibling",
};

type Props = TableTrProps & {
  onOpen: () => void;
  /** Whether a link in the row opens the same: then the keyboard stops there, and once a row. */
  linked?: boolean;
};

/** A row of a table that opens something: by a click, by Enter or Space, and the arrows lead to its neighbours. */
export function RowOpener({ onOpen, linked = false, ...rest }: Props) {
  const pressed = (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.target !== event.currentTarget) return;
    const step = STEPS[event.key];
    if (step) (event.currentTarget[step] as HTMLElement | null)?.focus();
    else if (event.key === "Enter" || event.key === " ") onOpen();
    else return;
    event.preventDefault();
  };
  return <Table.Tr {...rest} className="row-link" tabIndex={linked ? undefined : 0} onClick={onOpen} onKeyDown={pressed} />;
}
