//! The shipped synonyms: words of Spain and Latin America for the same thing, sizes and units.

use super::*;
use vitrina_core::words::Synonyms;

const SYNONYMS: &str = include_str!("../../../../data/synonyms.json");

pub(super) fn index_with_synonyms(products: impl IntoIterator<Item = Product>) -> TantivyIndex {
    let synonyms = Synonyms::from_json(SYNONYMS).unwrap();
    let index = TantivyIndex::in_memory().unwrap().with_synonyms(synonyms);
    apply(&index, &changed(products), 1);
    index
}

#[test]
fn words_of_latin_america_find_what_spain_calls_otherwise() {
    let cases = [
        ("Teléfono móvil libre", "celular", "Mexico, Argentina, Colombia, Chile"),
        ("Frigorífico combi", "heladera", "Argentina"),
        ("Frigorífico combi", "refrigerador", "Mexico, Chile"),
        ("Lavadora 8 kg", "lavarropas", "Argentina"),
        ("Camiseta de algodón", "remera", "Argentina"),
        ("Camiseta de algodón", "playera", "Mexico"),
        ("Camiseta de algodón", "polera", "Chile"),
        ("Ordenador de sobremesa", "computadora", "Mexico, Argentina"),
        ("Ordenador de sobremesa", "computador", "Colombia, Chile"),
        ("Gafas de sol", "lentes de sol", "Mexico, Chile"),
        ("Gafas de sol", "anteojos de sol", "Argentina"),
        ("Zumo de naranja", "jugo de naranja", "Latin America"),
        ("Aguacate", "palta", "Argentina, Chile"),
        ("Melocotón en almíbar", "durazno", "Latin America"),
        ("Patatas fritas", "papas fritas", "Latin America"),
        ("Gambas peladas", "camarones", "Latin America"),
        ("Bolígrafo azul", "lapicera", "Argentina"),
        ("Bombilla led", "foco", "Mexico"),
        ("Bombilla led", "ampolleta", "Chile"),
        ("Bombilla led", "bombillo", "Colombia"),
        ("Auriculares bluetooth", "audífonos", "Latin America"),
        ("Chaqueta vaquera", "campera", "Argentina"),
        ("Chaqueta vaquera", "chamarra", "Mexico"),
        ("Manta polar", "cobija", "Mexico, Colombia"),
        ("Manta polar", "frazada", "Argentina, Chile"),
        ("Coche de juguete", "carro", "Mexico, Colombia"),
        ("Piscina hinchable", "alberca", "Mexico"),
        ("Piscina hinchable", "pileta", "Argentina"),
        ("Frigorífico combi", "nevera", "Spain, Colombia"),
        ("Nevera combi", "frigo", "Spain"),
        ("Nevera combi", "refrigeradora", "Peru, Central America"),
        ("Zapatillas de correr", "tenis", "Mexico, Colombia"),
        ("Zapatillas de correr", "championes", "Uruguay"),
        ("Celular libre", "móvil", "Spain"),
        ("Computadora de escritorio", "ordenador", "Spain"),
        ("Palta madura", "aguacate", "Spain, Mexico, Colombia"),
        ("Remera de algodón", "camiseta", "Spain, Colombia"),
        ("Judías cocidas", "porotos", "Argentina, Chile"),
        ("Frijoles cocidos", "caraotas", "Venezuela"),
        ("Guisantes congelados", "chícharos", "Mexico"),
        ("Boniato asado", "camote", "Mexico, Chile"),
        ("Boniato asado", "batata", "Argentina, Colombia"),
        ("Pajita de bambú", "popote", "Mexico"),
        ("Bolígrafo azul", "birome", "Argentina"),
        ("Bolígrafo azul", "esfero", "Colombia"),
        ("Rotulador negro", "plumón", "Chile, Mexico"),
        ("Mochila escolar", "morral", "Colombia"),
        ("Chaqueta de cuero", "casaca", "Chile, Peru"),
        ("Sujetador deportivo", "corpiño", "Argentina"),
        ("Sujetador deportivo", "brasier", "Colombia, Mexico"),
        ("Calcetines de lana", "medias", "Argentina, Colombia"),
        ("Chanclas de playa", "ojotas", "Argentina, Chile"),
        ("Pijama de invierno", "piyama", "Latin America"),
        ("Armario ropero", "placard", "Argentina"),
        ("Biberón de cristal", "tetero", "Colombia"),
        ("Biberón de cristal", "mamadera", "Argentina, Chile"),
        ("Chupete de silicona", "chupón", "Mexico"),
        ("Grifo de cocina", "canilla", "Argentina"),
        ("Alcachofa de ducha", "regadera", "Mexico"),
        ("Bolso de piel", "cartera", "Argentina, Chile"),
        ("Maleta de cabina", "valija", "Argentina"),
        ("Destornillador plano", "desarmador", "Mexico"),
        ("Pelota de fútbol", "balón", "Spain"),
        ("Tarta de queso", "torta", "Argentina, Chile"),
        ("Palomitas de maíz", "pochoclo", "Argentina"),
        ("Melocotón en almíbar", "duraznos", "Latin America"),
        ("Fresas con nata", "frutilla", "Argentina, Chile"),
        ("Maíz dulce", "choclo", "Argentina, Chile"),
        ("Maíz dulce", "elote", "Mexico"),
    ];
    let others = ["Mesa auxiliar", "Cuerda", "Reloj de pared"];
    for (name, words, spoken) in cases {
        let others = (2..).zip(others).map(|(id, name)| product(id, name));
        let index = index_with_synonyms(others.chain([product(1, name)]));
        assert_eq!(found(&index, words), [1], "{words} ({spoken}) for {name}");
    }
}

#[test]
fn sizes_and_units_meet_however_they_are_written() {
    let cases = [
        ("TV LED 55\" - Acme", "tele de 55 pulgadas"),
        ("TV LED 55 pulgadas - Acme", "tv 55\""),
        ("TV LED 55'' - Acme", "tv 55 inch"),
        ("Leche entera 1L", "leche 1 litro"),
        ("Leche entera 1 litro", "leche 1 l"),
        ("Leche entera, brik de 1 l", "leche 1l"),
        ("Disco SSD 256GB", "ssd de 256 gigas"),
        ("Disco SSD 256 gigabytes", "ssd 256 gb"),
        ("Zapato de piel, talla 42", "zapatos talla 42"),
        ("Harina 1 kg", "harina 1 kilo"),
        ("Café molido 250 g", "café 250 gramos"),
        ("Cable HDMI 2m", "cable hdmi 2 metros"),
        ("Mesa 120 cm", "mesa de 120 centímetros"),
        ("Bombilla 60W", "bombilla 60 vatios"),
    ];
    for (name, words) in cases {
        let other = name.replace("55", "32").replace("256", "512").replace("42", "38");
        let other = other.replace("120", "90").replace("60", "40").replace("250", "500").replace('1', "5");
        let index = index_with_synonyms([product(1, &other.replace("2m", "9m")), product(2, name)]);
        assert_eq!(found(&index, words)[0], 2, "{words} for {name}");
    }
}
