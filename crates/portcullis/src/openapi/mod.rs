//! The OpenAPI document, made from the table that makes the router.
//!
//! 1. The manifest says which operations there are: method, path, name, policy, style of errors.
//! 2. Beside its handlers each feature says what only it knows ([`Docs`], [`operation::Operation`]). The two meet by
//!    the operation's name. A route that nobody described still appears, and a test fails; so does a description
//!    without a route.
//! 3. What follows from the policy, the body and the style is added here, once for all operations.
//! 4. Examples are the wire types and the refusals themselves, serialised. A test sends the requests of the document to
//!    the routes and compares what comes back.
//!
//! The document follows the settings: prefixes, profile, the shortest password, the public URL. The one for the
//! defaults is checked in as `docs/api/openapi.json`.

pub(crate) mod operation;
pub(crate) mod page;
mod render;
pub(crate) mod schema;
#[cfg(test)]
mod tests;

use crate::config::AuthConfig;
use crate::routes::{self, Feature};
use bytes::Bytes;
use operation::{Operation, Type};
use portcullis_core::rules::Profile;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use utoipa::ToSchema;
use utoipa::openapi::security::{Flow, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, RefOr, Schema, Server,
};

/// What it is, in a sentence.
const LEAD: &str = "Sign-in over HTTP: accounts, passwords, device login, impersonation, audit.";

/// The name of the security scheme, as FastAPI names it.
const SCHEME: &str = "OAuth2PasswordBearer";

/// What is served, made when it is first asked for: it does not change while the process runs.
#[derive(Default)]
pub(crate) struct Served {
    json: OnceLock<Bytes>,
    page: OnceLock<Bytes>,
}

impl Served {
    /// The document as JSON.
    pub(crate) fn json(&self, config: &AuthConfig) -> Bytes {
        // A tree of maps and texts always serialises; an empty answer would be seen by the tests.
        self.json.get_or_init(|| document(config).to_json().unwrap_or_default().into()).clone()
    }

    /// The explorer's page.
    pub(crate) fn page(&self, config: &AuthConfig) -> Bytes {
        self.page.get_or_init(|| page::page(config).into()).clone()
    }
}

/// The descriptions of all operations, on their way into the document.
pub(crate) struct Docs<'a> {
    config: &'a AuthConfig,
    operations: Vec<Operation>,
}

impl Docs<'_> {
    /// Whether the profile is the strict one.
    pub(crate) fn strict(&self) -> bool {
        self.config.profile == Profile::Strict
    }

    /// The settings.
    pub(crate) fn config(&self) -> &AuthConfig {
        self.config
    }

    /// Describes the operation with this name.
    pub(crate) fn operation(
        &mut self,
        id: &'static str,
        summary: &'static str,
        description: &'static str,
    ) -> &mut Operation {
        // Pushing one and borrowing it: `insert` gives the borrow that `last_mut` could only give as an `Option`.
        let at = self.operations.len();
        self.operations.push(Operation::new(id, summary, description));
        &mut self.operations[at]
    }
}

/// Everything that the features say.
fn described(config: &AuthConfig) -> Vec<Operation> {
    let mut docs = Docs { config, operations: Vec::new() };
    for feature in Feature::ALL {
        routes::describe(feature, &mut docs);
    }
    docs.operations
}

/// The document of what [`crate::Auth::routes`] serves under these settings.
pub(crate) fn document(config: &AuthConfig) -> OpenApi {
    let mut described = described(config);
    let mut schemas: BTreeMap<String, Type> = BTreeMap::new();
    let mut paths = Paths::new();
    for route in routes::manifest_of(&Feature::ALL, &config.paths) {
        let found = described.iter().position(|operation| operation.id == route.operation);
        let operation = match found {
            Some(at) => described.swap_remove(at),
            None => Operation::new(route.operation, route.operation, ""),
        };
        schemas.extend(operation.schemas.iter().cloned());
        let Some(method) = render::method(&route.method) else { continue };
        let item = PathItem::new(method, render::operation(&route, operation));
        match paths.paths.get_mut(&route.path) {
            Some(existing) => existing.merge_operations(item),
            None => {
                paths.paths.insert(route.path, item);
            }
        }
    }
    add::<schema::ErrorModel>(&mut schemas);
    add::<schema::HttpValidationError>(&mut schemas);
    add::<schema::Problem>(&mut schemas);
    if let Some(password) = schemas.get_mut(&*schema::NewPassword::name()) {
        *password = schema::new_password(config);
    }
    let scheme = SecurityScheme::OAuth2(OAuth2::with_description(
        [Flow::Password(Password::new(format!("{}/jwt/login", config.paths.auth), Scopes::new()))],
        "An access token, as `Authorization: Bearer TOKEN`.",
    ));
    let components = ComponentsBuilder::new().schemas_from_iter(schemas).security_scheme(SCHEME, scheme);
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([Server::new(config.public_url.as_ref().map_or("/", |url| url.as_str()))]))
        .tags(Some(
            Feature::ALL.map(|feature| {
                TagBuilder::new().name(feature.title()).description(Some(feature.description())).build()
            }),
        ))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn info() -> utoipa::openapi::Info {
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0"));
    InfoBuilder::new()
        .title("Portcullis")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(format!(
            "{LEAD}\n\nSend the access token as `Authorization: Bearer TOKEN`. Paths that exist answer other methods with \
             405, and so does HEAD; a body may have 64 KiB."
        )))
        .license(Some(license.build()))
        .build()
}

fn add<T: ToSchema>(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    schemas.extend(found);
}
