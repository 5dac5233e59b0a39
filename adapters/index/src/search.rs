//! Finding products by words: one pass over the postings of the query's words, a window of documents at a time.
//!
//! A window holds the points of its documents while word after word is added; so the work grows with the postings read and
//! not with the products there are, and any word may stand for another with a worth of its own.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Searcher, SegmentReader, TERMINATED, TantivyError, Term};
use vitrina::{CategoryId, MAX_LIMIT, Result, TextHits, TextQuery};

use crate::analysis::{Form, query_words};
use crate::failed;
use crate::filter::{SegmentFilter, Wanted};
use crate::page::PageBuilder;
use crate::ranking::{Closeness, WORD, shares};
use crate::schema::{Fields, TEXT_FIELDS};

/// How many documents are looked at together; a power of two.
const WINDOW: usize = 4096;

/// Answers a query from this state of the index.
pub(crate) fn text(searcher: &Searcher, fields: &Fields, query: &TextQuery) -> Result<TextHits> {
    let mut page = PageBuilder::new(query.sort, query.limit.clamp(1, MAX_LIMIT), query.after.as_ref())?;
    let words = query_words(&query.text);
    let wanted = Wanted::new(&query.filter);
    if words.is_empty() {
        everything(searcher, &wanted, &mut page).map_err(failed)?;
    } else {
        matching(searcher, fields, &words, &query.meant, &wanted, &mut page).map_err(failed)?;
    }
    Ok(page.finish())
}

fn everything(searcher: &Searcher, wanted: &Wanted, page: &mut PageBuilder) -> Result<(), TantivyError> {
    for segment in searcher.segment_readers() {
        let filter = SegmentFilter::new(wanted, segment)?;
        let mut found = page.segment(segment)?;
        segment.doc_ids_alive().filter(|doc| filter.matches(*doc)).for_each(|doc| found.offer(doc, 0));
        page.add(found)?;
    }
    Ok(())
}

fn matching(
    searcher: &Searcher,
    fields: &Fields,
    words: &[Vec<Form>],
    meant: &[CategoryId],
    wanted: &Wanted,
    page: &mut PageBuilder,
) -> Result<(), TantivyError> {
    let segments = searcher.segment_readers();
    let opened = segments.iter().map(|segment| SegmentWords::open(segment, fields, words, meant));
    let opened = opened.collect::<Result<Vec<_>, _>>()?;
    let frequencies: Vec<_> = (0..words.len()).map(|word| frequency(&opened, word)).collect();
    let shares = shares(searcher.num_docs(), &frequencies);
    let mut window = Window::new();
    for (segment, words) in segments.iter().zip(opened) {
        let filter = SegmentFilter::new(wanted, segment)?;
        let mut found = page.segment(segment)?;
        words.run(&shares, &mut window, |doc, points| {
            if !segment.is_deleted(doc) && filter.matches(doc) {
                found.offer(doc, points);
            }
        });
        page.add(found)?;
    }
    Ok(())
}

/// How many products have a word: in the field and form that most have it in.
fn frequency(segments: &[SegmentWords], word: usize) -> u64 {
    let mut sums: Vec<((usize, usize), u64)> = Vec::new();
    for list in segments.iter().flat_map(|segment| &segment.words[word]) {
        for source in &list.sources {
            let place = (list.field, source.form);
            match sums.iter_mut().find(|(known, _)| *known == place) {
                Some((_, sum)) => *sum += source.frequency,
                None => sums.push((place, source.frequency)),
            }
        }
    }
    sums.into_iter().map(|(_, sum)| sum).max().unwrap_or(0)
}

/// The postings of one form in one field.
struct Source {
    postings: SegmentPostings,
    /// Which of the word's forms it is.
    form: usize,
    worth: f32,
    /// How many live documents of the segment there are in it.
    frequency: u64,
}

/// The postings of one word in one field.
struct FieldWord {
    field: usize,
    sources: Vec<Source>,
}

/// The postings of a query in one segment.
struct SegmentWords {
    /// For each word the fields that have it.
    words: Vec<Vec<FieldWord>>,
    meant: Vec<SegmentPostings>,
    closeness: [Option<Closeness>; TEXT_FIELDS],
}

