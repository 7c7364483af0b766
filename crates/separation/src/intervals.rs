//! Sets of numbers as sorted lists of intervals: addresses, ports, protocols, flags.

use serde::{Deserialize, Serialize};

/// A set of numbers: sorted, disjoint, not adjacent, both ends inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Intervals(Vec<(u128, u128)>);

impl Intervals {
    /// The empty set.
    pub fn empty() -> Self {
        Self(Vec::new())
    }

    /// One number.
    pub fn one(value: u128) -> Self {
        Self(vec![(value, value)])
    }

    /// `low..=high`; empty when `low > high`.
    pub fn range(low: u128, high: u128) -> Self {
        if low > high { Self::empty() } else { Self(vec![(low, high)]) }
    }

    /// The union of these ranges, in any order; those with `low > high` are left out.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (u128, u128)>) -> Self {
        let mut list: Vec<_> = ranges.into_iter().filter(|(low, high)| low <= high).collect();
        list.sort_unstable();
        let mut out: Vec<(u128, u128)> = Vec::with_capacity(list.len());
        for (low, high) in list {
            match out.last_mut() {
                Some(last) if last.1 == u128::MAX || low <= last.1 + 1 => last.1 = last.1.max(high),
                _ => out.push((low, high)),
            }
        }
        Self(out)
    }

    /// The ranges, sorted.
    pub fn ranges(&self) -> &[(u128, u128)] {
        &self.0
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `value` is in the set.
    pub fn contains(&self, value: u128) -> bool {
        let at = self.0.partition_point(|&(_, high)| high < value);
        self.0.get(at).is_some_and(|&(low, _)| low <= value)
    }

    /// What is in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_ranges(self.0.iter().chain(&other.0).copied())
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut out = Vec::new();
        while let (Some(&&(al, ah)), Some(&&(bl, bh))) = (left.peek(), right.peek()) {
            let (low, high) = (al.max(bl), ah.min(bh));
            if low <= high {
                out.push((low, high));
            }
            if ah <= bh {
                left.next();
            } else {
                right.next();
            }
        }
        Self(out)
    }

    /// What is in `0..=max` and not in this set.
    #[must_use]
    pub fn complement(&self, max: u128) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut next = 0u128;
        for &(low, high) in &self.0 {
            if low > max {
                break;
            }
            if low > next {
                out.push((next, low - 1));
            }
            if high >= max {
                return Self(out);
            }
            next = high + 1;
        }
        out.push((next, max));
        Self(out)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.intersection(&other.complement(u128::MAX))
    }

    /// Whether some number is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        other.0.iter().any(|&(low, high)| {
            let at = self.0.partition_point(|&(_, end)| end < low);
            self.0.get(at).is_some_and(|&(start, _)| start <= high)
        })
    }

    /// The smallest and the greatest member.
    pub fn bounds(&self) -> Option<(u128, u128)> {
        Some((self.0.first()?.0, self.0.last()?.1))
    }

    /// Whether every member of this set is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|&(low, high)| {
            let at = other.0.partition_point(|&(_, end)| end < low);
            other.0.get(at).is_some_and(|&(start, end)| start <= low && high <= end)
        })
    }
}

impl FromIterator<(u128, u128)> for Intervals {
    fn from_iter<T: IntoIterator<Item = (u128, u128)>>(iter: T) -> Self {
        Self::from_ranges(iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_and_overlapping_ranges_become_one() {
        assert_eq!(Intervals::from_ranges([(5, 9), (1, 4), (20, 30), (8, 12)]).ranges(), [(1, 12), (20, 30)]);
        assert_eq!(Intervals::from_ranges([(0, u128::MAX), (3, 4)]).ranges(), [(0, u128::MAX)]);
    }

    #[test]
    fn complement_stays_inside_the_domain() {
        let set = Intervals::from_ranges([(0, 3), (10, 300)]);
        assert_eq!(set.complement(255).ranges(), [(4, 9)]);
        assert_eq!(Intervals::empty().complement(255).ranges(), [(0, 255)]);
        assert_eq!(Intervals::range(0, u128::MAX).complement(u128::MAX).ranges(), []);
    }

    #[test]
    fn subset_needs_one_covering_range() {
        let set = Intervals::from_ranges([(1, 4), (6, 9)]);
        assert!(Intervals::from_ranges([(2, 3), (6, 9)]).is_subset(&set));
        assert!(!Intervals::range(4, 6).is_subset(&set));
    }
}
