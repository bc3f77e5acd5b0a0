//! What takes the time of [`super::kernel`] for processors with AVX-512: rows of any length, their ends loaded under a mask.

use std::arch::x86_64::{
    __m512d, __mmask8, _CMP_GE_OQ, _CMP_GT_OQ, _CMP_LT_OQ, _mm512_abs_pd, _mm512_add_pd,
    _mm512_cmp_pd_mask, _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_mask_blend_pd,
    _mm512_mask_storeu_pd, _mm512_maskz_loadu_pd, _mm512_mul_pd, _mm512_reduce_add_pd,
    _mm512_set1_pd, _mm512_setzero_pd, _mm512_sub_pd,
};

use super::lines::Lines;

/// Numbers in a register.
const LANES: usize = 8;

/// Registers of `out` that are summed together.
const PANEL: usize = 4;

/// All lanes.
const WHOLE: __mmask8 = 0xff;

/// The lanes of the last, unfinished register of a row.
fn tail(width: usize) -> __mmask8 {
    (1 << (width % LANES)) - 1
}

/// Eight numbers from `offset` on; the lanes out of `mask` are zero.
#[target_feature(enable = "avx512f")]
fn load(numbers: &[f64], offset: usize, mask: __mmask8) -> __m512d {
    // SAFETY: the lanes of the mask lie in the slice, and no others are read.
    unsafe { _mm512_maskz_loadu_pd(mask, numbers[offset..].as_ptr()) }
}

/// Eight numbers from `offset` on.
#[target_feature(enable = "avx512f")]
fn load_whole(numbers: &[f64], offset: usize) -> __m512d {
    // SAFETY: the slice that is taken has as many numbers as are read.
    unsafe { _mm512_loadu_pd(numbers[offset..offset + LANES].as_ptr()) }
}

/// See [`super::kernel::dots`].
#[target_feature(enable = "avx512f")]
pub fn dots(rows: &[f64], values: &[f64], out: &mut [f64]) {
    let width = values.len();
    let (whole, mask) = (width / LANES * LANES, tail(width));
    let mut quads = out.chunks_exact_mut(4);
    let mut start = 0;
    for quad in &mut quads {
        let block = &rows[start..][..4 * width];
        let mut sums = [_mm512_setzero_pd(); 4];
        for at in (0..whole).step_by(LANES) {
            let v = load_whole(values, at);
            for (r, sum) in sums.iter_mut().enumerate() {
                *sum = _mm512_fmadd_pd(load_whole(block, r * width + at), v, *sum);
            }
        }
        if mask != 0 {
            let v = load(values, whole, mask);
            for (r, sum) in sums.iter_mut().enumerate() {
                *sum = _mm512_fmadd_pd(load(block, r * width + whole, mask), v, *sum);
            }
        }
        for (out, sum) in quad.iter_mut().zip(sums) {
            *out = _mm512_reduce_add_pd(sum);
        }
        start += 4 * width;
    }
    for out in quads.into_remainder() {
        let row = &rows[start..][..width];
        let mut sum = _mm512_setzero_pd();
        for at in (0..whole).step_by(LANES) {
            sum = _mm512_fmadd_pd(load_whole(row, at), load_whole(values, at), sum);
        }
        if mask != 0 {
            sum = _mm512_fmadd_pd(load(row, whole, mask), load(values, whole, mask), sum);
        }
        *out = _mm512_reduce_add_pd(sum);
        start += width;
    }
}

/// See [`super::kernel::accumulate`].
#[target_feature(enable = "avx512f")]
pub fn accumulate(out: &mut [f64], coefficients: &[f64], rows: &[f64]) {
    let width = out.len();
    let mut at = 0;
    while at + PANEL * LANES <= width {
        panel::<PANEL>(out, at, WHOLE, coefficients, rows);
        at += PANEL * LANES;
    }
    let mask = if width.is_multiple_of(LANES) {
        WHOLE
    } else {
        tail(width)
    };
    match (width - at).div_ceil(LANES) {
        0 => {}
        1 => panel::<1>(out, at, mask, coefficients, rows),
        2 => panel::<2>(out, at, mask, coefficients, rows),
        3 => panel::<3>(out, at, mask, coefficients, rows),
        _ => panel::<PANEL>(out, at, mask, coefficients, rows),
    }
}

