//! Two answers to the same request, compared by the rules of the contract.
//!
//! Equal must be: the status, the content type, the body with its placeholders, a redirect's target, and an `Allow` header.
//! Further headers are fine. Looser than equal, each for a stated reason:
//!
//! * `uuid_parsing`: the message and its context differ between versions of the seed's own libraries, so type and place count.
//! * `json_invalid`: the parser's words are its own; type and place count.
//! * `input` of a validation error: the seed repeats there what was sent, passwords included. Ours may send nothing instead
//!   (`null`, `{}`, `[]`, or no such member); anything it does send must be equal.

use serde_json::Value;

use super::answer::Answer;
use super::world::World;

/// One thing that is not the same.
#[derive(Debug)]
pub struct Deviation {
    /// `status`, `content-type`, `allow`, `location`, `body`, `www-authenticate` or `cache-control`.
    pub what: &'static str,
    /// The seed's side.
    pub seed: String,
    /// The other side.
    pub ours: String,
}

impl std::fmt::Display for Deviation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n    seed: {}\n    ours: {}", self.what, self.seed, self.ours)
    }
}

/// Compares two answers; an empty list means that a client cannot tell them apart by anything the contract promises.
pub fn compare(seed: (&Answer, &World), ours: (&Answer, &World)) -> Vec<Deviation> {
    let ((seed, seed_world), (ours, our_world)) = (seed, ours);
    let mut deviations = Vec::new();
    let mut check = |what, seed: String, ours: String| {
        if seed != ours {
            deviations.push(Deviation { what, seed, ours });
        }
    };
    check("status", seed.status.to_string(), ours.status.to_string());
    check("content-type", format!("{:?}", seed.header("content-type")), format!("{:?}", ours.header("content-type")));
    check(
        "location",
        format!("{:?}", seed.masked_location(seed_world)),
        format!("{:?}", ours.masked_location(our_world)),
    );
    check("allow", format!("{:?}", seed.header("allow")), format!("{:?}", ours.header("allow")));
    let (seed_body, our_body) = (seed.masked_body(seed_world), ours.masked_body(our_world));
    let (seed_body, our_body) = if seed.is_validation() && ours.is_validation() {
        comparable_validation(seed_body, our_body)
    } else {
        (seed_body, our_body)
    };
    check("body", seed_body.to_string(), our_body.to_string());
    deviations
}

/// What ours owes on top of the seed: where to authenticate on a 401, and that a token is not to be stored.
pub fn owed(ours: &Answer) -> Vec<Deviation> {
    let mut deviations = Vec::new();
    if ours.status == 401 && !ours.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")) {
        let ours = format!("{:?}", ours.header("www-authenticate"));
        deviations.push(Deviation { what: "www-authenticate", seed: "none; ours owes Bearer".into(), ours });
    }
    if ours.is_token() && !ours.header("cache-control").is_some_and(|value| value.contains("no-store")) {
        let ours = format!("{:?}", ours.header("cache-control"));
        deviations.push(Deviation { what: "cache-control", seed: "none; ours owes no-store".into(), ours });
    }
    deviations
}

fn is_nothing(input: &Value) -> bool {
    match input {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn comparable_validation(mut seed: Value, mut ours: Value) -> (Value, Value) {
    let (Some(seeds), Some(others)) = (seed["detail"].as_array_mut(), ours["detail"].as_array_mut()) else {
        return (seed, ours);
    };
    for (index, error) in seeds.iter_mut().enumerate() {
        let Some(other) = others.get_mut(index) else { break };
        if error["type"] == "uuid_parsing" || error["type"] == "json_invalid" {
            for side in [&mut *error, &mut *other] {
                if let Some(members) = side.as_object_mut() {
                    members.retain(|name, _| name == "type" || name == "loc");
                }
            }
        }
        if let (Some(error), Some(other)) = (error.as_object_mut(), other.as_object_mut())
            && other.get("input").is_none_or(is_nothing)
        {
            error.remove("input");
            other.remove("input");
        }
    }
    (seed, ours)
}
