use super::*;
use serde_json::Value;
use std::collections::BTreeSet;

const SECRET: &str = "a secret of at least thirty-two bytes";

fn written(config: &AuthConfig) -> Value {
    serde_json::to_value(document(config)).unwrap()
}

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            found.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    found
}

/// The file that is checked in. `UPDATE_OPENAPI=1` writes it.
#[test]
#[expect(clippy::disallowed_methods, reason = "the one switch of this test")]
fn the_document_is_the_one_that_is_checked_in() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api/openapi.json");
    let made = document(&AuthConfig::new(SECRET)).to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(file, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        checked_in == made,
        "docs/api/openapi.json differs: run this test with UPDATE_OPENAPI=1 and look at the diff"
    );
}

#[test]
fn every_route_is_described_and_every_description_has_its_route() {
    let config = AuthConfig::new(SECRET);
    let routes = routes::manifest_of(&Feature::ALL, &config.paths);
    let served: BTreeSet<_> = routes.iter().map(|route| route.operation).collect();
    let said: Vec<_> = described(&config).iter().map(|operation| operation.id).collect();
    assert_eq!(served.len(), routes.len(), "two routes have one name");
    assert_eq!(said.iter().copied().collect::<BTreeSet<_>>(), served);
    assert_eq!(said.len(), served.len(), "an operation is described twice");
    for operation in described(&config) {
        assert!(!operation.description.is_empty(), "{}", operation.id);
    }
}

#[test]
fn the_document_has_each_route_with_its_policy() {
    let config = AuthConfig::new(SECRET);
    let document = written(&config);
    let routes = routes::manifest_of(&Feature::ALL, &config.paths);
    assert_eq!(operations(&document).len(), routes.len());
    for route in routes {
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        assert_eq!(operation["operationId"], route.operation);
        assert_eq!(operation["x-policy"], route.policy.as_str());
        let open = route.policy == crate::Policy::Public;
        assert_eq!(operation.get("security").is_none(), open, "{}", route.operation);
        // The routes that give tokens refuse wrong credentials with 401 themselves.
        let gives_tokens = ["login", "refresh_session"].contains(&route.operation);
        assert_eq!(operation["responses"].get("401").is_none(), open && !gives_tokens, "{}", route.operation);
        assert!(operation["responses"].get("503").is_some(), "{}", route.operation);
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let in_path = parameters.filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(in_path, route.path.matches('{').count(), "{}", route.operation);
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = written(&AuthConfig::new(SECRET));
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 40, "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn the_document_follows_the_settings() {
    let mut config = AuthConfig::new(SECRET);
    config.paths.auth = "/v1/auth".into();
    config.public_url = crate::config::PublicUrl::parse("https://auth.example.com").ok();
    config.profile = Profile::Strict;
    config.password_min_length = 20;
    config.allow_guests = true;
    let document = written(&config);
    assert_eq!(document["servers"][0]["url"], "https://auth.example.com");
    let scheme = &document["components"]["securitySchemes"][SCHEME];
    assert_eq!(scheme["flows"]["password"]["tokenUrl"], "/v1/auth/jwt/login");
    assert_eq!(document["components"]["schemas"]["NewPassword"]["minLength"], 20);
    let register = &document["paths"]["/v1/auth/register"]["post"]["responses"];
    assert!(register.get("202").is_some() && register.get("201").is_none());
    assert!(document["paths"]["/v1/auth/guest"]["post"]["responses"].get("404").is_none());
    let poll = &document["paths"]["/v1/auth/cli-login/{code}"]["get"];
    assert!(poll["parameters"].as_array().unwrap().iter().all(|parameter| parameter["in"] != "query"));
}
