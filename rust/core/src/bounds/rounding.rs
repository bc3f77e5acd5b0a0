//! Rounding outward: the margin of a sum, and single operations rounded down or up.

/// The unit round-off of f64.
pub const UNIT_ROUNDOFF: f64 = f64::EPSILON / 2.0;

/// A bound on the error of one product that underflows, twice over.
pub const UNDERFLOW: f64 = 5e-324;

/// The relative margin of a sum of `n` products and of a few operations more: 2.02 γ (see the module above).
pub fn gamma(n: usize) -> f64 {
    2.02 * (n as f64 + 8.0) * UNIT_ROUNDOFF
}

/// A lower bound of `a + b`: the sum itself where it is exact.
pub fn add_down(a: f64, b: f64) -> f64 {
    let sum = a + b;
    // The error of the sum, exactly (Knuth's TwoSum); NaN where something overflows.
    let part = sum - a;
    let error = (a - (sum - part)) + (b - part);
    if error >= 0.0 && sum < f64::INFINITY {
        sum
    } else {
        sum.next_down()
    }
}

/// An upper bound of `a + b`: the sum itself where it is exact.
pub fn add_up(a: f64, b: f64) -> f64 {
    -add_down(-a, -b)
}

/// A lower bound of `a * b`: the product itself where it is exact. Zero times infinity is zero.
pub fn multiply_down(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 {
        return 0.0;
    }
    if a.abs() == 1.0 {
        return a * b;
    }
    let product = a * b;
    // A fused operation gives the error exactly, unless the error itself could underflow.
    let exact = product.abs() > 1e-250 && product.is_finite() && a.mul_add(b, -product) >= 0.0;
    if exact { product } else { product.next_down() }
}

/// An upper bound of `a * b`: the product itself where it is exact. Zero times infinity is zero.
pub fn multiply_up(a: f64, b: f64) -> f64 {
    -multiply_down(-a, b)
}

/// Replaces what overflowed or is not a number by the bound that is always true.
pub fn or_unbounded_below(bound: f64) -> f64 {
    if bound < f64::INFINITY {
        bound
    } else {
        f64::NEG_INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_operations_stay_exact() {
        assert_eq!(add_down(0.5, 0.25), 0.75);
        assert_eq!(add_up(-1.0, 1.0), 0.0);
        assert_eq!(multiply_down(0.5, 3.0), 1.5);
        assert_eq!(multiply_up(-1.0, 0.1), -0.1);
        assert_eq!(multiply_down(0.0, f64::INFINITY), 0.0);
    }

    #[test]
    fn inexact_operations_enclose() {
        // 0.1 + 0.2 and 0.1 * 0.2 are not representable: the two sides are neighbours.
        assert_eq!(add_down(0.1, 0.2).next_up(), add_up(0.1, 0.2));
        assert_eq!(multiply_down(0.1, 0.2).next_up(), multiply_up(0.1, 0.2));
        assert!(add_down(1.0, 1e-30) == 1.0 && add_up(1.0, 1e-30) > 1.0);
        assert!(multiply_down(1e-200, 1e-200) < 0.0 || multiply_up(1e-200, 1e-200) > 0.0);
    }

    #[test]
    fn overflow_is_enclosed() {
        assert_eq!(add_up(f64::MAX, f64::MAX), f64::INFINITY);
        assert_eq!(add_down(f64::MAX, f64::MAX), f64::MAX);
        assert_eq!(multiply_up(f64::MAX, 2.0), f64::INFINITY);
        assert_eq!(multiply_down(f64::MAX, 2.0), f64::MAX);
        assert_eq!(multiply_down(f64::MAX, -2.0), f64::NEG_INFINITY);
    }
}
