/** A column of a `DataTable`. A slot of the column's id draws the cell; else `value` gives its text. */
export interface Column<Row> {
  id: string
  label: string
  /** Figures stand at the right, digits under digits. */
  figure?: boolean
  /** Names the row: first column, and the heading of the card on a narrow screen. */
  heading?: boolean
  /** Short words, never broken over lines. */
  short?: boolean
  /** Long text: takes the whole width of the card on a narrow screen. */
  broad?: boolean
  value?: (row: Row) => string
}
