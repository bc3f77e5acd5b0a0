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
}

/// What replaces a symbol that is eliminated.
#[derive(Clone, Copy)]
pub struct Line {
    /// The slope.
    pub slope: f64,
    /// The constant.
    pub constant: f64,
    /// What rounding costs, for each unit of the coefficient.
    pub margin: f64,
    /// Whether the slope may be any between those of the two branches.
    pub free: bool,
}

impl Line {
    /// The line for negative and for positive coefficients.
    pub fn both(symbol: &Symbol, gamma: f64) -> [Line; 2] {
        let (slope, constant) = symbol.chord();
        let chord = Line {
            slope,
            constant,
            margin: symbol.margin(slope, constant, gamma),
            free: false,
        };
        // Whatever the free slope, it is no steeper than the branches.
        let steepest = symbol.slope.abs().max(1.0);
        let margin = symbol.margin(steepest, 0.0, gamma);
        let free = Line {
            slope: symbol.adaptive_slope(),
            constant: 0.0,
            margin,
            free: true,
        };
        if symbol.convex() {
            [chord, free]
        } else {
            [free, chord]
        }
    }
}
