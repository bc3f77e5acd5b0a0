//! The three products that a box is made of, for short rows: no packing, wide registers where the processor has them.

use super::lines::Lines;
use super::scratch::Scratch;

/// Rows of one width, one after another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The length of a row.
    pub width: usize,
    /// The entries.
    pub data: Vec<f64>,
}

impl Rows {
    /// `count` rows of zeros.
    pub fn zeros(count: usize, width: usize) -> Self {
        Rows {
            width,
            data: vec![0.0; count * width],
        }
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.data.len().checked_div(self.width).unwrap_or(0)
    }

    /// One row.
    pub fn row(&self, index: usize) -> &[f64] {
        &self.data[index * self.width..][..self.width]
    }

    /// One row, to be changed.
    pub fn row_mut(&mut self, index: usize) -> &mut [f64] {
        &mut self.data[index * self.width..][..self.width]
    }

    /// Rows and columns exchanged.
    pub fn transposed(&self) -> Scratch {
        let count = self.count();
        let mut out = Scratch::rows(self.width, count);
        for (r, row) in self.data.chunks(self.width.max(1)).enumerate() {
            for (j, v) in row.iter().enumerate() {
                out.data[j * count + r] = *v;
            }
        }
        out
    }

    /// Appends a row; a shorter one is filled with zeros.
    pub fn push(&mut self, row: &[f64]) {
        self.data
            .extend_from_slice(&row[..row.len().min(self.width)]);
        let missing = self.width.saturating_sub(row.len());
        self.data.extend(std::iter::repeat_n(0.0, missing));
    }
}

/// Defines a function twice, with and without wide fused instructions, and picks one when it is called; or one that is
/// wider still, where there is one.
macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident, $generic:ident, ($($argument:ident: $kind:ty),*), $($widest:tt)*) => {
        $(#[$doc])*
        pub fn $name($($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            {
                dispatch!(@widest ($($argument),*) $($widest)*);
                #[target_feature(enable = "avx2,fma")]
                fn wide($($argument: $kind),*) {
                    $generic::<true>($($argument),*);
                }
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                    // SAFETY: the processor has what the function was compiled for.
                    return unsafe { wide($($argument),*) };
                }
            }
            $generic::<false>($($argument),*);
        }
    };
    (@widest $arguments:tt) => {};
    (@widest ($($argument:ident),*) $widest:path) => {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has what the function was compiled for.
            return unsafe { $widest($($argument),*) };
        }
    };
}

dispatch!(
    /// `out += sum over r of coefficients[r] * rows[r]`, with rows as long as `out`.
    accumulate,
    accumulate_generic,
    (out: &mut [f64], coefficients: &[f64], rows: &[f64]),
    super::wide::accumulate
);

dispatch!(
    /// `out[r] = rows[r] . values`, with rows as long as `values`.
    dots,
    dots_generic,
    (rows: &[f64], values: &[f64], out: &mut [f64]),
    super::wide::dots
);

dispatch!(
    /// `middle[r] = rows[r] . centres` and `spread[r] += |rows[r]| . radii`, with rows as long as these.
    ranges,
    ranges_generic,
    (rows: &[f64], centres: &[f64], radii: &[f64], middle: &mut [f64], spread: &mut [f64]),
);

dispatch!(
    /// The `factors` with which the `z` of symbols from `first` on replace them, given their coefficients `q` and the
    /// slopes of free lines (by symbol). Adds the constants and the margins to `sums`.
    replace,
    replace_generic,
    (q: &[f64], lines: &Lines, first: usize, slopes: &[f64], factors: &mut [f64], sums: &mut [f64; 2]),
    super::wide::replace
);

dispatch!(
    /// Moves free slopes half way to the branch that holds `z`, or onto it where that is near; `values` become what stands
    /// for the symbols there.
    move_slopes,
    move_slopes_generic,
    (q: &[f64], lines: &Lines, first: usize, z: &[f64], slopes: &mut [f64], values: &mut [f64]),
    super::wide::move_slopes
);

dispatch!(
    /// `out += a b` for rows-by-inner-by-columns `shape`; the rows of `a` and `out` are as far apart as `strides` say.
    multiply_blocks,
    multiply_generic,
    (shape: [usize; 3], strides: [usize; 2], a: &[f64], b: &[f64], out: &mut [f64]),
    super::wide::multiply
);

/// `out += a b`, where `a` has as many rows as `out` and `b` as many columns; the rows of `out` are `stride` apart.
pub fn add_product(out: &mut [f64], stride: usize, a: &Rows, b: &Rows) {
    let shape = [a.count(), a.width, b.width];
    multiply_blocks(shape, [a.width, stride], &a.data, &b.data, out);
}

