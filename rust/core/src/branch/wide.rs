//! Two products of [`super::kernel`] for processors with AVX-512: rows of any length, their ends loaded under a mask.

use std::arch::x86_64::{
    __m512d, __mmask8, _mm512_add_pd, _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_mask_storeu_pd,
    _mm512_maskz_loadu_pd, _mm512_reduce_add_pd, _mm512_set1_pd, _mm512_setzero_pd,
};

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
        let out = &mut out[at + j * LANES..];
        let sum = _mm512_add_pd(even[j], odd[j]);
        // SAFETY: the lanes of the mask lie in the slice, and no others are written.
        unsafe { _mm512_mask_storeu_pd(out.as_mut_ptr(), masks[j], sum) };
    }
}