/// Some registers of `out`, from `at` on; the last one under a mask. Two rows at a time, so that sums need not wait.
#[target_feature(enable = "avx512f")]
fn panel<const COUNT: usize>(
    out: &mut [f64],
    at: usize,
    mask: __mmask8,
    coefficients: &[f64],
    rows: &[f64],
) {
    let width = out.len();
    let masks: [__mmask8; COUNT] =
        std::array::from_fn(|j| if j + 1 == COUNT { mask } else { WHOLE });
    let mut even: [__m512d; COUNT] = std::array::from_fn(|j| load(out, at + j * LANES, masks[j]));
    let mut odd = [_mm512_setzero_pd(); COUNT];
    let mut from = at;
    let mut pairs = coefficients.chunks_exact(2);
    for pair in &mut pairs {
        if pair[0] != 0.0 || pair[1] != 0.0 {
            let (a, b) = (_mm512_set1_pd(pair[0]), _mm512_set1_pd(pair[1]));
            for j in 0..COUNT {
                let column = from + j * LANES;
                even[j] = _mm512_fmadd_pd(a, load(rows, column, masks[j]), even[j]);
                odd[j] = _mm512_fmadd_pd(b, load(rows, column + width, masks[j]), odd[j]);
            }
        }
        from += 2 * width;
    }
    for &c in pairs.remainder() {
        let c = _mm512_set1_pd(c);
        for j in 0..COUNT {
            even[j] = _mm512_fmadd_pd(c, load(rows, from + j * LANES, masks[j]), even[j]);
        }
    }
    for j in 0..COUNT {
        store(
            out,
            at + j * LANES,
            masks[j],
            _mm512_add_pd(even[j], odd[j]),
        );
    }
}

/// Where groups of lanes begin, and which of them are in the row.
fn groups(count: usize) -> impl Iterator<Item = (usize, __mmask8)> {
    (0..count).step_by(LANES).map(move |at| {
        let mask = if at + LANES <= count {
            WHOLE
        } else {
            tail(count)
        };
        (at, mask)
    })
}

/// Writes the lanes of `mask` from `offset` on.
#[target_feature(enable = "avx512f")]
fn store(numbers: &mut [f64], offset: usize, mask: __mmask8, lanes: __m512d) {
    // SAFETY: the lanes of the mask lie in the slice, and no others are written.
    unsafe { _mm512_mask_storeu_pd(numbers[offset..].as_mut_ptr(), mask, lanes) };
}

/// See [`super::kernel::replace`].
#[target_feature(enable = "avx512f")]
pub fn replace(
    q: &[f64],
    lines: &Lines,
    first: usize,
    slopes: &[f64],
    factors: &mut [f64],
    sums: &mut [f64; 2],
) {
    let zero = _mm512_setzero_pd();
    let (mut constants, mut margins) = (zero, zero);
    for (at, mask) in groups(q.len()) {
        let of = |numbers: &[f64]| load(numbers, first + at, mask);
        let q = load(q, at, mask);
        let free = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(_mm512_mul_pd(q, of(&lines.sign)), zero);
        let slope = _mm512_mask_blend_pd(free, of(&lines.chord), of(slopes));
        store(factors, at, mask, _mm512_mul_pd(q, slope));
        let constant = load(&lines.constant, first + at, mask & !free);
        constants = _mm512_fmadd_pd(q, constant, constants);
        let margin = _mm512_mask_blend_pd(free, of(&lines.chord_margin), of(&lines.free_margin));
        margins = _mm512_fmadd_pd(_mm512_abs_pd(q), margin, margins);
    }
    sums[0] += _mm512_reduce_add_pd(constants);
    sums[1] += _mm512_reduce_add_pd(margins);
}