#[inline(always)]
fn fuse<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn accumulate_generic<const FUSED: bool>(out: &mut [f64], coefficients: &[f64], rows: &[f64]) {
    let width = out.len();
    let quads = coefficients.len() / 4;
    for quad in 0..quads {
        let c = &coefficients[4 * quad..][..4];
        if c.iter().all(|c| *c == 0.0) {
            continue;
        }
        let block = &rows[4 * quad * width..][..4 * width];
        let (first, rest) = block.split_at(width);
        let (second, rest) = rest.split_at(width);
        let (third, fourth) = rest.split_at(width);
        let fourth = &fourth[..width];
        for j in 0..width {
            let pair = fuse::<FUSED>(c[0], first[j], fuse::<FUSED>(c[1], second[j], out[j]));
            out[j] = fuse::<FUSED>(c[2], third[j], fuse::<FUSED>(c[3], fourth[j], pair));
        }
    }
    for (r, &c) in coefficients.iter().enumerate().skip(4 * quads) {
        if c != 0.0 {
            let row = &rows[r * width..][..width];
            for (o, v) in out.iter_mut().zip(row) {
                *o = fuse::<FUSED>(c, *v, *o);
            }
        }
    }
}

/// One register of running sums: one after another, each addition would wait for the last.
type Lanes = [f64; 4];

