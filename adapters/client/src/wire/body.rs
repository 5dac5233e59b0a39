//! Products and changes as requests carry them.

use serde_json::{Map, Value, json};
use vitrina_core::NewProduct;
use vitrina_core::product::{
    Attribute, AttributeValue, CategoryChange, Codes, NewVariant, OfferChange, PhotoSource, ProductChange,
    ProductRef, SalePrice,
};

use crate::{ClientError, Result};

/// The fields of a body.
pub(crate) type Fields = Map<String, Value>;

/// The body of a change: what it names, null where it clears.
///
/// # Errors
/// [`Invalid`](crate::ClientErrorKind::Invalid) for a photo that no JSON can carry.
pub(crate) fn change(change: &ProductChange) -> Result<Fields> {
    let mut fields = offer(&change.offer);
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    set("key", change.key.as_ref().map(|key| json!(key)));
    set("name", change.name.as_ref().map(|name| json!(name)));
    set("description", change.description.as_ref().map(|text| json!(text)));
    set("brand", change.brand.as_ref().map(|brand| json!(brand)));
    set("categories", change.categories.as_ref().map(|paths| json!(paths)));
    set("codes", change.codes.as_ref().map(codes));
    set("url", change.link.as_ref().map(|link| json!(link)));
    set("attributes", change.attributes.as_deref().map(attributes));
    set("photos", change.photos.as_deref().map(photos).transpose()?);
    set("tags", change.tags.as_ref().map(|tags| json!(tags)));
    set("popularity", change.popularity.map(|popularity| json!(popularity)));
    set("translations", change.translations.as_ref().map(|texts| json!(texts)));
    set("updated_at", change.updated_at.map(|at| json!(at)));
    set("variants", change.variants.as_deref().map(variants).transpose()?);
    Ok(fields)
}

/// The body of a product: every field that it has, but for its ID.
///
/// # Errors
/// [`Invalid`](crate::ClientErrorKind::Invalid) for a product without a price, and a photo that no JSON can carry.
pub(crate) fn product(product: &NewProduct) -> Result<Fields> {
    let of_variants = || product.variants.iter().filter_map(|variant| variant.price).min();
    let price = product.price.or_else(of_variants);
    let price = price.ok_or_else(|| ClientError::invalid("the product has no price: give it one"))?;
    let mut fields = Fields::from_iter([
        ("name".to_owned(), json!(product.name)),
        ("description".to_owned(), json!(product.description)),
        ("price".to_owned(), json!(price)),
    ]);
    let listed = [
        ("categories", !product.categories.is_empty(), json!(product.categories)),
        ("codes", !product.codes.is_empty(), codes(&product.codes)),
        ("attributes", !product.attributes.is_empty(), attributes(&product.attributes)),
        ("photos", !product.photos.is_empty(), photos(&product.photos)?),
        ("tags", !product.tags.is_empty(), json!(product.tags)),
        ("translations", !product.translations.is_empty(), json!(product.translations)),
        ("variants", !product.variants.is_empty(), variants(&product.variants)?),
    ];
    fields.extend(
        listed.into_iter().filter(|(_, given, _)| *given).map(|(name, _, value)| (name.into(), value)),
    );
    fields.extend(given([
        ("key", product.key.as_ref().map(|key| json!(key))),
        ("brand", product.brand.as_ref().map(|brand| json!(brand))),
        ("stock", product.stock.map(|pieces| json!(pieces))),
        ("availability", product.availability.map(|stated| json!(stated))),
        ("url", product.link.as_ref().map(|link| json!(link))),
        ("popularity", product.popularity.map(|popularity| json!(popularity))),
        ("updated_at", product.updated_at.map(|at| json!(at))),
    ]));
    fields.extend(sale(product.sale));
    Ok(fields)
}

/// The body of a category's change.
pub(crate) fn category(change: &CategoryChange) -> Fields {
    given([
        ("name", change.name.as_ref().map(|name| json!(name))),
        ("parent", change.parent.map(|parent| json!(parent.map(|parent| parent.0)))),
        ("translations", change.translations.as_ref().map(|names| json!(names))),
    ])
}

/// The change of one product in a batch.
pub(crate) fn named_offer((which, change): &(ProductRef, OfferChange)) -> Value {
    let mut fields = offer(change);
    match which {
        ProductRef::Id(id) => fields.insert("id".into(), json!(id.0)),
        ProductRef::Key(key) => fields.insert("key".into(), json!(key)),
    };
    Value::Object(fields)
}

fn offer(change: &OfferChange) -> Fields {
    given([
        ("price", change.price.map(|price| json!(price))),
        ("sale_price", change.sale_price.map(|price| json!(price))),
        ("sale_from", change.sale_from.map(|from| json!(from))),
        ("sale_until", change.sale_until.map(|until| json!(until))),
        ("stock", change.stock.map(|pieces| json!(pieces))),
        ("availability", change.availability.map(|stated| json!(stated))),
    ])
}

/// The fields that there are.
fn given<const N: usize>(fields: [(&str, Option<Value>); N]) -> Fields {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn sale(sale: Option<SalePrice>) -> Fields {
    given([
        ("sale_price", sale.map(|sale| json!(sale.price))),
        ("sale_from", sale.and_then(|sale| sale.from).map(|from| json!(from))),
        ("sale_until", sale.and_then(|sale| sale.until).map(|until| json!(until))),
    ])
}

fn codes(codes: &Codes) -> Value {
    json!(codes)
}

/// Values are texts on the wire.
fn attributes(attributes: &[Attribute]) -> Value {
    let values = |attribute: &Attribute| {
        let values: Vec<_> = attribute.values.iter().map(AttributeValue::to_string).collect();
        (attribute.name.clone(), json!(values))
    };
    Value::Object(attributes.iter().map(values).collect())
}

fn photos(photos: &[PhotoSource]) -> Result<Value> {
    photos.iter().map(photo).collect::<Result<Vec<_>>>().map(Value::from)
}

fn photo(photo: &PhotoSource) -> Result<Value> {
    match photo {
        PhotoSource::Url(url) => Ok(json!(url)),
        PhotoSource::Key(key) => Ok(json!(format!("/photos/{key}"))),
        PhotoSource::Bytes(_) | PhotoSource::Path(_) => Err(ClientError::invalid(
            "a photo goes to a server as a URL: give the bytes of one with `put_photo`",
        )),
    }
}

fn variants(variants: &[NewVariant]) -> Result<Value> {
    variants.iter().map(variant).collect::<Result<Vec<_>>>().map(Value::from)
}

fn variant(variant: &NewVariant) -> Result<Value> {
    let mut fields = given([
        ("key", variant.key.as_ref().map(|key| json!(key))),
        ("codes", (!variant.codes.is_empty()).then(|| codes(&variant.codes))),
        ("attributes", (!variant.attributes.is_empty()).then(|| attributes(&variant.attributes))),
        ("price", variant.price.map(|price| json!(price))),
        ("stock", variant.stock.map(|pieces| json!(pieces))),
        ("availability", variant.availability.map(|stated| json!(stated))),
        ("photo", variant.photo.as_ref().map(photo).transpose()?),
        ("url", variant.link.as_ref().map(|link| json!(link))),
    ]);
    fields.extend(sale(variant.sale));
    Ok(fields.into())
}
