//! The fractional knapsack, bounded from above.

use crate::bounds::rounding::{UNIT_ROUNDOFF, gamma};

/// An upper bound of `max g·x` over `0 ≤ x ≤ 1` and `v·x ≤ limit`, for gains `g ≥ 0` and costs `v > 0`.
///
/// By weak duality it is at most `λ limit + Σ max(0, gⱼ - λ vⱼ)` for any price λ ≥ 0; the best price is the ratio of gain
/// and cost where the items, best first, have filled the limit. A difference is off by at most `2 u gⱼ` where it
/// is positive or should be, and the sum by its own γ.
pub(super) fn upper_bound(gains: &[f64], costs: &[f64], limit: f64) -> f64 {
    let price = price(gains, costs, limit);
    let mut over = 0.0;
    let mut all = 0.0;
    for (gain, cost) in gains.iter().zip(costs) {
        over += (gain - price * cost).max(0.0);
        all += gain;
    }
    (price * limit + over) * (1.0 + gamma(gains.len())) + 4.0 * UNIT_ROUNDOFF * all
}

/// What a unit of volume is worth once the limit is filled.
fn price(gains: &[f64], costs: &[f64], limit: f64) -> f64 {
    let mut items: Vec<(f64, f64)> = gains
        .iter()
        .zip(costs)
        .map(|(gain, &cost)| (gain / cost, cost))
        .collect();
    items.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut left = limit;
    for (ratio, cost) in items {
        left -= cost;
        if left < 0.0 {
            return ratio;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The best vertex: a knapsack's optimum has at most one item in part.
    fn best(gains: &[f64], costs: &[f64], limit: f64) -> f64 {
        let count = gains.len();
        let mut best = 0.0_f64;
        for chosen in 0..1_u32 << count {
            let taken = |item: &usize| chosen >> item & 1 == 1;
            let cost: f64 = (0..count).filter(taken).map(|item| costs[item]).sum();
            let gain: f64 = (0..count).filter(taken).map(|item| gains[item]).sum();
            if cost <= limit {
                best = best.max(gain);
                for item in (0..count).filter(|item| !taken(item)) {
                    best = best.max(gain + gains[item] * ((limit - cost) / costs[item]).min(1.0));
                }
            }
        }
        best
    }

    #[test]
    fn bound_is_the_best_vertex() {
        for seed in 0..200_u32 {
            let number =
                |index: u32| f64::from((seed * 7919 + index * 104_729) % 1009) / 1009.0 + 0.01;
            let gains: Vec<f64> = (0..7).map(number).collect();
            let costs: Vec<f64> = (7..14).map(number).collect();
            let limit = 4.0 * number(20);
            let (found, wanted) = (
                upper_bound(&gains, &costs, limit),
                best(&gains, &costs, limit),
            );
            assert!(
                found >= wanted && found <= wanted * (1.0 + 1e-12),
                "{found} {wanted}"
            );
        }
    }
}
