//! A row under construction.

/// A sum of multiples of columns and a constant. Multiples of the same column are added up.
#[derive(Default)]
pub(super) struct Row {
    pub constant: f64,
    columns: Vec<u32>,
    /// The coefficient of every column that is marked; as long as the largest column used so far.
    coefficients: Vec<f64>,
    marked: Vec<bool>,
}

impl Row {
    /// Forgets all terms.
    pub fn clear(&mut self) {
        self.constant = 0.0;
        for column in self.columns.drain(..) {
            self.marked[column as usize] = false;
        }
    }

    /// Adds a multiple of a column.
    pub fn add(&mut self, column: u32, coefficient: f64) {
        let place = column as usize;
        if place >= self.marked.len() {
            self.marked.resize(place + 1, false);
            self.coefficients.resize(place + 1, 0.0);
        }
        if self.marked[place] {
            self.coefficients[place] += coefficient;
        } else {
            self.marked[place] = true;
            self.coefficients[place] = coefficient;
            self.columns.push(column);
        }
    }

    /// The columns with a nonzero coefficient, in the order in which they were first added.
    pub fn terms(&self) -> impl Iterator<Item = (u32, f64)> {
        self.columns
            .iter()
            .map(|&column| (column, self.coefficients[column as usize]))
            .filter(|term| term.1 != 0.0)
    }
}
