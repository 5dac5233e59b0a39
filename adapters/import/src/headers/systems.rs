//! Columns of shop systems' own files, by normalised header. WooCommerce translates its headers.

use crate::field::Field;

use super::{lookup, numbered};

/// Shopify, the current product export and the older one.
pub(super) fn shopify(name: &str) -> Option<Field> {
    const TABLE: &[(&[&str], Field)] = &[
        (&["handle", "url handle"], Field::Key),
        (&["title"], Field::Name),
        (&["body html", "description", "description html", "body"], Field::Description),
        (&["vendor"], Field::Brand),
        (&["product category", "standard product type"], Field::GoogleCategory),
        (&["type", "custom product type"], Field::Categories),
        (&["tags"], Field::Tags),
        (&["published", "published on online store"], Field::Published),
        (&["status"], Field::Visibility),
        (&["variant sku", "sku"], Field::Sku),
        (&["variant barcode", "barcode"], Field::Gtin),
        (&["variant price", "price"], Field::Price),
        (&["variant compare at price", "compare at price"], Field::ComparePrice),
        (&["variant inventory qty", "inventory quantity"], Field::Stock),
        (&["image src", "product image url"], Field::Photos),
        (&["image position"], Field::PhotoPosition),
        (&["variant image", "variant image url"], Field::VariantPhoto),
        (&["variant inventory policy", "continue selling when out of stock"], Field::Availability),
    ];
    if let Some(field) = lookup(TABLE, name) {
        return Some(field);
    }
    if matches!(name, "variant grams" | "weight value grams") {
        return Some(Field::Measure("Peso".into(), "g".into()));
    }
    let (pattern, number) = numbered(name)?;
    match pattern.as_str() {
        "option# name" => Some(Field::AttributeName(number)),
        "option# value" => Some(Field::AttributeValue(number)),
        _ => None,
    }
}

/// WooCommerce's product export in English, Spanish, French, German, Italian, Portuguese and Catalan.
pub(super) fn woocommerce(name: &str) -> Option<Field> {
    const TABLE: &[(&[&str], Field)] = &[
        (&["id"], Field::Key),
        (&["type", "tipo", "typ", "tipus"], Field::Kind),
        (&["sku", "ugs", "artikelnummer", "cod", "ref", "referencia"], Field::Sku),
        (
            &[
                "gtin upc ean or isbn",
                "gtin upc ean o isbn",
                "gtin upc ean ou isbn",
                "gtin upc ean oder isbn",
                "meta global unique id",
            ],
            Field::Gtin,
        ),
        (&["name", "nombre", "nom", "nome"], Field::Name),
        (&["published", "publicado", "publie", "veroffentlicht", "pubblicato", "publicat"], Field::Published),
        (
            &[
                "visibility in catalog",
                "visibilidad en el catalogo",
                "visibilite dans le catalogue",
                "sichtbarkeit im katalog",
                "visibilita nel catalogo",
                "visibilidade no catalogo",
                "visibilitat al cataleg",
            ],
            Field::Visibility,
        ),
        (
            &[
                "short description",
                "descripcion corta",
                "description courte",
                "kurzbeschreibung",
                "breve descrizione",
                "descrizione breve",
                "descricao curta",
                "breve descricao",
                "descripcio curta",
            ],
            Field::Summary,
        ),
        (
            &["description", "descripcion", "beschreibung", "descrizione", "descricao", "descripcio"],
            Field::Description,
        ),
        (
            &[
                "date sale price starts",
                "dia en que empieza el precio rebajado",
                "date de debut de promo",
                "datum an dem angebotspreis beginnt",
                "datum an dem der angebotspreis beginnt",
                "inizio del prezzo in saldo",
                "data de inicio da promocao",
            ],
            Field::SaleFrom,
        ),
        (
            &[
                "date sale price ends",
                "dia en que termina el precio rebajado",
                "date de fin de promo",
                "datum an dem angebotspreis endet",
                "datum an dem der angebotspreis endet",
                "fine del prezzo in saldo",
                "data de fim da promocao",
            ],
            Field::SaleUntil,
        ),
        (
            &[
                "in stock",
                "hay existencias",
                "existencias",
                "en inventario",
                "en stock",
                "vorratig",
                "auf lager",
                "in magazzino",
                "em estoque",
                "em stock",
            ],
            Field::Availability,
        ),
        (&["stock", "inventario", "lager", "lagerbestand", "magazzino", "estoque", "estoc"], Field::Stock),
        (
            &[
                "sale price",
                "precio rebajado",
                "tarif promo",
                "angebotspreis",
                "prezzo in offerta",
                "preco promocional",
                "preu rebaixat",
            ],
            Field::SalePrice,
        ),
        (
            &[
                "regular price",
                "precio normal",
                "tarif regulier",
                "regularer preis",
                "prezzo di listino",
                "preco",
                "preco normal",
                "preu normal",
            ],
            Field::Price,
        ),
        (&["categories", "categorias", "kategorien", "categorie"], Field::Categories),
        (&["tags", "etiquetas", "etiquettes", "schlagworter", "tag", "etiquetes"], Field::Tags),
        (&["images", "imagenes", "bilder", "immagini", "imagens", "imatges"], Field::Photos),
        (
            &[
                "parent",
                "superior",
                "principal",
                "padre",
                "ubergeordnet",
                "ubergeordnetes produkt",
                "genitore",
                "ascendente",
                "pare",
            ],
            Field::Parent,
        ),
        (&["brands", "marcas", "marques", "marken", "brand", "marchi"], Field::Brand),
    ];
    if let Some(field) = lookup(TABLE, name) {
        return Some(field);
    }
    let (pattern, number) = numbered(name)?;
    match pattern.as_str() {
        "attribute # name"
        | "nombre del atributo #"
        | "nom de l attribut #"
        | "name des attributs #"
        | "attribut # name"
        | "nome dell attributo #"
        | "attributo # nome"
        | "nome do atributo #"
        | "nom de l atribut #" => Some(Field::AttributeName(number)),
        "attribute # value s"
        | "valor es del atributo #"
        | "valeur s de l attribut #"
        | "wert e des attributs #"
        | "attribut # wert e"
        | "valore dell attributo #"
        | "valore i dell attributo #"
        | "attributo # valore i"
        | "valores do atributo #"
        | "valor es do atributo #"
        | "valor s de l atribut #" => Some(Field::AttributeValue(number)),
        _ => None,
    }
}

