//! The bits of a JPEG's picture data, and the Huffman codes in them.

/// How many bits one look at a table of codes covers; longer codes are searched.
const SHORT: u32 = 9;
/// How many bits one look at a table of frequencies covers: the code of most, and the number behind it.
const NEAR: u32 = 10;
/// How many bits a leap covers at most: two or three symbols of a detailed photo.
const LEAP: u32 = 12;

/// Bits from the first to the last, without the zeros that are stuffed behind every ff. Zeros follow the end.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, the first one on top; below `count` they may be there already or be zero.
    held: u64,
    count: u32,
    /// How many bits were made up at the end of the data.
    made_up: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, held: 0, count: 0, made_up: 0 }
    }

    /// Makes at least 32 bits ready: the longest code and the longest number behind it.
    #[inline(always)]
    fn fill(&mut self) {
        if self.count >= 32 {
            return;
        }
        let next = self.data[self.at..].first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
        match next {
            // All eight bytes at once, of which seven may not be needed yet (Giesen, "Reading bits in far too many ways").
            Some(word) if !has_ff(word) => {
                self.held |= word >> self.count;
                self.at += ((63 - self.count) / 8) as usize;
                self.count |= 56;
            }
            _ => self.fill_slowly(),
        }
    }

    #[cold]
    fn fill_slowly(&mut self) {
        while self.count <= 56 {
            let (byte, length) = match self.data[self.at..] {
                [0xff, 0, ..] => (0xff, 2),
                [0xff, ..] | [] => {
                    self.made_up += 8;
                    (0, 0)
                }
                [byte, ..] => (byte, 1),
            };
            self.held |= u64::from(byte) << (56 - self.count);
            self.at += length;
            self.count += 8;
        }
    }

    #[inline(always)]
    fn peek(&self, count: u32) -> usize {
        (self.held >> 1 >> (63 - count)) as usize
    }

    #[inline(always)]
    fn drop(&mut self, count: u32) {
        self.held <<= count;
        self.count -= count;
    }

    /// The signed number of `size` bits that follows a code.
    #[inline(always)]
    pub(super) fn number(&mut self, size: u32) -> i32 {
        let value = self.peek(size) as i32;
        self.drop(size);
        signed(value, size)
    }

    /// The next bits as a number, the first one on top: 32 at most.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        self.fill();
        let value = self.peek(count) as u32;
        self.drop(count);
        value
    }

    /// Whether more was read than there is.
    pub(super) fn overdrawn(&self) -> bool {
        self.made_up > self.count
    }

    /// Goes on behind the restart marker of this number, which must be what comes next.
    pub(super) fn restart(&mut self, number: u8) -> Option<()> {
        // Whole bytes that were taken too early exist only in front of the marker; there may be none but padding.
        let marker = [0xff, 0xd0 + number % 8];
        let behind = (self.count.saturating_sub(self.made_up) < 8 && !self.overdrawn()).then_some(self.at)?;
        if self.data[behind..].first_chunk() != Some(&marker) {
            return None;
        }
        *self = Self { at: behind + 2, ..Self::new(self.data) };
        Some(())
    }
}

/// The number that `size` bits mean (ITU-T T.81, F.2.2.1, EXTEND).
#[inline(always)]
fn signed(bits: i32, size: u32) -> i32 {
    let negative = size > 0 && bits >> (size - 1) == 0;
    if negative { bits - (1 << size) + 1 } else { bits }
}

/// Whether one of the bytes is ff.
fn has_ff(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let inverse = !word;
    inverse.wrapping_sub(ONES) & word & (ONES << 7) != 0
}

/// A Huffman table.
pub(super) struct Codes {
    symbols: Vec<u8>,
    /// Symbol and length of the code that some bits begin with; length 0 where it is longer.
    short: Vec<(u8, u8)>,
    /// For each length the first 16 bits that are above its codes,
    limits: [u32; 17],
    /// and what a code has to be moved by to give the place of its symbol.
    moves: [i32; 17],
}

impl Codes {
    /// A table as a DHT segment holds it: how many codes there are of each length, and their symbols.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut codes = Self {
            symbols: symbols.to_vec(),
            short: vec![(0, 0); 1 << SHORT],
            limits: [0; 17],
            moves: [0; 17],
        };
        let (mut code, mut place) = (0_u32, 0);
        for (length, count) in (1..=16_u32).zip(counts) {
            codes.moves[length as usize] = place as i32 - code as i32;
            for symbol in symbols.get(place..place + usize::from(*count))? {
                if length <= SHORT {
                    let first = (code << (SHORT - length)) as usize;
                    codes
                        .short
                        .get_mut(first..first + (1 << (SHORT - length)))?
                        .fill((*symbol, length as u8));
                }
                code += 1;
            }
            place += usize::from(*count);
            if code > 1 << length {
                return None; // more codes than there can be
            }
            codes.limits[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(codes)
    }

    /// The symbol that 16 bits begin with, and the length of its code.
    #[inline(always)]
    fn find(&self, bits: usize) -> Option<(u8, u32)> {
        let (symbol, length) = self.short[bits >> (16 - SHORT)];
        if length > 0 { Some((symbol, length.into())) } else { self.search(bits as u32) }
    }

    #[cold]
    fn search(&self, bits: u32) -> Option<(u8, u32)> {
        let length = (SHORT + 1..=16).find(|length| bits < self.limits[*length as usize])?;
        let place = (bits >> (16 - length)) as i32 + self.moves[length as usize];
        self.symbols.get(usize::try_from(place).ok()?).map(|symbol| (*symbol, length))
    }

    /// The next symbol; behind it are 16 bits ready for its number.
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Option<u8> {
        bits.fill();
        let (symbol, length) = self.find(bits.peek(16))?;
        bits.drop(length);
        Some(symbol)
    }

    /// The difference of a block's mean to that of the one before.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut Bits<'_>) -> Option<i32> {
        let size = u32::from(self.symbol(bits)?);
        (size < 16).then(|| bits.number(size))
    }
}

