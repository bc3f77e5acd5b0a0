//! Matrices of affine operations, and the four products that graphs and bounds are made of.

use super::{GraphError, all_finite, refuse};

/// Below this many rows a general matrix product is slower than one dot product an entry.
const FEW_ROWS: usize = 4;

/// A dense (row-major) or sparse (compressed rows) matrix.
#[derive(Clone, Debug)]
pub enum Matrix {
    /// All entries, row after row.
    Dense {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
        /// `rows * columns` entries.
        data: Vec<f64>,
    },
    /// The entries that are stored, row after row, columns ascending in each.
    Sparse {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
        /// Where every row starts in `indices` and `data`; `rows + 1` numbers.
        starts: Vec<usize>,
        /// The column of every entry.
        indices: Vec<u32>,
        /// The entries.
        data: Vec<f64>,
    },
}

impl Matrix {
    /// A dense matrix from row-major entries.
    pub fn dense(rows: usize, columns: usize, data: Vec<f64>) -> Result<Self, GraphError> {
        if Some(data.len()) != rows.checked_mul(columns) {
            return refuse(format!(
                "a {rows} by {columns} matrix cannot have {} entries",
                data.len()
            ));
        }
        all_finite(&data, "matrix")?;
        Ok(Matrix::Dense {
            rows,
            columns,
            data,
        })
    }

    /// A sparse matrix from compressed rows. Columns are put in ascending order; one given twice is refused.
    pub fn sparse(
        rows: usize,
        columns: usize,
        starts: Vec<usize>,
        mut indices: Vec<u32>,
        mut data: Vec<f64>,
    ) -> Result<Self, GraphError> {
        let stored = indices.len();
        if data.len() != stored {
            return refuse(format!(
                "{stored} column indices were given for {} entries",
                data.len()
            ));
        }
        if Some(starts.len()) != rows.checked_add(1) || starts[0] != 0 || starts[rows] != stored {
            return refuse(format!(
                "row starts must be {rows} + 1 numbers from 0 to {stored}"
            ));
        }
        if let Some(row) = (0..rows).find(|&row| starts[row] > starts[row + 1]) {
            return refuse(format!("row starts descend after row {row}"));
        }
        all_finite(&data, "matrix")?;
        for row in 0..rows {
            let range = starts[row]..starts[row + 1];
            let columns_here = &indices[range.clone()];
            if let Some(column) = columns_here
                .iter()
                .find(|&&column| column as usize >= columns)
            {
                return refuse(format!(
                    "row {row} names column {column} of a matrix of {columns} columns"
                ));
            }
            if columns_here.windows(2).all(|pair| pair[0] < pair[1]) {
                continue;
            }
            let mut entries: Vec<(u32, f64)> = range
                .clone()
                .map(|place| (indices[place], data[place]))
                .collect();
            entries.sort_by_key(|entry| entry.0);
            if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return refuse(format!("row {row} names column {} twice", pair[0].0));
            }
            for (place, (column, value)) in range.zip(entries) {
                indices[place] = column;
                data[place] = value;
            }
        }
        Ok(Matrix::Sparse {
            rows,
            columns,
            starts,
            indices,
            data,
        })
    }

    /// The square matrix with these entries on its diagonal.
    pub fn diagonal(entries: &[f64]) -> Self {
        let size = entries.len();
        Matrix::Sparse {
            rows: size,
            columns: size,
            starts: (0..=size).collect(),
            indices: (0..size as u32).collect(),
            data: entries.to_vec(),
        }
    }

    /// The identity.
    pub fn identity(size: usize) -> Self {
        Matrix::diagonal(&vec![1.0; size])
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Matrix::Dense { rows, .. } | Matrix::Sparse { rows, .. } => *rows,
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        match self {
            Matrix::Dense { columns, .. } | Matrix::Sparse { columns, .. } => *columns,
        }
    }

    /// Number of stored entries: all of a dense matrix.
    pub fn stored(&self) -> usize {
        match self {
            Matrix::Dense { data, .. } | Matrix::Sparse { data, .. } => data.len(),
        }
    }

    /// Number of entries that are not zero.
    pub fn nonzeros(&self) -> usize {
        match self {
            Matrix::Dense { data, .. } | Matrix::Sparse { data, .. } => {
                data.iter().filter(|&&value| value != 0.0).count()
            }
        }
    }

    /// The number of products summed in the longest entry of `M x`.
    pub fn longest_row(&self) -> usize {
        match self {
            Matrix::Dense { columns, .. } => *columns,
            Matrix::Sparse { starts, .. } => starts
                .windows(2)
                .map(|pair| pair[1] - pair[0])
                .max()
                .unwrap_or(0),
        }
    }

    /// Calls `visit(column, value)` for every stored entry of a row.
    pub fn visit_row(&self, row: usize, mut visit: impl FnMut(usize, f64)) {
        match self {
            Matrix::Dense { columns, data, .. } => {
                for (column, &value) in data[row * columns..][..*columns].iter().enumerate() {
                    visit(column, value);
                }
            }
            Matrix::Sparse {
                starts,
                indices,
                data,
                ..
            } => {
                for place in starts[row]..starts[row + 1] {
                    visit(indices[place] as usize, data[place]);
                }
            }
        }
    }

    /// `out += x Mᵀ` for `batch` rows: every row of `x` is multiplied by the matrix.
    pub fn add_product(&self, x: &[f64], batch: usize, out: &mut [f64]) {
        let (rows, columns) = (self.rows(), self.columns());
        assert!(x.len() == batch * columns && out.len() == batch * rows);
        match self {
            Matrix::Dense { data, .. } if batch < FEW_ROWS => {
                for b in 0..batch {
                    let x = &x[b * columns..][..columns];
                    for (row, out) in out[b * rows..][..rows].iter_mut().enumerate() {
                        *out += dot(&data[row * columns..][..columns], x);
                    }
                }
            }
            Matrix::Dense { data, .. } => {
                multiply(
                    [batch, columns, rows],
                    x,
                    [columns, 1],
                    data,
                    [1, columns],
                    out,
                );
            }
            Matrix::Sparse {
                starts,
                indices,
                data,
                ..
            } => {
                for b in 0..batch {
                    let x = &x[b * columns..][..columns];
                    for (row, out) in out[b * rows..][..rows].iter_mut().enumerate() {
                        for place in starts[row]..starts[row + 1] {
                            *out += data[place] * x[indices[place] as usize];
                        }
                    }
                }
            }
        }
    }

    /// `out += g M` for `batch` rows: the product that carries gradients and linear bounds backward.
    pub fn add_transposed_product(&self, g: &[f64], batch: usize, out: &mut [f64]) {
        let (rows, columns) = (self.rows(), self.columns());
        assert!(g.len() == batch * rows && out.len() == batch * columns);
        match self {
            Matrix::Dense { data, .. } if batch < FEW_ROWS => {
                for b in 0..batch {
                    let out = &mut out[b * columns..][..columns];
                    for (row, &weight) in g[b * rows..][..rows].iter().enumerate() {
                        if weight != 0.0 {
                            for (out, &value) in
                                out.iter_mut().zip(&data[row * columns..][..columns])
                            {
                                *out += weight * value;
                            }
                        }
                    }
                }
            }
            Matrix::Dense { data, .. } => {
                multiply(
                    [batch, rows, columns],
                    g,
                    [rows, 1],
                    data,
                    [columns, 1],
                    out,
                );
            }
            Matrix::Sparse {
                starts,
                indices,
                data,
                ..
            } => {
                for b in 0..batch {
                    let out = &mut out[b * columns..][..columns];
                    for (row, &weight) in g[b * rows..][..rows].iter().enumerate() {
                        if weight != 0.0 {
                            for place in starts[row]..starts[row + 1] {
                                out[indices[place] as usize] += weight * data[place];
                            }
                        }
                    }
                }
            }
        }
    }

    /// `out += |M| v` for one vector.
    pub fn add_absolute_product(&self, v: &[f64], out: &mut [f64]) {
        for (row, out) in out.iter_mut().enumerate() {
            let mut sum = 0.0;
            self.visit_row(row, |column, value| sum += value.abs() * v[column]);
            *out += sum;
        }
    }
}