/// PrestaShop's file of products, in English and as a Spanish shop has it.
pub(super) fn prestashop(name: &str) -> Option<Field> {
    const TABLE: &[(&[&str], Field)] = &[
        (&["product id", "id", "id de producto", "id producto", "id product"], Field::Key),
        (&["active 0 1", "active", "activo 0 1", "activo"], Field::Published),
        (&["name", "nombre"], Field::Name),
        (&["categories x y z", "categorias x y z"], Field::Categories),
        (
            &["price tax excluded", "precio sin iva", "precio impuestos excluidos", "precio sin impuestos"],
            Field::NetPrice,
        ),
        (
            &["price tax included", "precio con iva", "precio impuestos incluidos", "precio con impuestos"],
            Field::Price,
        ),
        (&["discount amount", "importe del descuento", "importe de descuento"], Field::DiscountAmount),
        (&["discount percent", "porcentaje de descuento", "descuento porcentaje"], Field::DiscountPercent),
        (
            &["discount from yyyy mm dd", "discount from", "descuento desde aaaa mm dd", "descuento desde"],
            Field::SaleFrom,
        ),
        (
            &["discount to yyyy mm dd", "discount to", "descuento hasta aaaa mm dd", "descuento hasta"],
            Field::SaleUntil,
        ),
        (&["reference", "referencia", "referencia n"], Field::Sku),
        (&["supplier reference", "referencia del proveedor", "referencia proveedor"], Field::Code),
        (&["manufacturer", "brand", "fabricante", "marca"], Field::Brand),
        (&["ean13", "ean 13", "ean", "ean 13 jan"], Field::Gtin),
        (&["upc", "isbn"], Field::Code),
        (&["mpn"], Field::Mpn),
        (&["quantity", "cantidad"], Field::Stock),
        (&["visibility", "visibilidad"], Field::Visibility),
        (&["summary", "short description", "resumen", "descripcion corta"], Field::Summary),
        (&["description", "descripcion"], Field::Description),
        (&["tags x y z", "etiquetas x y z"], Field::Tags),
        (
            &[
                "image urls x y z",
                "urls de imagen x y z",
                "url de las imagenes x y z",
                "urls de las imagenes x y z",
            ],
            Field::Photos,
        ),
        (
            &[
                "feature name value position",
                "caracteristica nombre valor posicion",
                "feature name value position customized",
            ],
            Field::Features,
        ),
        (&["product available date"], Field::Ignored),
    ];
    lookup(TABLE, name)
}