#[inline(always)]
fn dots_generic<const FUSED: bool>(rows: &[f64], values: &[f64], out: &mut [f64]) {
    let width = values.len();
    let whole = width / 4 * 4;
    let quads = out.len() / 4;
    for quad in 0..quads {
        let block = &rows[4 * quad * width..][..4 * width];
        let (first, rest) = block.split_at(width);
        let (second, rest) = rest.split_at(width);
        let (third, fourth) = rest.split_at(width);
        let mut sums: [Lanes; 4] = [[0.0; 4]; 4];
        let chunks = values.chunks_exact(4).zip(first.chunks_exact(4));
        let chunks = chunks
            .zip(second.chunks_exact(4))
            .zip(third.chunks_exact(4));
        for ((((v, a), b), c), d) in chunks.zip(fourth.chunks_exact(4)) {
            for lane in 0..4 {
                sums[0][lane] = fuse::<FUSED>(a[lane], v[lane], sums[0][lane]);
                sums[1][lane] = fuse::<FUSED>(b[lane], v[lane], sums[1][lane]);
                sums[2][lane] = fuse::<FUSED>(c[lane], v[lane], sums[2][lane]);
                sums[3][lane] = fuse::<FUSED>(d[lane], v[lane], sums[3][lane]);
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let row = &block[r * width..][..width];
            out[4 * quad + r] = finish::<FUSED>(*sums, &row[whole..], &values[whole..]);
        }
    }
    for r in 4 * quads..out.len() {
        let row = &rows[r * width..][..width];
        let mut sums = [0.0; 4];
        for (a, v) in row.chunks_exact(4).zip(values.chunks_exact(4)) {
            for lane in 0..4 {
                sums[lane] = fuse::<FUSED>(a[lane], v[lane], sums[lane]);
            }
        }
        out[r] = finish::<FUSED>(sums, &row[whole..], &values[whole..]);
    }
}

#[inline(always)]
fn ranges_generic<const FUSED: bool>(
    rows: &[f64],
    centres: &[f64],
    radii: &[f64],
    middle: &mut [f64],
    spread: &mut [f64],
) {
    let width = centres.len();
    let whole = width / 4 * 4;
    for (r, (middle, spread)) in middle.iter_mut().zip(spread).enumerate() {
        let row = &rows[r * width..][..width];
        let (mut sums, mut sizes): (Lanes, Lanes) = ([0.0; 4], [0.0; 4]);
        let chunks = row.chunks_exact(4).zip(centres.chunks_exact(4));
        for ((v, c), d) in chunks.zip(radii.chunks_exact(4)) {
            for lane in 0..4 {
                sums[lane] = fuse::<FUSED>(v[lane], c[lane], sums[lane]);
                sizes[lane] = fuse::<FUSED>(v[lane].abs(), d[lane], sizes[lane]);
            }
        }
        let (mut sum, mut size) = (
            (sums[0] + sums[1]) + (sums[2] + sums[3]),
            (sizes[0] + sizes[1]) + (sizes[2] + sizes[3]),
        );
        for j in whole..width {
            sum = fuse::<FUSED>(row[j], centres[j], sum);
            size = fuse::<FUSED>(row[j].abs(), radii[j], size);
        }
        *middle = sum;
        *spread += size;
    }
}

#[inline(always)]
fn replace_generic<const FUSED: bool>(
    q: &[f64],
    lines: &Lines,
    first: usize,
    slopes: &[f64],
    factors: &mut [f64],
    sums: &mut [f64; 2],
) {
    let n = q.len();
    let (sign, chord) = (&lines.sign[first..][..n], &lines.chord[first..][..n]);
    let (constant, slopes) = (&lines.constant[first..][..n], &slopes[first..][..n]);
    let chord_margin = &lines.chord_margin[first..][..n];
    let free_margin = &lines.free_margin[first..][..n];
    let factors = &mut factors[..n];
    for k in 0..n {
        let slope = if q[k] * sign[k] > 0.0 {
            slopes[k]
        } else {
            chord[k]
        };
        factors[k] = q[k] * slope;
    }
    for k in 0..n {
        let free = q[k] * sign[k] > 0.0;
        let constant = if free { 0.0 } else { constant[k] };
        let margin = if free {
            free_margin[k]
        } else {
            chord_margin[k]
        };
        sums[0] = fuse::<FUSED>(q[k], constant, sums[0]);
        sums[1] = fuse::<FUSED>(q[k].abs(), margin, sums[1]);
    }
}

#[inline(always)]
fn move_slopes_generic<const FUSED: bool>(
    q: &[f64],
    lines: &Lines,
    first: usize,
    z: &[f64],
    slopes: &mut [f64],
    values: &mut [f64],
) {
    let n = z.len();
    let (q, slopes, values) = (
        &q[first..][..n],
        &mut slopes[first..][..n],
        &mut values[..n],
    );
    let (sign, chord) = (&lines.sign[first..][..n], &lines.chord[first..][..n]);
    let constant = &lines.constant[first..][..n];
    let (below, near) = (&lines.below[first..][..n], &lines.near[first..][..n]);
    for k in 0..n {
        // All loads come first: a load in a branch would keep the loop out of wide registers.
        let (below, near, at, z) = (below[k], near[k], slopes[k], z[k]);
        let line = fuse::<FUSED>(chord[k], z, constant[k]);
        let chosen = q[k] * sign[k];
        let branch = if z >= 0.0 { 1.0 } else { below };
        let half = 0.5 * (at + branch);
        let half = if (half - branch).abs() < near {
            branch
        } else {
            half
        };
        slopes[k] = if chosen < 0.0 { at } else { half };
        values[k] = if chosen < 0.0 { line } else { branch * z };
    }
}

#[inline(always)]
fn multiply_generic<const FUSED: bool>(
    [count, inner, columns]: [usize; 3],
    [a_stride, out_stride]: [usize; 2],
    a: &[f64],
    b: &[f64],
    out: &mut [f64],
) {
    for r in 0..count {
        let out = &mut out[r * out_stride..][..columns];
        accumulate_generic::<FUSED>(out, &a[r * a_stride..][..inner], &b[..inner * columns]);
    }
}

#[inline(always)]
fn finish<const FUSED: bool>(sums: Lanes, row: &[f64], values: &[f64]) -> f64 {
    let mut sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (a, v) in row.iter().zip(values) {
        sum = fuse::<FUSED>(*a, *v, sum);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_agree_with_the_definition() {
        for (count, width) in [(0, 3), (1, 1), (3, 5), (4, 4), (9, 13), (40, 61)] {
            let rows: Vec<f64> = (0..count * width)
                .map(|i| ((i * 37) % 11) as f64 - 5.0)
                .collect();
            let values: Vec<f64> = (0..width).map(|i| ((i * 5) % 7) as f64 - 3.0).collect();
            let coefficients: Vec<f64> = (0..count).map(|i| (i % 5) as f64 - 2.0).collect();
            let mut found = vec![0.0; count];
            dots(&rows, &values, &mut found);
            let mut summed = vec![1.0; width];
            accumulate(&mut summed, &coefficients, &rows);
            for r in 0..count {
                let row = &rows[r * width..][..width];
                let expected: f64 = row.iter().zip(&values).map(|(a, b)| a * b).sum();
                assert_eq!(found[r], expected);
            }
            for (j, s) in summed.iter().enumerate() {
                let expected: f64 = (0..count)
                    .map(|r| coefficients[r] * rows[r * width + j])
                    .sum();
                assert_eq!(*s, 1.0 + expected);
            }
        }
    }
}
