//! Amounts of money in whole minor units.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

/// An amount in minor units (cents) of the shop's one currency.
///
/// ```
/// # use vitrina_core::Money;
/// let price: Money = "12.99".parse()?;
/// assert_eq!(price.minor(), 1299);
/// assert_eq!(price.to_string(), "12.99");
/// # Ok::<(), vitrina_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    /// The largest amount: what `DECIMAL(10,2)` holds.
    pub const MAX: Money = Money(9_999_999_999);

    /// An amount of `minor` units (cents).
    pub const fn from_minor(minor: i64) -> Self {
        Self(minor)
    }

    /// The amount in minor units (cents).
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// The amount in major units, for a JSON number; exact to the cent over the whole range.
    pub fn to_major(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// An amount from major units such as a JSON number.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when it is no number, has more than two decimals, or is out of range.
    pub fn from_major(major: f64) -> Result<Self> {
        let minor = (major * 100.0).round();
        if !major.is_finite() || minor.abs() > Self::MAX.0 as f64 {
            return Err(Error::invalid(format!("the amount {major} is out of range")));
        }
        if (minor / 100.0 - major).abs() > 1e-6 {
            return Err(Error::invalid(format!("the amount {major} has more than two decimals")));
        }
        Ok(Self(minor as i64))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", units / 100, units % 100)
    }
}

impl FromStr for Money {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let major = text.trim().parse::<f64>();
        major
            .map_err(|_| Error::invalid(format!("`{text}` is no amount: write it like 12.99")))
            .and_then(Self::from_major)
    }
}

/// A JSON number in major units, with two decimals.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_major())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_major(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_units_round_trip_to_the_cent() {
        for minor in [0, 1, 99, 100, 1299, 999_999, Money::MAX.0, -1, -1299] {
            let money = Money::from_minor(minor);
            assert_eq!(Money::from_major(money.to_major()).unwrap(), money);
            assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "abc", "12.999", "NaN", "inf", "1e12", "12,99"] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }
}