/// PrestaShop's file of combinations.
pub(super) fn combinations(name: &str) -> Option<Field> {
    const TABLE: &[(&[&str], Field)] = &[
        (&["product id", "id"], Field::Parent),
        (&["product reference"], Field::Group),
        (&["attribute name type position"], Field::OptionGroups),
        (&["value value position"], Field::OptionValues),
        (&["reference"], Field::Sku),
        (&["supplier reference", "upc", "isbn"], Field::Code),
        (&["ean13"], Field::Gtin),
        (&["mpn"], Field::Mpn),
        (&["impact on price"], Field::NetPrice),
        (&["quantity"], Field::Stock),
        (&["image urls x y z", "image url"], Field::VariantPhoto),
    ];
    lookup(TABLE, name)
}

/// A Google Merchant feed, XML or tab-separated.
pub(super) fn merchant(name: &str) -> Option<Field> {
    const TABLE: &[(&[&str], Field)] = &[
        (&["id", "guid"], Field::Key),
        (&["title"], Field::Name),
        (&["description", "summary", "content"], Field::Description),
        (&["link"], Field::Link),
        (&["image link", "additional image link"], Field::Photos),
        (&["availability"], Field::Availability),
        (&["price"], Field::Price),
        (&["sale price"], Field::SalePrice),
        (&["sale price effective date"], Field::SalePeriod),
        (&["brand"], Field::Brand),
        (&["gtin"], Field::Gtin),
        (&["mpn"], Field::Mpn),
        (&["product type"], Field::Categories),
        (&["google product category"], Field::GoogleCategory),
        (&["item group id"], Field::Group),
        (&["quantity", "inventory"], Field::Stock),
        (&["updated"], Field::UpdatedAt),
    ];
    if let Some(field) = lookup(TABLE, name) {
        return Some(field);
    }
    match name {
        "color" | "size" | "material" | "pattern" | "gender" | "age group" | "condition" => {
            Some(Field::Attribute(name.into()))
        }
        "shipping weight" | "product weight" => Some(Field::Attribute("weight".into())),
        _ => None,
    }
}

/// Vendure's product import file.
pub(super) fn vendure(name: &str) -> Option<Field> {
    const TABLE: &[(&[&str], Field)] = &[
        (&["slug"], Field::Key),
        (&["name"], Field::Name),
        (&["description"], Field::Description),
        (&["assets"], Field::Photos),
        (&["facets", "variantfacets"], Field::Facets),
        (&["optiongroups"], Field::OptionGroups),
        (&["optionvalues"], Field::OptionValues),
        (&["sku"], Field::Sku),
        (&["price"], Field::Price),
        (&["stockonhand"], Field::Stock),
        (&["variantassets"], Field::VariantPhoto),
    ];
    if let Some(field) = lookup(TABLE, name) {
        return Some(field);
    }
    // Texts by language: `name:en`.
    match name.split_once(' ') {
        Some(("name", language)) => Some(Field::NameIn(language.into())),
        Some(("description", language)) => Some(Field::DescriptionIn(language.into())),
        _ => None,
    }
}

/// Returns true for a column that WooCommerce's exports alone have.
pub(super) fn only_woocommerce(name: &str) -> bool {
    matches!(
        woocommerce(name),
        Some(Field::Visibility | Field::AttributeName(_) | Field::SaleFrom | Field::SaleUntil)
    )
}

/// Returns true for a column that PrestaShop's files alone have.
pub(super) fn only_prestashop(name: &str) -> bool {
    name.ends_with(" x y z")
        || matches!(name, "active 0 1" | "activo 0 1" | "price tax excluded" | "feature name value position")
}
