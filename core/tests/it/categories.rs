//! The vocabulary that comes with Vitrina, on trees of categories as shops have them.

use vitrina_core::classify::{Categorizer, CategoryScore, Classification, LabelScore};
use vitrina_core::words::Vocabulary;
use vitrina_core::{Category, CategoryId};

const VOCABULARY: &str = include_str!("../../../data/vocabulary.json");

/// Leaves of an electronics shop, a grocer's, a fashion shop and a home shop.
const LEAVES: [&str; 72] = [
    "Portátiles gaming",
    "Todos los portátiles",
    "Portátiles de 14 a 16 pulgadas",
    "Fundas para portátil",
    "Ratones inalámbricos",
    "Ratones con cable",
    "Teclados y ratones",
    "Alfombrillas de ratón",
    "Monitores curvos",
    "Cables HDMI",
    "Cartuchos de tinta",
    "Impresoras láser",
    "Auriculares",
    "Auriculares de diadema",
    "Altavoces bluetooth",
    "Televisores",
    "TV de 55 pulgadas",
    "Soportes TV",
    "Accesorios",
    "Cámaras réflex",
    "Fundas de cámara",
    "Tablets",
    "Fundas tablet",
    "Aspiradores sin bolsa",
    "Bolsas de aspirador",
    "Sandwicheras y tostadoras",
    "Frigoríficos combi",
    "Mini frigoríficos",
    "Hornos",
    "Cafeteras de goteo",
    "Café y té",
    "Té",
    "Leche entera",
    "Leche en polvo",
    "Queso curado",
    "Queso untable y fresco",
    "Fruta y verdura",
    "Naranja",
    "Pan de molde",
    "Otros panes",
    "Pan rallado",
    "Otros",
    "Otras especias",
    "Cerveza lata",
    "Vino tinto",
    "Tomate frito",
    "Aceite de oliva",
    "Sal y bicarbonato",
    "Papel higiénico",
    "Bolsas de basura",
    "Pilas",
    "Guantes",
    "Comida húmeda para gatos",
    "Champú",
    "Sombra de ojos",
    "Camisetas de manga corta",
    "Camisas",
    "Pantalones vaqueros",
    "Pantalones de hombre",
    "Vestidos largos",
    "Faldas",
    "Zapatillas de correr",
    "Botas de agua",
    "Gorros y bufandas",
    "Bolsos de mano",
    "Gafas de sol",
    "Relojes",
    "Relojes de pared",
    "Sofás cama",
    "Mesas de comedor",
    "Lámparas de pie",
    "Cojines y mantas",
];

fn categories<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Category> {
    let category = |(id, name): (i64, &str)| Category::new(CategoryId(id), name);
    (1..).zip(names).map(category).collect()
}

struct Shop {
    categories: Vec<Category>,
    categorizer: Categorizer,
}

impl Shop {
    fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self::holding(names, &[])
    }

    /// A shop with a sample of the names of the products in some of its categories.
    fn holding<'a>(names: impl IntoIterator<Item = &'a str>, products: &[(&str, &[&str])]) -> Self {
        let categories = categories(names);
        let id = |name: &str| categories.iter().find(|category| category.name == name).unwrap().id;
        let products = products
            .iter()
            .map(|(category, names)| (id(category), names.iter().map(|name| (*name).to_owned()).collect()));
        let vocabulary = Vocabulary::from_json(VOCABULARY).unwrap();
        let categorizer = Categorizer::of_shop(&categories, &vocabulary, &products.collect());
        Self { categories, categorizer }
    }

    fn names(&self, scores: &[CategoryScore]) -> Vec<&str> {
        let name = |id| self.categories.iter().find(|category| category.id == id).unwrap().name.as_str();
        scores.iter().map(|score| name(score.category)).collect()
    }

    fn words(&self, text: &str) -> Vec<&str> {
        self.names(&self.categorizer.of_words(text))
    }

    /// The category of a photo with this label of ImageNet.
    fn photo(&self, label: &str) -> Option<&str> {
        let labels = vec![LabelScore { label: label.into(), score: 0.9 }];
        let seen = self.categorizer.of_photo(&Classification { labels, ..Classification::default() });
        self.names(&seen).first().copied()
    }
}

#[test]
fn every_name_of_a_category_leads_to_it_first() {
    let shop = Shop::new(LEAVES);
    for name in LEAVES {
        assert_eq!(shop.words(name)[0], name);
    }
}