/// The inner product, in eight running sums so that the compiler can use wide registers.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(a, b)| a * b)
        .sum();
    let mut sums = [0.0; 8];
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// `c += a b` with `a` m×k and `b` k×n at the given (row, column) strides and `c` m×n row-major.
pub(crate) fn multiply(
    [m, k, n]: [usize; 3],
    a: &[f64],
    a_strides: [usize; 2],
    b: &[f64],
    b_strides: [usize; 2],
    c: &mut [f64],
) {
    if m == 0 || k == 0 || n == 0 {
        return;
    }
    let reach = |rows: usize, columns: usize, strides: [usize; 2]| {
        (rows - 1) * strides[0] + (columns - 1) * strides[1] + 1
    };
    assert!(a.len() >= reach(m, k, a_strides));
    assert!(b.len() >= reach(k, n, b_strides));
    assert!(c.len() >= m * n);
    // SAFETY: the three assertions hold every address that the product touches inside its slice,
    // and `c` is borrowed exclusively.
    unsafe {
        matrixmultiply::dgemm(
            m,
            k,
            n,
            1.0,
            a.as_ptr(),
            a_strides[0] as isize,
            a_strides[1] as isize,
            b.as_ptr(),
            b_strides[0] as isize,
            b_strides[1] as isize,
            1.0,
            c.as_mut_ptr(),
            n as isize,
            1,
        );
    }
}
