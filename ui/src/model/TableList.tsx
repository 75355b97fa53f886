import { Skeleton, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconSearch } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

import type { Schemas } from "../api/client";
import { Trouble } from "../parts/Trouble";
import { count } from "../parts/words";
import { type Found, foundIn, nameOf, quoted } from "./names";

type Listed = Schemas["ListedTableShape"];
type Insert = (name: string) => void;

/** So many tables are listed; the others are found by their letters. */
const MOST = 200;
/** With more tables than these, schemas are folded at first. */
const SEEN_AT_ONCE = 40;

type Props = {
  tables: Listed[] | undefined;
  quotes: string;
  error: unknown;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onInsert: Insert;
};

/** What the source has, beside the query: schemas, tables and columns; a click puts a name where the cursor is. */
export function TableList({ tables, quotes, error, isOpen, onOpen, onInsert }: Props) {
  const [letters, setLetters] = useState("");
  return (
    <section className="panel tables" aria-label="Tables">
      <Fold isOpen={isOpen} onOpen={onOpen} label={isOpen ? "Fold the list of tables" : "Show the list of tables"}>
        <Text span inherit fw={500}>
          Tables
        </Text>
        {tables && (
          <Text span inherit c="dimmed" ml={6}>
            {count(tables.length)}
          </Text>
        )}
      </Fold>
      {isOpen && (
        <>
          <TextInput
            size="xs"
            mx={8}
            mb={6}
            aria-label="Find a table or column"
            placeholder="Find a table or column"
            leftSection={<IconSearch size={13} />}
            value={letters}
            onChange={(event) => setLetters(event.currentTarget.value)}
          />
          <div className="tables-scroll">
            <Trouble error={error} />
            {!tables && !error && <Skeleton height={80} />}
            {tables && <Listing tables={tables} quotes={quotes} letters={letters} onInsert={onInsert} />}
          </div>
        </>
      )}
    </section>
  );
}

type ListingProps = { tables: Listed[]; quotes: string; letters: string; onInsert: Insert };

function Listing({ tables, quotes, letters, onInsert }: ListingProps) {
  const found = foundIn(tables, letters);
  const isSought = letters.trim() !== "";
  if (found.size === 0) return <Text size="xs" c="dimmed">{isSought ? "None has these letters." : "The source lists none."}</Text>;
  return [...found].map(([schema, each]) => (
    <Schema
      key={schema}
      name={schema}
      quotes={quotes}
      found={each}
      isSought={isSought}
      isFew={found.size === 1 || tables.length <= SEEN_AT_ONCE}
      onInsert={onInsert}
    />
  ));
}

type SchemaProps = { name: string; quotes: string; found: Found[]; isSought: boolean; isFew: boolean; onInsert: Insert };

function Schema({ name, quotes, found, isSought, isFew, onInsert }: SchemaProps) {
  const [isUnfolded, setUnfolded] = useState(isFew);
  const isOpen = isUnfolded || isSought || name === "";
  return (
    <>
      {name !== "" && (
        <Fold isOpen={isOpen} onOpen={setUnfolded} label={`Schema ${name}`}>
          <Text span inherit c="dimmed" fw={500}>
            {name}
          </Text>
        </Fold>
      )}
      {isOpen && (
        <ul aria-label={name === "" ? "Tables" : `Tables of ${name}`}>
          {found.slice(0, MOST).map((each) => (
            <Table key={nameOf(each.table)} quotes={quotes} found={each} onInsert={onInsert} />
          ))}
        </ul>
      )}
      {isOpen && found.length > MOST && (
        <Text size="xs" c="dimmed">
          {count(found.length - MOST)} more: find them by their letters.
        </Text>
      )}
    </>
  );
}

type TableProps = { found: Found; quotes: string; onInsert: Insert };

function Table({ found: { table, columns, byColumn }, quotes, onInsert }: TableProps) {
  const [isUnfolded, setUnfolded] = useState(false);
  const isOpen = isUnfolded || byColumn;
  return (
    <li>
      <div className="tables-line">
        <Fold isOpen={isOpen} onOpen={setUnfolded} label={`Columns of ${table.name}`} />
        <Name text={table.name} insert={nameOf(table, quotes)} onInsert={onInsert} />
      </div>
      {isOpen && (
        <ul aria-label={`Columns of ${table.name}`}>
          {columns.map(({ name, type }) => (
            <li key={name} className="tables-line">
              <Name text={name} insert={quoted(name, quotes)} onInsert={onInsert} />
              <Text span size="xs" c="dimmed" className="clip">
                {type}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Name({ text, insert, onInsert }: { text: string; insert: string; onInsert: Insert }) {
  const title = `Insert ${insert}`;
  return (
    <UnstyledButton className="tables-name mono" title={title} aria-label={title} onClick={() => onInsert(insert)}>
      {text}
    </UnstyledButton>
  );
}

type FoldProps = { isOpen: boolean; onOpen: (isOpen: boolean) => void; label: string; children?: ReactNode };

function Fold({ isOpen, onOpen, label, children }: FoldProps) {
  const Icon = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <UnstyledButton className="tables-fold" aria-expanded={isOpen} aria-label={label} onClick={() => onOpen(!isOpen)}>
      <Icon size={14} />
      {children}
    </UnstyledButton>
  );
}
