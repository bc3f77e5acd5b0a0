//! The LP format, as CPLEX defined it.

use std::io::{self, Write};

use super::names::Number;
use super::program::{ColumnKind, Program};

/// Terms on one line.
const TERMS: usize = 8;

impl Program {
    /// Writes the program in the LP format, with sets in a section `SOS` and cones as quadratic rows.
    ///
    /// Brackets in names become parentheses, other signs underscores. A row with two limits is written twice.
    pub fn write_lp(&self, out: &mut impl Write) -> io::Result<()> {
        let columns = self.file_column_names(in_lp);
        let rows = self.file_row_names(in_lp);
        write!(out, "Minimize\n objective:")?;
        let objective = (0u32..).zip(self.column_objective.iter().copied());
        write_terms(out, &columns, objective.filter(|term| term.1 != 0.0))?;
        writeln!(out, " {}", Signed(self.offset))?;
        writeln!(out, "Subject To")?;
        for (row, name) in rows.iter().enumerate() {
            self.write_row(out, &columns, row, name)?;
        }
        for (number, cone) in self.cones.iter().enumerate() {
            write!(out, " cone.{number}: [")?;
            for &member in &cone.members {
                write!(out, " + {} ^2", columns[member as usize])?;
            }
            writeln!(out, " - {} ^2 ] <= 0", columns[cone.apex as usize])?;
        }
        writeln!(out, "Bounds")?;
        for (column, name) in columns.iter().enumerate() {
            let (lower, upper) = (self.column_lower[column], self.column_upper[column]);
            if lower == upper {
                writeln!(out, " {name} = {}", Number(lower))?;
            } else {
                writeln!(out, " {} <= {name} <= {}", Number(lower), Number(upper))?;
            }
        }
        for (title, wanted) in [
            ("Binaries", ColumnKind::Binary),
            ("Generals", ColumnKind::Integer),
        ] {
            let mut listed = self
                .column_kinds
                .iter()
                .zip(&columns)
                .filter(|pair| *pair.0 == wanted)
                .peekable();
            if listed.peek().is_some() {
                writeln!(out, "{title}")?;
            }
            for (_, name) in listed {
                writeln!(out, " {name}")?;
            }
        }
        if !self.sos1.is_empty() {
            writeln!(out, "SOS")?;
        }
        for (set, [first, second]) in self.sos1.iter().enumerate() {
            writeln!(
                out,
                " set.{set}: S1:: {}:1 {}:2",
                columns[*first as usize], columns[*second as usize]
            )?;
        }
        writeln!(out, "End")
    }

    fn write_row(
        &self,
        out: &mut impl Write,
        columns: &[String],
        row: usize,
        name: &str,
    ) -> io::Result<()> {
        let (lower, upper) = (self.row_lower[row], self.row_upper[row]);
        let sides: &[(&str, &str, f64)] = &if lower == upper {
            vec![("", "=", lower)]
        } else {
            let below = lower.is_finite().then_some((".lower", ">=", lower));
            let above = upper.is_finite().then_some(("", "<=", upper));
            below.into_iter().chain(above).collect::<Vec<_>>()
        };
        for (suffix, relation, side) in sides {
            write!(out, " {name}{suffix}:")?;
            let (indices, data) = self.row(row);
            write_terms(
                out,
                columns,
                indices.iter().copied().zip(data.iter().copied()),
            )?;
            writeln!(out, " {relation} {}", Number(*side))?;
        }
        Ok(())
    }
}

fn write_terms(
    out: &mut impl Write,
    columns: &[String],
    terms: impl Iterator<Item = (u32, f64)>,
) -> io::Result<()> {
    for (number, (column, coefficient)) in terms.enumerate() {
        if number > 0 && number % TERMS == 0 {
            write!(out, "\n   ")?;
        }
        write!(out, " {} {}", Signed(coefficient), columns[column as usize])?;
    }
    Ok(())
}

/// A number behind its sign.
struct Signed(f64);

impl std::fmt::Display for Signed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0.is_sign_negative() { '-' } else { '+' };
        write!(formatter, "{sign} {}", Number(self.0.abs()))
    }
}

fn in_lp(letter: char) -> Option<char> {
    match letter {
        '[' => Some('('),
        ']' => Some(')'),
        '_' | '.' | '(' | ')' => Some(letter),
        _ => letter.is_ascii_alphanumeric().then_some(letter),
    }
}
