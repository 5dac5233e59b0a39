//! Which records belong to one product, wherever they stand in the file.
//!
//! A first pass over the file keeps a hash and a position for each record that belongs to another; the second pass reads a
//! product's records from there. Memory: some 50 bytes a variant, none of its values.

use std::collections::HashMap;

use vitrina_core::Result;

use crate::assemble::hash;
use crate::field::Field;
use crate::headers::Dialect;
use crate::records::{Record, Records};
use crate::row::Row;

/// Offset and line of a record.
pub(crate) type Position = (u64, u64);

/// What a record is in its product.
#[derive(Debug)]
pub(crate) enum Role {
    /// One of several records of a product that is read with the first one.
    Member,
    /// A variant of a product that is not in the file.
    Orphan,
}

/// The records of a file that belong together.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    roles: HashMap<u64, Role>,
    members: HashMap<u64, Vec<Position>>,
    /// Members by the key of their product, of a second file.
    by_key: HashMap<u64, Vec<Position>>,
    products: u64,
}

impl Groups {
    /// Reads all records once.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub(crate) fn find(records: &mut dyn Records, dialect: Dialect) -> Result<Self> {
        let mut groups = Self::default();
        let mut leaders: HashMap<u64, u64> = HashMap::new();
        let mut waiting: Vec<(u64, Position)> = Vec::new();
        let mut last = None;
        loop {
            let position = records.position();
            let Some(record) = records.next()? else { break };
            let Record::Row(row) = record else { continue };
            match link(&row, dialect) {
                Link::Leads(names) => {
                    for name in names {
                        leaders.entry(name).or_insert(position.0);
                    }
                    last = Some(position.0);
                    groups.products += 1;
                }
                Link::Shares(name) => match leaders.get(&name) {
                    Some(leader) => groups.add(*leader, position),
                    None => {
                        leaders.insert(name, position.0);
                        groups.products += 1;
                    }
                },
                Link::Follows(name) => waiting.push((name, position)),
                Link::Continues => match last {
                    Some(leader) => groups.add(leader, position),
                    None => {
                        groups.roles.insert(position.0, Role::Orphan);
                    }
                },
            }
        }
        for (name, position) in waiting {
            match leaders.get(&name) {
                Some(leader) => groups.add(*leader, position),
                None => {
                    groups.roles.insert(position.0, Role::Orphan);
                }
            }
        }
        Ok(groups)
    }

    /// Reads the records of PrestaShop's second file by the product that they belong to.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub(crate) fn of_combinations(records: &mut dyn Records) -> Result<Self> {
        let mut groups = Self::default();
        loop {
            let position = records.position();
            let Some(record) = records.next()? else { return Ok(groups) };
            let Record::Row(row) = record else { continue };
            let name = match (row.get(&Field::Parent), row.get(&Field::Group)) {
                (Some(id), _) => hash(&format!("id:{id}")),
                (None, Some(reference)) => hash(&format!("sku:{reference}")),
                (None, None) => continue,
            };
            groups.by_key.entry(name).or_default().push(position);
        }
    }

    fn add(&mut self, leader: u64, member: Position) {
        self.roles.insert(member.0, Role::Member);
        self.members.entry(leader).or_default().push(member);
    }

    pub(crate) fn role(&self, offset: u64) -> Option<&Role> {
        self.roles.get(&offset)
    }

    pub(crate) fn members(&self, leader: u64) -> &[Position] {
        self.members.get(&leader).map_or(&[], Vec::as_slice)
    }

    /// Takes the members of a product by its key or its reference.
    pub(crate) fn take(&mut self, product: &Row) -> Vec<Position> {
        let names = [(Field::Key, "id"), (Field::Sku, "sku")];
        let names = names
            .into_iter()
            .filter_map(|(field, kind)| Some(hash(&format!("{kind}:{}", product.get(&field)?))));
        let mut members = Vec::new();
        for name in names {
            members.extend(self.by_key.remove(&name).unwrap_or_default());
        }
        members
    }

    /// Returns the positions that nothing has taken.
    pub(crate) fn rest(&self) -> impl Iterator<Item = Position> {
        self.by_key.values().flatten().copied()
    }
}

enum Link {
    /// The first record of a product, under these names.
    Leads(Vec<u64>),
    /// One of several records with this name; the first leads.
    Shares(u64),
    /// A variant of the record with this name.
    Follows(u64),
    /// One more record of the product above.
    Continues,
}

fn link(row: &Row, dialect: Dialect) -> Link {
    let shared =
        |field: Field| row.get(&field).map_or(Link::Leads(Vec::new()), |name| Link::Shares(hash(name)));
    match dialect {
        Dialect::Shopify => shared(Field::Key),
        Dialect::Vendure if row.cell(&Field::Name).is_none() => Link::Continues,
        Dialect::Vendure => Link::Leads(Vec::new()),
        Dialect::WooCommerce => match row.get(&Field::Parent) {
            Some(parent) => match parent.strip_prefix("id:") {
                Some(id) => Link::Follows(hash(&format!("id:{}", id.trim()))),
                None => Link::Follows(hash(&format!("sku:{parent}"))),
            },
            None => {
                let names = [(Field::Key, "id"), (Field::Sku, "sku")];
                Link::Leads(
                    names
                        .iter()
                        .filter_map(|(field, kind)| Some(hash(&format!("{kind}:{}", row.get(field)?))))
                        .collect(),
                )
            }
        },
        Dialect::Plain | Dialect::Merchant => shared(Field::Group),
        Dialect::Json | Dialect::PrestaShop | Dialect::Combinations | Dialect::Database => {
            Link::Leads(Vec::new())
        }
    }
}