#[test]
fn every_name_of_a_tree_of_paths_leads_to_it_first() {
    let paths: Vec<_> = ["Hogar", "Moda > Mujer", "Otros"]
        .iter()
        .flat_map(|above| LEAVES.map(|leaf| format!("{above} > {leaf}")))
        .collect();
    let shop = Shop::new(paths.iter().map(String::as_str));
    for path in &paths {
        assert_eq!(shop.words(path)[0], path);
        let leaf = path.rsplit(" > ").next().unwrap();
        assert!(shop.words(leaf)[0].ends_with(&format!("> {leaf}")), "{leaf}");
    }
}

#[test]
fn words_without_a_category_lead_to_none_that_happens_to_be_there() {
    let shop = Shop::new(["Té", "Fruta y verdura", "Portátiles"]);
    assert_eq!(shop.words("camiseta"), [""; 0]);
    assert_eq!(shop.words("queso"), [""; 0]);
    assert_eq!(shop.words("té verde"), ["Té"]);
}

#[test]
fn a_word_means_all_kinds_of_the_thing_and_no_accessory() {
    let shop = Shop::new(LEAVES);
    let portable = shop.words("portátil");
    assert_eq!(portable[0], "Todos los portátiles");
    assert!(portable.contains(&"Portátiles gaming") && !portable.contains(&"Fundas para portátil"));
    assert_eq!(shop.words("queso"), ["Queso curado", "Queso untable y fresco"]);
    assert_eq!(shop.words("funda de portátil")[0], "Fundas para portátil");
    assert_eq!(shop.words("relojes")[0], "Relojes");
}

#[test]
fn a_name_that_no_category_has_goes_on_to_the_things_below_it() {
    let shop = Shop::new(["Faldas", "Camisas", "Tornillos"]);
    let mut clothes = shop.words("ropa");
    clothes.sort_unstable();
    assert_eq!(clothes, ["Camisas", "Faldas"]);
}

#[test]
fn a_leaf_called_others_is_not_the_fallback() {
    let toad = "n01644900";
    assert_eq!(Shop::new(["Zapatos", "Otros"]).photo(toad), Some("Otros"));
    assert_eq!(Shop::new(["Calzado > Zapatos", "Calzado > Otros"]).photo(toad), None);
    assert_eq!(Shop::new(LEAVES).photo(toad), None);
}

#[test]
fn labels_reach_the_category_that_says_the_thing_most_directly() {
    let shop = Shop::new(LEAVES);
    for (label, category) in [
        ("n03642806", "Todos los portátiles"),
        ("n03793489", "Teclados y ratones"),
        ("n04442312", "Sandwicheras y tostadoras"),
        ("n04404412", "Televisores"),
        ("n04069434", "Cámaras réflex"),
        ("n04120489", "Zapatillas de correr"),
        ("n04548280", "Relojes de pared"),
        ("n07747607", "Naranja"),
    ] {
        assert_eq!(shop.photo(label), Some(category), "{label}");
    }
}

#[test]
fn a_path_says_what_a_name_means() {
    let paths =
        ["Zumos > Naranja", "Fruta y verdura > Naranja", "Informática > Ratones", "Mascotas > Ratones"];
    let shop = Shop::new(paths);
    assert_eq!(shop.photo("n07747607"), Some("Fruta y verdura > Naranja"));
    assert_eq!(shop.photo("n03793489"), Some("Informática > Ratones"));
    assert_eq!(shop.words("naranja").len(), 2);
}

#[test]
fn products_tell_what_a_category_holds() {
    let named = ["Convertibles 2 en 1", "Cajas y torres", "Naranja"];
    let juice = ["Zumo de naranja", "Zumo de naranja sin azúcar", "Néctar de naranja"];
    let shop = Shop::holding(
        named,
        &[
            (
                "Convertibles 2 en 1",
                &["Portátil - Yoga 7, 14 pulgadas", "Portátil convertible", "Portátil Spin"],
            ),
            ("Naranja", &juice),
        ],
    );
    assert_eq!(shop.photo("n03642806"), Some("Convertibles 2 en 1"));
    assert_eq!(shop.photo("n07747607"), Some("Naranja"), "unclear names are overruled, clear ones are not");
    let path = Shop::holding(["Bebidas > Naranja"], &[("Bebidas > Naranja", &juice)]);
    assert_eq!(path.photo("n07747607"), None);
}
