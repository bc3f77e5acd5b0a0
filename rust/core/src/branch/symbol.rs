//! One undecided kink, and the lines that stand for it.

/// One undecided kink entry.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// The slope below zero.
    pub slope: f64,
    /// A proved lower bound of `z` on the box.
    pub lower: f64,
    /// A proved upper bound.
    pub upper: f64,
    /// See the module.
    pub error: f64,
    /// See the module.
    pub magnitude: f64,
    /// Which symbol of the root it is.
    pub origin: u32,
    /// It enters the objective alone, with a sign that makes it concave there.
    pub concave_tail: bool,
}

impl Symbol {
    /// Whether the kink is convex: then any slope between its two gives a line below it.
    pub fn convex(&self) -> bool {
        self.slope <= 1.0
    }

    /// The line through the two ends, as slope and constant.
    pub fn chord(&self) -> (f64, f64) {
        let slope = (self.upper - self.slope * self.lower) / (self.upper - self.lower);
        (slope, self.upper * (1.0 - slope))
    }

    /// The free slope that leaves the smaller area: the branch of the longer side.
    pub fn adaptive_slope(&self) -> f64 {
        if self.upper > -self.lower {
            1.0
        } else {
            self.slope
        }
    }

    /// The value of the kink.
    pub fn value(&self, z: f64) -> f64 {
        if z >= 0.0 { z } else { self.slope * z }
    }

    /// The largest magnitude of `h` on the box.
    pub fn reach(&self) -> f64 {
        self.upper.abs().max(self.lower.abs()) * self.slope.abs().max(1.0)
    }

    /// What eliminating the symbol by a line with this slope and constant costs, for each unit of its coefficient.
    pub fn margin(&self, slope: f64, constant: f64, gamma: f64) -> f64 {
        let steepest = 2.0 * self.slope.abs().max(1.0);
        slope.abs() * self.error + gamma * (steepest * self.magnitude + constant.abs())
    }

    /// On one side of the kink, the coefficient nearest to `wanted` with which `z` stands below `q` times the symbol, and
    /// what eliminating it costs.
    ///
    /// Above the kink the symbol is `z`, which is not negative: any coefficient up to `q` will do. Below it is
    /// `slope * z`, with `z` not positive: any one from `q * slope` on.
    pub fn branch(&self, above: bool, q: f64, wanted: f64, gamma: f64) -> (f64, f64) {
        let whole = q * self.slope;
        let coefficient = if above {
            wanted.min(q)
        } else {
            wanted.max(whole)
        };
        let largest = coefficient.abs().max(q.abs()).max(whole.abs());
        let margin = coefficient.abs() * self.error + 2.0 * gamma * largest * self.magnitude;
        (coefficient, margin)
    }
}