/// See [`super::kernel::move_slopes`].
#[target_feature(enable = "avx512f")]
pub fn move_slopes(
    q: &[f64],
    lines: &Lines,
    first: usize,
    z: &[f64],
    slopes: &mut [f64],
    values: &mut [f64],
) {
    let (zero, one, half) = (
        _mm512_setzero_pd(),
        _mm512_set1_pd(1.0),
        _mm512_set1_pd(0.5),
    );
    for (at, mask) in groups(z.len()) {
        let of = |numbers: &[f64]| load(numbers, first + at, mask);
        let z = load(z, at, mask);
        let line = _mm512_fmadd_pd(of(&lines.chord), z, of(&lines.constant));
        let chosen = _mm512_mul_pd(of(q), of(&lines.sign));
        let chord = _mm512_cmp_pd_mask::<_CMP_LT_OQ>(chosen, zero);
        let above = _mm512_cmp_pd_mask::<_CMP_GE_OQ>(z, zero);
        let branch = _mm512_mask_blend_pd(above, of(&lines.below), one);
        let between = _mm512_mul_pd(half, _mm512_add_pd(of(slopes), branch));
        let distance = _mm512_abs_pd(_mm512_sub_pd(between, branch));
        let near = _mm512_cmp_pd_mask::<_CMP_LT_OQ>(distance, of(&lines.near));
        let moved = _mm512_mask_blend_pd(near, between, branch);
        store(slopes, first + at, mask & !chord, moved);
        let free = _mm512_mul_pd(branch, z);
        store(values, at, mask, _mm512_mask_blend_pd(chord, free, line));
    }
}

/// Rows of `out` that are summed together in a product.
const TALL: usize = 4;

/// Registers of each of them.
const BROAD: usize = 3;

/// See [`super::kernel::multiply_blocks`].
#[target_feature(enable = "avx512f")]
pub fn multiply(shape: [usize; 3], strides: [usize; 2], a: &[f64], b: &[f64], out: &mut [f64]) {
    let [count, inner, columns] = shape;
    if inner == 0 {
        return;
    }
    let mut row = 0;
    while row < count {
        let rows = (count - row).min(TALL);
        let (a, out) = (&a[row * strides[0]..], &mut out[row * strides[1]..]);
        match rows {
            1 => accumulate(&mut out[..columns], &a[..inner], &b[..inner * columns]),
            2 => strip::<2>(shape, strides, a, b, out),
            3 => strip::<3>(shape, strides, a, b, out),
            _ => strip::<TALL>(shape, strides, a, b, out),
        }
        row += rows;
    }
}

/// Some rows of a product.
#[target_feature(enable = "avx512f")]
fn strip<const ROWS: usize>(
    [_, inner, columns]: [usize; 3],
    strides: [usize; 2],
    a: &[f64],
    b: &[f64],
    out: &mut [f64],
) {
    let mut at = 0;
    while at < columns {
        let left = columns - at;
        let mask = if left >= BROAD * LANES || left.is_multiple_of(LANES) {
            WHOLE
        } else {
            tail(left)
        };
        match left.div_ceil(LANES) {
            1 => tile::<ROWS, 1>([inner, columns, at], strides, mask, a, b, out),
            2 => tile::<ROWS, 2>([inner, columns, at], strides, mask, a, b, out),
            _ => tile::<ROWS, BROAD>([inner, columns, at], strides, mask, a, b, out),
        }
        at += BROAD * LANES;
    }
}

/// Some rows and columns, from `at` on, of a product; the last register of every row under a mask.
#[target_feature(enable = "avx512f")]
fn tile<const ROWS: usize, const REGISTERS: usize>(
    [inner, columns, at]: [usize; 3],
    [a_stride, out_stride]: [usize; 2],
    mask: __mmask8,
    a: &[f64],
    b: &[f64],
    out: &mut [f64],
) {
    let masks: [__mmask8; REGISTERS] =
        std::array::from_fn(|j| if j + 1 == REGISTERS { mask } else { WHOLE });
    let a: [&[f64]; ROWS] = std::array::from_fn(|r| &a[r * a_stride..][..inner]);
    let mut sums: [[__m512d; REGISTERS]; ROWS] = std::array::from_fn(|r| {
        std::array::from_fn(|j| load(out, r * out_stride + at + j * LANES, masks[j]))
    });
    for (k, b) in b[..inner * columns].chunks_exact(columns).enumerate() {
        let b: [__m512d; REGISTERS] = std::array::from_fn(|j| load(b, at + j * LANES, masks[j]));
        for (sums, a) in sums.iter_mut().zip(&a) {
            let a = _mm512_set1_pd(a[k]);
            for (sum, b) in sums.iter_mut().zip(&b) {
                *sum = _mm512_fmadd_pd(a, *b, *sum);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (j, sum) in sums.iter().enumerate() {
            store(out, r * out_stride + at + j * LANES, masks[j], *sum);
        }
    }
}
