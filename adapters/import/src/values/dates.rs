//! Dates and times: ISO 8601 and day-first dates, as seconds since 1970.

use vitrina_core::product::Timestamp;

/// Reads a date or a time; without a time zone it is UTC. `0000-00-00` is no date.
///
/// # Errors
/// A reason when it is none of the accepted spellings or no day of the calendar.
pub(crate) fn timestamp(text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.starts_with("0000-00-00") || text == "0" {
        return Ok(None);
    }
    let wrong = || "is no date: write it like 2026-11-29 or 29/11/2026".to_owned();
    if text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(|seconds| Some(Timestamp(seconds))).map_err(|_| wrong());
    }
    let date_end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, time) = text.split_at(date_end);
    let days = days(date).ok_or_else(wrong)?;
    let seconds = seconds(time.trim_start_matches(['T', 't', ' '])).ok_or_else(wrong)?;
    Ok(Some(Timestamp(days * 86_400 + seconds)))
}

/// Reads an interval, `start/end`, either of which may be empty.
///
/// # Errors
/// As [`timestamp`].
pub(crate) fn period(text: &str) -> Result<(Option<Timestamp>, Option<Timestamp>), String> {
    let (from, until) =
        text.split_once('/').ok_or("is no period: write it like 2026-11-01T00:00Z/2026-12-01T00:00Z")?;
    let read = |text: &str| if text.trim().is_empty() { Ok(None) } else { timestamp(text) };
    Ok((read(from)?, read(until)?))
}

fn days(date: &str) -> Option<i64> {
    let mut parts = date.split(['-', '/', '.']);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, day) = if first.len() == 4 { (first, third) } else { (third, first) };
    let year: i64 = year.parse().ok().filter(|year| (1000..=9999).contains(year))?;
    let (month, day): (i64, i64) = (second.parse().ok()?, day.parse().ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Days from the civil calendar: years begin in March, so that the leap day is the last of its year.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn seconds(time: &str) -> Option<i64> {
    if time.is_empty() {
        return Some(0);
    }
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let mut parts = clock.trim().split(':');
    let hours: i64 = parts.next()?.parse().ok().filter(|hours| (0..24).contains(hours))?;
    let minutes: i64 = parts.next()?.parse().ok().filter(|minutes| (0..60).contains(minutes))?;
    let whole = |text: &str| text.split('.').next().and_then(|text| text.parse::<i64>().ok());
    let seconds = parts.next().map_or(Some(0), whole).filter(|seconds| (0..=60).contains(seconds))?;
    Some(hours * 3600 + minutes * 60 + seconds - offset(zone.trim())?)
}

fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 2 && digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = digits[2..].parse().unwrap_or(0);
    Some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read() {
        for (text, expected) in [
            ("1970-01-01", 0),
            ("2024-02-29", 1_709_164_800),
            ("29/02/2024", 1_709_164_800),
            ("29.2.2024", 1_709_164_800),
            ("2026-11-29T10:00:00+01:00", 1_795_942_800),
            ("2026-11-29 09:00:00", 1_795_942_800),
            ("2026-11-29T09:00Z", 1_795_942_800),
            ("2026-11-29T09:00:00.123Z", 1_795_942_800),
        ] {
            assert_eq!(timestamp(text), Ok(Some(Timestamp(expected))), "{text}");
        }
        assert_eq!(timestamp("0000-00-00 00:00:00"), Ok(None));
        for text in ["mañana", "2026-02-30", "13/13/2026", "2026-11-29T25:00", "1/2", "2023-02-29"] {
            assert!(timestamp(text).is_err(), "{text}");
        }
    }
}
