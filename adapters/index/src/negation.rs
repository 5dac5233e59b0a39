//! Negation: what a query says that the products should lack.
//!
//! Shops write it in names and descriptions ("Freidora sin aceite"), where it is indexed as one word (`sinaceite`). Products that say
//! so are found by that word. Of the others, those that have the word itself (`aceite`) come last, and are left out where the
//! query excludes it ("que no sea de piel", `-piel`).

use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, TantivyError};
use vitrina_core::naming::without_words;
use vitrina_core::text::{forms, singulars};
use vitrina_core::words::Synonyms;

use crate::query::{Query, Reader, Variant, Word};

/// What finding another name for lacking something is worth: "inalámbrico" for "sin cable".
const LACKING: f32 = 0.9;

/// Something that the products should lack.
#[derive(Debug, Default)]
pub(crate) struct Unwanted {
    /// What stands for the thing itself,
    pub(crate) has: Word,
    /// and for lacking it.
    pub(crate) lacks: Word,
    /// Whether products that have it are left out; else they come last.
    pub(crate) is_excluded: bool,
}

/// What says that a product lacks something: "sin cable", and what else that is called.
pub(crate) fn lacking(synonyms: &Synonyms, word: &str) -> Vec<Variant> {
    let mut variants = Vec::new();
    for without in without_words() {
        let own = singulars(&format!("{without}{word}"));
        variants.extend(own.into_iter().map(|text| Variant::new(text, 1.0)));
        let others = synonyms.of(&[*without, word]).iter().map(|other| other.concat());
        variants.extend(others.flat_map(|text| forms(&text)).map(|text| Variant::new(text, LACKING)));
    }
    variants
}

/// The products of one segment that have what the query does not want.
#[derive(Debug, Default)]
pub(crate) struct SegmentUnwanted {
    excluded: Option<DocBits>,
    last: Option<DocBits>,
}

impl SegmentUnwanted {
    /// Reads which products of the segment at `place` those are.
    pub(crate) fn open(place: usize, reader: &Reader<'_>, query: &Query) -> Result<Self, TantivyError> {
        let read = |is_excluded| DocBits::having(place, reader, &query.unwanted, is_excluded);
        Ok(Self { excluded: read(true)?, last: read(false)? })
    }

    /// Whether a product must not be found.
    pub(crate) fn excludes(&self, doc: DocId) -> bool {
        self.excluded.as_ref().is_some_and(|docs| docs.contains(doc))
    }

    /// Whether a product comes after all that have any wanted word.
    pub(crate) fn is_last(&self, doc: DocId) -> bool {
        self.last.as_ref().is_some_and(|docs| docs.contains(doc))
    }
}

/// Documents of a segment, one bit each.
#[derive(Debug)]
struct DocBits(Box<[u64]>);

impl DocBits {
    /// The documents that have something unwanted and do not say that they lack it; `None` where none could.
    fn having(
        place: usize,
        reader: &Reader<'_>,
        unwanted: &[Unwanted],
        is_excluded: bool,
    ) -> Result<Option<Self>, TantivyError> {
        let documents = reader.searcher.segment_reader(place as u32).max_doc() as usize;
        let mut all: Option<Self> = None;
        for unwanted in unwanted.iter().filter(|unwanted| unwanted.is_excluded == is_excluded) {
            let mut docs = Self(vec![0; documents.div_ceil(64)].into());
            docs.each(place, reader, &unwanted.has, |bits, bit| *bits |= bit)?;
            docs.each(place, reader, &unwanted.lacks, |bits, bit| *bits &= !bit)?;
            match &mut all {
                Some(all) => all.0.iter_mut().zip(&docs.0).for_each(|(all, docs)| *all |= docs),
                None => all = Some(docs),
            }
        }
        Ok(all)
    }

    /// Changes the bit of each document that has a word.
    fn each(
        &mut self,
        place: usize,
        reader: &Reader<'_>,
        word: &Word,
        change: impl Fn(&mut u64, u64),
    ) -> Result<(), TantivyError> {
        let inverted = reader.searcher.segment_reader(place as u32).inverted_index(reader.fields.words)?;
        for variant in &word.variants {
            let Some(Some(info)) = variant.postings.get(place) else { continue };
            let mut blocks = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
            while blocks.block_len() > 0 {
                blocks.docs().iter().for_each(|doc| change(&mut self.0[*doc as usize / 64], 1 << (doc % 64)));
                blocks.advance();
            }
        }
        Ok(())
    }

    fn contains(&self, doc: DocId) -> bool {
        self.0.get(doc as usize / 64).is_some_and(|bits| bits & (1 << (doc % 64)) != 0)
    }
}
