-- The course's catalogue: the same 48 products as data/demo/products_es.jsonl.
SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS ecommerce CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE ecommerce;

CREATE TABLE IF NOT EXISTS category (
    id INT PRIMARY KEY AUTO_INCREMENT,
    name VARCHAR(50)
);

CREATE TABLE IF NOT EXISTS product (
    id INT AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(100),
    description TEXT,
    price DECIMAL(10,2),
    category_id INT,
    FOREIGN KEY (category_id) REFERENCES category(id)
);

INSERT INTO category (id, name) VALUES
    (1, 'Camisetas'),
    (2, 'Teléfonos'),
    (3, 'Pantalones'),
    (4, 'Zapatos'),
    (5, 'Portátiles'),
    (6, 'Otros');

INSERT INTO product (id, name, description, price, category_id) VALUES
    (1, 'Camiseta deportiva roja', 'Camiseta transpirable de manga corta para correr y entrenar. El tejido técnico seca rápido y no roza.', 12.99, 1),
    (2, 'Camiseta básica blanca de algodón', 'Camiseta de cuello redondo en algodón orgánico de 180 gramos. Corte recto, tallas de la XS a la XXL.', 9.95, 1),
    (3, 'Camiseta negra de manga larga', 'Algodón suave con un poco de elastano para el entretiempo. Puños ajustados y costuras planas.', 16.50, 1),
    (4, 'Camiseta a rayas marineras', 'Rayas azul marino sobre fondo crudo y cuello barco. Un clásico de verano para mujer.', 19.90, 1),
    (5, 'Polo de piqué verde', 'Polo de piqué de algodón con dos botones y cuello de punto. Corte entallado para hombre.', 27.95, 1),
    (6, 'Camiseta infantil con dinosaurio', 'Camiseta amarilla con un dinosaurio estampado al agua. Para niños y niñas de 3 a 10 años.', 8.99, 1),
    (7, 'Camiseta de tirantes gris', 'Camiseta sin mangas, ligera y fresca, para el gimnasio o la playa. Espalda cruzada.', 11.50, 1),
    (8, 'Sudadera con capucha azul marino', 'Sudadera afelpada por dentro, con bolsillo canguro y cordón ajustable. Abriga sin pesar.', 34.99, 1),
    (9, 'Teléfono móvil Brisa 5G de 128 GB', 'Pantalla OLED de 6,4 pulgadas, cámara triple y batería para todo el día. Admite dos tarjetas SIM.', 329.00, 2),
    (10, 'Smartphone Brisa Mini negro', 'Un móvil compacto de 5,4 pulgadas que cabe en cualquier bolsillo. 64 GB ampliables con microSD.', 219.90, 2),
    (11, 'Celular Cumbre Pro de 256 GB', 'Pantalla de 120 Hz, carga rápida de 65 W y cámara de 108 megapíxeles. Acabado en cristal azul.', 599.00, 2),
    (12, 'Móvil resistente Roca X', 'Teléfono robusto, a prueba de golpes, polvo y agua. Pensado para la obra y la montaña.', 279.50, 2),
    (13, 'Teléfono para mayores con teclas grandes', 'Números grandes, volumen alto y botón de emergencia. Se carga al posarlo en su base.', 49.95, 2),
    (14, 'Teléfono fijo inalámbrico', 'Alcance de hasta 50 metros en casa y agenda de 100 nombres. Incluye base de carga y manos libres.', 32.90, 2),
    (15, 'Smartphone reacondicionado Cumbre 2', 'Revisado, limpio y con batería nueva. Un año de garantía y 128 GB de memoria.', 189.00, 2),
    (16, 'Funda de móvil de silicona verde', 'Funda flexible que protege las esquinas y la cámara. Compatible con la carga inalámbrica.', 12.95, 2),
    (17, 'Pantalón vaquero azul recto', 'Vaquero de cinco bolsillos en tela firme de algodón. Tiro medio y pierna recta para hombre.', 39.95, 3),
    (18, 'Vaqueros negros ajustados de mujer', 'Pantalón pitillo de tiro alto con elastano. Realza la figura y no se deforma al lavarlo.', 36.90, 3),
    (19, 'Pantalón chino beis', 'Sarga de algodón ligera para la oficina o el fin de semana. Bolsillos al bies y corte estrecho.', 32.50, 3),
    (20, 'Pantalón corto deportivo', 'Tejido ligero con malla interior y bolsillo con cremallera. Para correr, entrenar o jugar al pádel.', 17.99, 3),
    (21, 'Leggings negros de cintura alta', 'Leggings opacos y elásticos para yoga y gimnasio. Cintura ancha con bolsillo oculto.', 22.95, 3),
    (22, 'Pantalón de chándal gris', 'Felpa de algodón con cintura elástica y puños en el bajo. Cómodo para casa y para entrenar.', 24.90, 3),
    (23, 'Pantalón de montaña impermeable', 'Membrana que corta el viento y la lluvia, con rodillas reforzadas. Se guarda en su propio bolsillo.', 64.00, 3),
    (24, 'Pantalón de vestir gris marengo', 'Lana fría con raya marcada y forro hasta la rodilla. Para traje o para combinar.', 54.95, 3),
    (25, 'Zapatillas de correr azules', 'Amortiguación suave y suela de caucho con buen agarre en asfalto. Tallas de la 36 a la 46.', 69.95, 4),
    (26, 'Zapatos de piel marrón con cordones', 'Zapato de vestir de piel vacuna con suela cosida. Hecho a mano en Elche.', 89.90, 4),
    (27, 'Botines negros de tacón', 'Botines de piel con tacón de seis centímetros y cremallera lateral. Plantilla acolchada.', 74.50, 4),
    (28, 'Sandalias de cuero trenzado', 'Sandalias planas con hebilla y suela de corcho. Frescas para todo el verano.', 42.00, 4),
    (29, 'Tenis blancos de lona', 'Zapatillas clásicas de lona con puntera de goma. Combinan con todo y se lavan a máquina.', 29.95, 4),
    (30, 'Botas de montaña impermeables', 'Caña media, membrana impermeable y suela de tacos para senderismo. Sujetan bien el tobillo.', 109.00, 4),
    (31, 'Chanclas de playa', 'Chanclas de goma antideslizante para la piscina y la playa. Secan en un momento.', 7.95, 4),
    (32, 'Zapatillas infantiles con velcro', 'Calzado ligero y resistente para el colegio. Doble velcro y puntera reforzada.', 24.99, 4),
    (33, 'Portátil ultraligero de 13 pulgadas', 'Ordenador portátil de aluminio que pesa 1,1 kilos, con 16 GB de memoria y 512 GB SSD. Hasta 14 horas de batería.', 899.00, 5),
    (34, 'Portátil de 15 pulgadas para estudiar', 'Laptop con pantalla Full HD, 8 GB de memoria y 256 GB SSD. Ligera y con teclado español.', 449.90, 5),
    (35, 'Portátil para juegos de 17 pulgadas', 'Ordenador portátil con tarjeta gráfica dedicada, pantalla de 144 Hz y teclado retroiluminado. Para jugar sin tirones.', 1399.00, 5),
    (36, 'Portátil convertible con pantalla táctil', 'Se dobla y se usa como tableta; incluye lápiz óptico. Notebook de 14 pulgadas con 16 GB de memoria.', 749.50, 5),
    (37, 'Portátil empresarial de 14 pulgadas', 'Chasis de carbono, lector de huellas y cámara con tapa. Ordenador portátil con tres años de garantía.', 1099.00, 5),
    (38, 'Notebook económico de 11 pulgadas', 'Un portátil pequeño para navegar, escribir y ver vídeos. Arranca en segundos.', 219.00, 5),
    (39, 'Portátil reacondicionado de 14 pulgadas', 'Ordenador portátil revisado, con SSD nuevo y batería comprobada. Un año de garantía.', 329.95, 5),
    (40, 'Portátil para diseño de 16 pulgadas', 'Pantalla 4K calibrada, 32 GB de memoria y 1 TB SSD. Para fotografía, vídeo y diseño gráfico.', 1849.00, 5),
    (41, 'Mochila urbana negra', 'Mochila de 22 litros con bolsillo acolchado y espalda ventilada. Repele la lluvia ligera.', 39.90, 6),
    (42, 'Botella térmica de acero de 750 ml', 'Mantiene el agua fría 24 horas y el café caliente 12. Sin plásticos y a prueba de goteos.', 18.95, 6),
    (43, 'Gafas de sol polarizadas', 'Montura de acetato color carey y lentes con protección UV400. Vienen con estuche rígido.', 27.50, 6),
    (44, 'Reloj de pulsera de acero', 'Reloj analógico de cuarzo, sumergible hasta 50 metros. Esfera azul y correa metálica.', 79.00, 6),
    (45, 'Manta de algodón tejida', 'Manta suave de 130 por 170 centímetros en tonos tierra, con flecos. Se lava a máquina sin perder el color.', 34.95, 6),
    (46, 'Auriculares inalámbricos con estuche de carga', 'Cancelación de ruido y hasta 30 horas de música con el estuche. Resisten el sudor y la lluvia.', 59.90, 6),
    (47, 'Taza de cerámica esmaltada', 'Taza de 350 ml hecha en torno, apta para microondas y lavavajillas. Cada pieza es distinta.', 11.90, 6),
    (48, 'Paraguas plegable antiviento', 'Varillas de fibra que aguantan rachas fuertes. Se abre y se cierra con un botón y cabe en un bolso.', 16.99, 6);