impl SegmentWords {
    fn open(
        segment: &SegmentReader,
        fields: &Fields,
        words: &[Vec<Form>],
        meant: &[CategoryId],
    ) -> Result<Self, TantivyError> {
        let mut closeness = [const { None }; TEXT_FIELDS];
        let mut opened: Vec<Vec<FieldWord>> = words.iter().map(|_| Vec::new()).collect();
        for (place, field) in fields.text.into_iter().enumerate() {
            let inverted = segment.inverted_index(field)?;
            for (word, forms) in opened.iter_mut().zip(words) {
                let mut sources = Vec::new();
                for (form, Form { text, worth }) in forms.iter().enumerate() {
                    let term = Term::from_field_text(field, text);
                    if let Some(postings) = inverted.read_postings(&term, IndexRecordOption::WithFreqs)? {
                        let frequency = match segment.alive_bitset() {
                            Some(alive) => postings.doc_freq_given_deletes(alive),
                            None => postings.doc_freq(),
                        };
                        sources.push(Source { postings, form, worth: *worth, frequency: frequency.into() });
                    }
                }
                if !sources.is_empty() {
                    word.push(FieldWord { field: place, sources });
                }
            }
            if opened.iter().flatten().any(|word| word.field == place) {
                closeness[place] = Some(Closeness::new(place, segment.get_fieldnorms_reader(field)?));
            }
        }
        let mut shelves = Vec::new();
        for category in meant {
            let (field, term) = fields.category(*category);
            shelves.extend(segment.inverted_index(field)?.read_postings(&term, IndexRecordOption::Basic)?);
        }
        Ok(Self { words: opened, meant: shelves, closeness })
    }

    /// Calls `found` with each document that has a word or is of a meant category, in order, and its points.
    fn run(mut self, shares: &[f32], window: &mut Window, mut found: impl FnMut(u32, u32)) {
        while let Some(start) = self.next_doc() {
            window.start = start - start % WINDOW as u32;
            for (word, share) in self.words.iter_mut().zip(shares) {
                for FieldWord { field, sources } in word {
                    let Some(closeness) = &self.closeness[*field] else {
                        continue;
                    };
                    for source in sources {
                        window.read(source, *share, closeness);
                    }
                    window.end_field();
                }
                window.end_word();
            }
            self.meant.iter_mut().for_each(|shelf| window.mark(shelf));
            window.drain(&mut found);
        }
    }

    /// The lowest document that has not been read yet.
    fn next_doc(&self) -> Option<u32> {
        let sources = self.words.iter().flatten().flat_map(|word| &word.sources);
        let docs =
            sources.map(|source| source.postings.doc()).chain(self.meant.iter().map(|shelf| shelf.doc()));
        docs.min().filter(|doc| *doc != TERMINATED)
    }
}

/// The documents that are looked at together. All zero between two windows.
struct Window {
    start: u32,
    found: [u64; WINDOW / 64],
    points: Sums,
    /// What the fields gave the documents for the present word.
    word: Sums,
    /// What the forms gave the documents in the present field.
    field: Sums,
}

/// A number for each document of a window, and which of them are not zero.
struct Sums {
    numbers: Box<[u32; WINDOW]>,
    touched: Vec<u16>,
}

impl Sums {
    fn new() -> Self {
        Self { numbers: Box::new([0; WINDOW]), touched: Vec::new() }
    }

    /// The number of a document that is about to get more.
    fn touch(&mut self, place: usize) -> &mut u32 {
        let number = &mut self.numbers[place];
        if *number == 0 {
            self.touched.push(place as u16);
        }
        number
    }
}

impl Window {
    fn new() -> Self {
        Self { start: 0, found: [0; WINDOW / 64], points: Sums::new(), word: Sums::new(), field: Sums::new() }
    }

    /// Reads a form's postings up to the end of the window; a document keeps the best of a field's forms.
    fn read(&mut self, source: &mut Source, share: f32, closeness: &Closeness) {
        let postings = &mut source.postings;
        let worth = share * source.worth;
        let end = self.start + WINDOW as u32;
        let mut doc = postings.doc();
        while doc < end {
            let points = closeness.points(doc, postings.term_freq(), worth);
            let number = self.field.touch((doc - self.start) as usize);
            *number = points.max(*number);
            doc = postings.advance();
        }
    }

    fn end_field(&mut self) {
        for place in self.field.touched.drain(..) {
            let points = std::mem::take(&mut self.field.numbers[usize::from(place)]);
            *self.word.touch(usize::from(place)) += points;
        }
    }

    fn end_word(&mut self) {
        for place in self.word.touched.drain(..) {
            let points = std::mem::take(&mut self.word.numbers[usize::from(place)]);
            self.points.numbers[usize::from(place)] += WORD + points;
            self.found[usize::from(place) / 64] |= 1 << (place % 64);
        }
    }

    /// Marks documents as found without points.
    fn mark(&mut self, postings: &mut SegmentPostings) {
        let end = self.start + WINDOW as u32;
        let mut doc = postings.doc();
        while doc < end {
            let place = (doc - self.start) as usize;
            self.found[place / 64] |= 1 << (place % 64);
            doc = postings.advance();
        }
    }

    fn drain(&mut self, found: &mut impl FnMut(u32, u32)) {
        for (block, bits) in self.found.iter_mut().enumerate() {
            let mut left = std::mem::take(bits);
            while left != 0 {
                let place = block * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                found(self.start + place as u32, std::mem::take(&mut self.points.numbers[place]));
            }
        }
    }
}