/// A Huffman table of frequencies, and what it takes to read most in one look and to leap over those that nobody wants.
pub(super) struct Frequencies<'a> {
    codes: &'a Codes,
    near: Vec<Near>,
    leaps: Vec<Leap>,
}

/// A frequency that is known from a few bits.
#[derive(Clone, Copy, Default)]
struct Near {
    value: i16,
    /// How many frequencies further; 0 for the end of the block.
    over: u8,
    /// The bits that it takes; 0 where its code and number are longer.
    bits: u8,
}

/// What can be skipped at once.
#[derive(Clone, Copy, Default)]
struct Leap {
    /// The bits that it takes; 0 where not even one symbol and its number fit.
    bits: u8,
    /// How many frequencies it covers.
    over: u8,
    /// Whether it includes the end of the block.
    ends: bool,
}

/// How many frequencies a block has, the mean among them.
const BLOCK: usize = 64;

impl<'a> Frequencies<'a> {
    pub(super) fn new(codes: &'a Codes) -> Self {
        let leap = |seen: usize| {
            let mut leap = Leap::default();
            while let Some((symbol, length)) = codes.find((seen << (16 - LEAP) << leap.bits) & 0xffff) {
                let step = Step::of(symbol);
                let bits = u32::from(leap.bits) + length + step.size;
                if bits > LEAP || usize::from(leap.over) + step.over >= BLOCK {
                    break;
                }
                leap = Leap { bits: bits as u8, over: leap.over + step.over as u8, ends: step.over == 0 };
                if leap.ends {
                    break;
                }
            }
            leap
        };
        let near = |seen: usize| {
            let seen = seen << (16 - NEAR);
            let (symbol, length) = codes.find(seen)?;
            let step = Step::of(symbol);
            let bits = length + step.size;
            let number = (seen << length & 0xffff) >> (16 - step.size.min(16));
            let value = signed(number as i32, step.size) as i16;
            (bits <= NEAR).then_some(Near { value, over: step.over as u8, bits: bits as u8 })
        };
        let near = (0..1 << NEAR).map(|seen| near(seen).unwrap_or_default()).collect();
        let leaps = (0..1 << LEAP).map(leap).collect();
        Self { codes, near, leaps }
    }

    /// Reads a block's frequencies up to `last` in the order of the file, each given to `take` with its place, and skips
    /// the others. Answers the place of the last one that was not skipped.
    #[inline(always)]
    pub(super) fn read(
        &self,
        bits: &mut Bits<'_>,
        last: usize,
        mut take: impl FnMut(usize, i32),
    ) -> Option<usize> {
        let mut next = 1;
        while next <= last {
            bits.fill();
            let near = self.near[bits.peek(NEAR)];
            if near.bits > 0 {
                bits.drop(near.bits.into());
                if near.over == 0 {
                    return Some(next - 1);
                }
                next += usize::from(near.over);
                if next > BLOCK {
                    return None;
                }
                take(next - 1, near.value.into());
                continue;
            }
            let step = Step::of(self.codes.symbol(bits)?);
            if step.over == 0 {
                return Some(next - 1);
            }
            next += step.over;
            if next > BLOCK {
                return None;
            }
            take(next - 1, bits.number(step.size));
        }
        self.skip(bits, next)?;
        Some(last)
    }

    #[inline(always)]
    fn skip(&self, bits: &mut Bits<'_>, mut next: usize) -> Option<()> {
        while next < BLOCK {
            bits.fill();
            let leap = self.leaps[bits.peek(LEAP)];
            let behind = next + usize::from(leap.over);
            // A block that is full has no end mark: what would follow belongs to the next one.
            if leap.bits > 0 && behind < BLOCK {
                bits.drop(leap.bits.into());
                if leap.ends {
                    return Some(());
                }
                next = behind;
                continue;
            }
            let step = Step::of(self.codes.symbol(bits)?);
            bits.drop(step.size);
            if step.over == 0 {
                return Some(());
            }
            next += step.over;
        }
        (next == BLOCK).then_some(())
    }
}

/// What a symbol of a frequency says (ITU-T T.81, F.1.2.2.1).
#[derive(Clone, Copy)]
struct Step {
    /// How many frequencies further; 0 for the end of the block.
    over: usize,
    /// How many bits of a number follow.
    size: u32,
}

impl Step {
    #[inline(always)]
    fn of(symbol: u8) -> Self {
        let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        let over = if size == 0 && zeros < 15 { 0 } else { zeros + 1 };
        Self { over, size }
    }
}
