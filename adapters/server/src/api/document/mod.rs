//! The OpenAPI document: served to clients, and the schema by which request bodies and parameters are checked.

mod check;
mod expected;
mod explain;
mod finish;

use std::collections::HashMap;

use poem::http::Method;
use poem_openapi::{OpenApi, OpenApiService};
use serde_json::Value;

pub(crate) use check::check;
pub(crate) use expected::expected;

/// The OpenAPI document of an API.
#[derive(Debug)]
pub struct Document {
    json: Value,
    /// The document's paths by route: parameters are `{}`.
    routes: HashMap<String, String>,
}

impl Document {
    /// Creates the document of an API.
    ///
    /// poem-openapi cannot express everything that the API does; the rest is added afterwards.
    pub fn new<A: OpenApi>(service: &OpenApiService<A, ()>) -> Self {
        let mut json = serde_json::from_str(&service.spec()).unwrap_or_default();
        finish::finish(&mut json);
        let paths = json["paths"].as_object();
        let routes = paths.into_iter().flatten().map(|(path, _)| (route(path), path.clone())).collect();
        Self { json, routes }
    }

    /// The document as JSON text.
    pub fn text(&self) -> String {
        format!("{:#}", self.json)
    }

    /// The Swagger UI page of an API with this document, in place of the one that poem-openapi makes of it.
    pub(crate) fn page<A: OpenApi>(&self, service: &OpenApiService<A, ()>) -> String {
        // `</` would end the script that the document stands in.
        service.swagger_ui_html().replace(&service.spec(), &self.text().replace("</", "<\\/"))
    }

    /// The whole document.
    pub(crate) fn json(&self) -> &Value {
        &self.json
    }

    /// The `Allow` header of a route: the methods that it takes.
    pub(crate) fn allow(&self, pattern: &str) -> Option<String> {
        let operations = self.json["paths"][self.routes.get(&route(pattern))?].as_object()?;
        let mut methods: Vec<_> = operations.keys().map(|method| method.to_uppercase()).collect();
        if methods.iter().any(|method| method == "GET") {
            methods.push("HEAD".into());
        }
        Some(methods.join(", "))
    }

    /// The name of a parameter in the path, for the name that the router gives it.
    pub(crate) fn path_parameter(&self, pattern: &str, routed: &str) -> Option<&str> {
        let parts = self.routes.get(&route(pattern))?.split('/');
        parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).nth(place(routed)?)
    }

    /// The schema of a parameter in the query, the path or the headers.
    pub(crate) fn parameter(&self, method: &Method, pattern: &str, name: &str) -> Option<&Value> {
        let path = self.routes.get(&route(pattern))?;
        // A HEAD request is answered by the operation for GET.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let operation = &self.json["paths"][path][method.as_str().to_lowercase()];
        let parameters = operation["parameters"].as_array()?;
        parameters.iter().find(|known| known["name"] == name).map(|known| &known["schema"])
    }
}

/// A parameter's place in the path's pattern, as poem-openapi names it: `param0`, `param1`, …
fn place(name: &str) -> Option<usize> {
    name.strip_prefix("param")?.parse().ok()
}

/// A path with its parameters nameless: the router and the document name them differently.
fn route(path: &str) -> String {
    let nameless = |part| if str::starts_with(part, [':', '{']) { "{}" } else { part };
    path.split('/').map(nameless).collect::<Vec<_>>().join("/")
}

/// What a `$ref` points to.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#'))) {
        Some(found) => found,
        None => schema,
    }
}
