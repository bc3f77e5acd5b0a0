//! The free MPS format.

use std::io::{self, Write};

use super::names::Number;
use super::program::{ColumnKind, Program};

const OBJECTIVE: &str = "objective";

impl Program {
    /// Writes the program in free MPS, with sets in a section `SOS` and cones in sections `QCMATRIX`.
    ///
    /// Blanks in names become underscores. The constant of the objective stands on its right-hand side, negated.
    pub fn write_mps(&self, out: &mut impl Write) -> io::Result<()> {
        let columns = self.file_column_names(in_mps);
        let rows = self.file_row_names(in_mps);
        writeln!(out, "NAME preimage\nROWS\n N {OBJECTIVE}")?;
        for (row, name) in rows.iter().enumerate() {
            writeln!(out, " {} {name}", self.row_type(row))?;
        }
        for cone in 0..self.cones.len() {
            writeln!(out, " L cone.{cone}")?;
        }
        self.write_columns(out, &columns, &rows)?;
        self.write_sides(out, &rows)?;
        writeln!(out, "BOUNDS")?;
        for (column, name) in columns.iter().enumerate() {
            let (lower, upper) = (self.column_lower[column], self.column_upper[column]);
            if lower == upper {
                writeln!(out, " FX bounds {name} {}", Number(lower))?;
            } else {
                writeln!(
                    out,
                    " LO bounds {name} {}\n UP bounds {name} {}",
                    Number(lower),
                    Number(upper)
                )?;
            }
        }
        if !self.sos1.is_empty() {
            writeln!(out, "SOS")?;
        }
        for (set, pair) in self.sos1.iter().enumerate() {
            writeln!(out, " S1 set.{set}")?;
            for (weight, &column) in (1..).zip(pair) {
                writeln!(out, "    {} {weight}", columns[column as usize])?;
            }
        }
        for (number, cone) in self.cones.iter().enumerate() {
            writeln!(out, "QCMATRIX cone.{number}")?;
            for &member in &cone.members {
                writeln!(out, "    {0} {0} 1", columns[member as usize])?;
            }
            writeln!(out, "    {0} {0} -1", columns[cone.apex as usize])?;
        }
        writeln!(out, "ENDATA")
    }

    fn row_type(&self, row: usize) -> char {
        let (lower, upper) = (self.row_lower[row], self.row_upper[row]);
        if lower == upper {
            'E'
        } else if lower.is_finite() {
            'G'
        } else {
            'L'
        }
    }

    /// The coefficients, column after column.
    fn write_columns(
        &self,
        out: &mut impl Write,
        columns: &[String],
        rows: &[String],
    ) -> io::Result<()> {
        let (starts, places) = self.transposed();
        writeln!(out, "COLUMNS")?;
        let mut whole = false;
        for (column, name) in columns.iter().enumerate() {
            let integer = self.column_kinds[column] != ColumnKind::Continuous;
            if integer != whole {
                writeln!(
                    out,
                    " marker 'MARKER' '{}'",
                    if integer { "INTORG" } else { "INTEND" }
                )?;
                whole = integer;
            }
            let objective = self.column_objective[column];
            let entries = &places[starts[column]..starts[column + 1]];
            // A column that stands nowhere else still has to be declared.
            if objective != 0.0 || entries.is_empty() {
                writeln!(out, " {name} {OBJECTIVE} {}", Number(objective))?;
            }
            for &(row, coefficient) in entries {
                writeln!(
                    out,
                    " {name} {} {}",
                    rows[row as usize],
                    Number(coefficient)
                )?;
            }
        }
        if whole {
            writeln!(out, " marker 'MARKER' 'INTEND'")?;
        }
        Ok(())
    }

    fn write_sides(&self, out: &mut impl Write, rows: &[String]) -> io::Result<()> {
        writeln!(out, "RHS")?;
        if self.offset != 0.0 {
            writeln!(out, " rhs {OBJECTIVE} {}", Number(-self.offset))?;
        }
        for (row, name) in rows.iter().enumerate() {
            let lower = self.row_lower[row];
            let side = if lower.is_finite() {
                lower
            } else {
                self.row_upper[row]
            };
            if side != 0.0 {
                writeln!(out, " rhs {name} {}", Number(side))?;
            }
        }
        let ranged =
            |row: usize| self.row_lower[row].is_finite() && self.row_upper[row].is_finite();
        let ranges: Vec<usize> = (0..rows.len())
            .filter(|&row| ranged(row) && self.row_type(row) == 'G')
            .collect();
        if !ranges.is_empty() {
            writeln!(out, "RANGES")?;
        }
        for row in ranges {
            writeln!(
                out,
                " range {} {}",
                rows[row],
                Number(self.row_upper[row] - self.row_lower[row])
            )?;
        }
        Ok(())
    }

    /// The rows and coefficients of every column, and where each column starts.
    fn transposed(&self) -> (Vec<usize>, Vec<(u32, f64)>) {
        let mut starts = vec![0; self.column_count() + 1];
        for &column in &self.indices {
            starts[column as usize + 1] += 1;
        }
        for column in 0..self.column_count() {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut places = vec![(0, 0.0); self.nonzeros()];
        for row in 0..self.row_count() {
            let (columns, coefficients) = self.row(row);
            for (&column, &coefficient) in columns.iter().zip(coefficients) {
                let place = &mut next[column as usize];
                places[*place] = (row as u32, coefficient);
                *place += 1;
            }
        }
        (starts, places)
    }
}

fn in_mps(letter: char) -> Option<char> {
    (letter.is_ascii_alphanumeric() || "_.[](),#=/-".contains(letter)).then_some(letter)
}
